import { expect, test } from "vitest";
import { createGraph, ndjson } from "../load/load-fixture.js";

const SCHEMA = "node Note { slug: String @key rank: I32 text: String? }";
const note = (at: number, text: string | null) => ({ type: "Note", data: { slug: `n${String(at).padStart(5, "0")}`, rank: at, text } });

test("EX-5 ranges over fragments with deleted and rewritten rows give every row once", async () => {
  await using fixture = await createGraph(SCHEMA);
  const { graph } = fixture;
  for (const start of [0, 700, 1400]) {
    const notes = Array.from({ length: 700 }, (_, at) => note(start + at, (start + at) % 5 === 0 ? "x".repeat(20_000) : null));
    await graph.load(ndjson(...notes), { mode: "append" });
  }
  await graph.mutate("query thin() { delete Note where rank < 300 }");
  await graph.load(ndjson(note(650, "again"), note(1999, "again")), { mode: "merge" });
  const chunks: Uint8Array[] = [];
  for await (const chunk of graph.exportJsonl()) chunks.push(chunk);
  const found = Buffer.concat(chunks).toString().trim().split("\n").map((line) => (JSON.parse(line) as { data: { rank: number; text: string | null } }).data);
  expect(found.map(({ rank }) => rank)).toEqual(Array.from({ length: 1800 }, (_, at) => 300 + at));
  expect(found.filter(({ text }) => text === "again").map(({ rank }) => rank)).toEqual([650, 1999]);
});
