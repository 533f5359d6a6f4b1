import { expect, test } from "vitest";
import { EXPORT_CHUNK_BYTES } from "../../src/export/export-jsonl.js";
import { sortRowsById } from "../../src/export/sorted-rows.js";
import type { RowBatch } from "../../src/columnar/column.js";
import { BytesBuilder } from "../../src/columnar/column-builder.js";
import { readCell } from "../../src/columnar/read-cell.js";
import { requireColumn } from "../../src/columnar/row-batch.js";
import { makeTempDir } from "@omnigraphdb/testkit";
import { readdir } from "node:fs/promises";
import { contentOf, createGraph, failureOf, ndjson } from "../load/load-fixture.js";

const SCHEMA = `
node Book { isbn: String @key  cover: Blob?  text: String? }
node Person { name: String }
node Tag { label: String @key }
edge Wrote: Person -> Book { year: I32? }
edge Marks: Tag -> Book
`;

const RECORDS = [
  { type: "Person", data: { id: "p2", name: "Ursula" } },
  { type: "Person", data: { id: "p1", name: "Iain" } },
  { type: "Book", data: { isbn: "b", cover: "base64:AAE=" } },
  { type: "Book", data: { isbn: "a" } },
  { type: "Book", data: { isbn: "ä" } },
  { type: "Book", data: { isbn: "😀" } },
  { type: "Book", data: { isbn: "\uffee" } },
  { type: "Tag", data: { label: "t" } },
  { edge: "Wrote", from: "p1", to: "b", data: { id: "w2", year: 1990 } },
  { edge: "Wrote", from: "p2", to: "a", data: { id: "w1" } },
  { edge: "Marks", from: "t", to: "a", data: { id: "m" } },
];

test("API-17 an export that is read on after close ends with GraphClosed and leaves no files", async () => {
  await using staging = await makeTempDir();
  await using fixture = await createGraph(SCHEMA, { settings: { stagingDirectory: staging.path } });
  const text = "x".repeat(EXPORT_CHUNK_BYTES);
  await fixture.graph.load(ndjson(...["a", "b", "c"].map((isbn) => ({ type: "Book", data: { isbn, text } }))), { mode: "append" });
  const chunks = fixture.graph.exportJsonl();
  expect((await chunks.next()).done).toBe(false);
  await fixture.graph.close();
  expect((await failureOf(chunks.next())).code).toBe("GRAPH_CLOSED");
  expect(await readdir(staging.path)).toEqual([]);
});

test("EX-2 EX-3 EX-5 EX-6 types by key, so edges first; ids by code point; explicit ids kept", async () => {
  await using fixture = await createGraph(SCHEMA);
  await fixture.graph.load(ndjson(...RECORDS), { mode: "append" });
  expect((await contentOf(fixture.graph)).split("\n")).toEqual([
    '{"edge":"Marks","from":"t","to":"a","data":{"id":"m"}}',
    '{"edge":"Wrote","from":"p2","to":"a","data":{"id":"w1","year":null}}',
    '{"edge":"Wrote","from":"p1","to":"b","data":{"id":"w2","year":1990}}',
    '{"type":"Book","data":{"id":"a","cover":null,"isbn":"a","text":null}}',
    '{"type":"Book","data":{"id":"b","cover":"base64:AAE=","isbn":"b","text":null}}',
    '{"type":"Book","data":{"id":"ä","cover":null,"isbn":"ä","text":null}}',
    '{"type":"Book","data":{"id":"\uffee","cover":null,"isbn":"\uffee","text":null}}',
    '{"type":"Book","data":{"id":"😀","cover":null,"isbn":"😀","text":null}}',
    '{"type":"Person","data":{"id":"p1","name":"Iain"}}',
    '{"type":"Person","data":{"id":"p2","name":"Ursula"}}',
    '{"type":"Tag","data":{"id":"t","label":"t"}}',
    "",
  ]);
});

test("EX-1 EX-4 a chosen type, and a past version", async () => {
  await using fixture = await createGraph(SCHEMA);
  const { commit } = await fixture.graph.load(ndjson(...RECORDS), { mode: "append" });
  await fixture.graph.mutate('query q() { delete Tag where label = "t" }');
  const parts: Uint8Array[] = [];
  for await (const chunk of fixture.graph.exportJsonl({ typeNames: ["Tag", "Marks"], target: { snapshot: commit.graphCommitId } })) parts.push(chunk);
  expect(Buffer.concat(parts).toString()).toBe('{"edge":"Marks","from":"t","to":"a","data":{"id":"m"}}\n{"type":"Tag","data":{"id":"t","label":"t"}}\n');
  const error = await failureOf(fixture.graph.exportJsonl({ typeNames: ["Nope"] }).next());
  expect(error).toMatchObject({ code: "UNKNOWN_EXPORT_TYPE", category: "invalid" });
  expect(error.message).toBe("unknown export type 'Nope'");
});

test("EX-7 chunks are whole lines of at most 64 KiB; a larger row is a chunk of its own", async () => {
  await using fixture = await createGraph(SCHEMA);
  const books = Array.from({ length: 300 }, (_, i) => ({ type: "Book", data: { isbn: `i${i}`, text: "x".repeat(i === 7 ? 200_000 : 1_000) } }));
  await fixture.graph.load(ndjson(...books), { mode: "append" });
  const sizes: number[] = [];
  for await (const chunk of fixture.graph.exportJsonl()) {
    expect(chunk.at(-1)).toBe(0x0a);
    sizes.push(chunk.length);
  }
  expect(sizes.filter((size) => size > EXPORT_CHUNK_BYTES)).toEqual([expect.closeTo(200_000, -3)]);
  expect(sizes.length).toBeLessThan(12);
});

test("EX-1 export and load into an empty graph give the same export", async () => {
  await using original = await createGraph(SCHEMA);
  await original.graph.load(ndjson(...RECORDS), { mode: "append" });
  const content = await contentOf(original.graph);
  await using copy = await createGraph(SCHEMA);
  await copy.graph.load(content, { mode: "append" });
  expect(await contentOf(copy.graph)).toBe(content);
});

test("EX-7 rows are sorted in runs that wait in files, which are removed also after a break", async () => {
  await using staging = await makeTempDir();
  const settings = { directory: staging.path, memoryBytes: 0 };
  const ids = Array.from({ length: 30_000 }, (_, i) => `k${(i * 7_919) % 30_000}`);
  async function* batches(): AsyncGenerator<RowBatch> {
    for (let start = 0; start < ids.length; start += 1_000) {
      const builder = new BytesBuilder("utf8");
      for (const id of ids.slice(start, start + 1_000)) builder.appendCell(id);
      yield await Promise.resolve({ rowCount: 1_000, columns: new Map([["id", builder.freeze()]]) });
    }
  }
  const sorted: unknown[] = [];
  for await (const { batch, row } of sortRowsById(batches(), settings, 40_000)) sorted.push(readCell(requireColumn(batch, "id"), row));
  expect(sorted).toEqual([...ids].sort());
  for await (const _ of sortRowsById(batches(), settings, 40_000)) break;
  expect(await readdir(staging.path)).toEqual([]);
});

test("EX-9 writers proceed during an export, which goes on showing its snapshot", async () => {
  await using fixture = await createGraph(SCHEMA);
  const { graph } = fixture;
  const text = "x".repeat(EXPORT_CHUNK_BYTES);
  await graph.load(ndjson(...["a", "b", "c"].map((isbn) => ({ type: "Book", data: { isbn, text } }))), { mode: "append" });
  const before = await contentOf(graph);
  const chunks = graph.exportJsonl();
  const parts: Uint8Array[] = [];
  const first = await chunks.next();
  if (first.done !== true) parts.push(first.value);
  await graph.load(ndjson({ type: "Book", data: { isbn: "d" } }), { mode: "append" });
  await graph.mutate('query q() { delete Book where isbn = "c" }');
  for await (const chunk of chunks) parts.push(chunk);
  expect(Buffer.concat(parts).toString("utf8")).toBe(before);
  expect(await contentOf(graph)).not.toBe(before);
});
