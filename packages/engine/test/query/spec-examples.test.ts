import { isOmniError } from "@omnigraphdb/common";
import { parseDateText, parseDateTimeText, parseParametersJson } from "@omnigraphdb/compiler";
import { fixtureRecords, fixtureSchema, readExamples } from "@omnigraphdb/compiler/test-support";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import type { Cell } from "../../src/columnar/read-cell.js";
import { resultRows } from "../../src/result/result-rows.js";
import { QueryGraph, type TestEntity } from "../../test-support/query-graph.js";

let directory: TempDir;
let graph: QueryGraph;

beforeAll(async () => {
  directory = await makeTempDir();
  graph = await QueryGraph.create(directory.path, fixtureSchema(), fixtureRecords().map(entityOf));
});

afterAll(async () => {
  await graph[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** A load record as stored cells. */
function entityOf(record: Readonly<Record<string, unknown>>): TestEntity {
  const data = record["data"] as Record<string, unknown>;
  const cells = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, cellOf(name, value)]));
  if ("edge" in record) return { type: String(record["edge"]), id: String(data["id"]), from: String(record["from"]), to: String(record["to"]), cells };
  return { type: String(record["type"]), id: String(data["handle"] ?? data["isbn"]), cells };
}

function cellOf(name: string, value: unknown): Cell {
  if (name === "born" || name === "since") return parseDateText(String(value)) as number;
  if (name === "released") return BigInt(parseDateTimeText(String(value)) as number);
  if (name === "vec") return Float32Array.from(value as number[]);
  return value as Cell;
}

function normalized(rows: Iterable<Readonly<Record<string, unknown>>>): unknown[] {
  return JSON.parse(JSON.stringify([...rows], (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value))) as unknown[];
}

const sorted = (rows: unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

const examples = readExamples().filter(({ id }) => /^[eo]\d/.test(id));

test("every read example of §7 and §8 is found", () => {
  expect(examples.map(({ id }) => id)).toEqual([...Array.from({ length: 37 }, (_, i) => `e${i + 1}`), ...Array.from({ length: 6 }, (_, i) => `o${i + 1}`)]);
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
