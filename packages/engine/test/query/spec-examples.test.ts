import { isOmniError } from "@omnigraphdb/common";
import { parseParametersJson } from "@omnigraphdb/compiler";
import { readExamples } from "@omnigraphdb/compiler/test-support";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import { resultRows } from "../../src/result/result-rows.js";
import type { QueryGraph } from "../../test-support/query-graph.js";
import { createSpecGraph } from "../../test-support/spec-fixture.js";

let directory: TempDir;
let graph: QueryGraph;

beforeAll(async () => {
  directory = await makeTempDir();
  graph = await createSpecGraph(directory.path);
});

afterAll(async () => {
  await graph[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

function normalized(rows: Iterable<Readonly<Record<string, unknown>>>): unknown[] {
  return JSON.parse(JSON.stringify([...rows], (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value))) as unknown[];
}

const sorted = (rows: unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

const examples = readExamples().filter(({ id }) => /^[eosnbrc]\d/.test(id));

test("every read example of §7, §8 and §9 is found", () => {
  const counts = { e: 37, o: 6, s: 6, n: 3, b: 1, r: 2, c: 5 };
  expect(examples.map(({ id }) => id)).toEqual(Object.entries(counts).flatMap(([letter, count]) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`)));
});

describe.each(["cold", "warm"] as const)("query specification, %s caches", (temperature) => {
  test.each(examples.map((example) => [example.id, example] as const))("%s", async (_, { source, parameters, expected }) => {
    const options = { params: parseParametersJson(parameters), caches: temperature === "cold" ? new GraphCaches(1 << 26) : graph.caches };
    if (expected.kind === "error") {
      await expect(graph.run(source, options)).rejects.toSatisfy(isOmniError);
      return;
    }
    const rows = normalized(resultRows(await graph.run(source, options)));
    if (expected.kind === "seq") expect(rows).toEqual(expected.rows);
    else expect(sorted(rows)).toEqual(sorted([...expected.rows]));
  });
});
