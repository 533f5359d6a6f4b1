import { parseDateText, parseDateTimeText } from "@omnigraphdb/compiler";
import { fixtureRecords, fixtureSchema } from "@omnigraphdb/compiler/test-support";
import type { Cell } from "../src/columnar/read-cell.js";
import { QueryGraph, type TestEntity } from "./query-graph.js";

/** The graph of query specification §18 as real datasets. */
export function createSpecGraph(root: string): Promise<QueryGraph> {
  return QueryGraph.create(root, fixtureSchema(), fixtureRecords().map(entityOf));
}

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
