import type { Column, QueryResult } from "@omnigraphdb/engine";
import { describe, expect, test } from "vitest";
import { readOutputResponse } from "./json-rows.js";

type Base = QueryResult["columns"][number]["type"]["base"];

function column(name: string, base: Base["kind"], values: Column): QueryResult["columns"][number] {
  const type = { base: { kind: base, ...(base === "Vector" ? { dimension: 2 } : {}) } as Base, isList: values.kind === "list", isNullable: true };
  return { name, type, values };
}

function resultOf(columns: QueryResult["columns"], rowCount = columns[0]?.values.length ?? 0): QueryResult {
  return { queryName: "q", target: { branch: "main", snapshot: null }, graphCommitId: "01J8Z5W6T4Q8M3N2K1H0G9F8E7", rowCount, columns };
}

function utf8(...texts: readonly string[]): Column {
  const bytes = new TextEncoder().encode(texts.join(""));
  const offsets = Int32Array.from([0, ...texts.map((_, at) => Buffer.byteLength(texts.slice(0, at + 1).join("")))]);
  return { kind: "utf8", length: texts.length, validity: undefined, offsets, bytes };
}

const f64 = (...values: readonly number[]): Column => ({ kind: "f64", length: values.length, validity: undefined, values: Float64Array.from(values) });

async function textOf(result: QueryResult, hasCommitId = true): Promise<string> {
  return readOutputResponse(result, { hasCommitId }).toStandard().text();
}

describe("read output", () => {
  test("9.1.3 members stand in the order of the specification", async () => {
    expect(await textOf(resultOf([column("c.name", "String", utf8("Nordlicht GmbH"))]))).toBe(
      '{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":1,"columns":["c.name"],"rows":[{"c.name":"Nordlicht GmbH"}],"graph_commit_id":"01J8Z5W6T4Q8M3N2K1H0G9F8E7"}',
    );
  });

  test("9.2 the frozen shape has no commit id; columns are left out when there are none", async () => {
    expect(await textOf(resultOf([], 2), false)).toBe('{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":2,"rows":[{},{}]}');
    expect(await textOf(resultOf([column("a", "String", utf8())]), false)).toBe('{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":0,"columns":["a"],"rows":[]}');
  });

  test.each<[string, Base["kind"], Column, string]>([
    ["floats keep a point", "F64", f64(1), "1.0"],
    ["the sign of zero stays", "F64", f64(-0), "-0.0"],
    ["large floats", "F64", f64(1e16), "1e16"],
    ["NaN", "F64", f64(NaN), '"NaN"'],
    ["infinity", "F64", f64(-Infinity), '"-Infinity"'],
    ["I32", "I32", { kind: "i32", length: 1, validity: undefined, values: Int32Array.of(-7) }, "-7"],
    ["I64 at full width", "I64", { kind: "i64", length: 1, validity: undefined, values: BigInt64Array.of(9_007_199_254_740_993n) }, "9007199254740993"],
    ["U64 at full width", "U64", { kind: "u64", length: 1, validity: undefined, values: BigUint64Array.of(18_446_744_073_709_551_615n) }, "18446744073709551615"],
    ["null", "I32", { kind: "i32", length: 1, validity: Uint8Array.of(0), values: Int32Array.of(7) }, "null"],
    ["Bool", "Bool", { kind: "bool", length: 1, validity: undefined, bits: Uint8Array.of(1) }, "true"],
    ["Date", "Date", { kind: "date", length: 1, validity: undefined, values: Int32Array.of(0) }, '"1970-01-01"'],
    ["DateTime", "DateTime", { kind: "datetime", length: 1, validity: undefined, values: BigInt64Array.of(1n) }, '"1970-01-01T00:00:00.001Z"'],
    ["text with quotes, controls and a byte order mark", "String", utf8('\ufeff"\n\u0000é😀'), '"\ufeff\\"\\n\\u0000é😀"'],
    ["list of floats", "F64", { kind: "list", length: 1, validity: undefined, offsets: Int32Array.of(0, 2), items: f64(1, NaN) }, '[1.0,"NaN"]'],
    ["vector", "Vector", { kind: "vector", length: 1, validity: undefined, dimension: 2, values: Float32Array.of(0.5, 2) }, "[0.5,2.0]"],
  ])("20.1 %s", async (_name, base, values, expected) => {
    const text = await textOf(resultOf([column("v", base, values)]));
    expect(text).toContain(`"rows":[{"v":${expected}}]`);
  });

  test("RS-3 a later column of the same name replaces the value of the earlier one", async () => {
    const text = await textOf(resultOf([column("a", "String", utf8("first")), column("b", "String", utf8("b")), column("a", "String", utf8("last"))]));
    expect(text).toContain('"columns":["a","b","a"],"rows":[{"a":"last","b":"b"}]');
  });

  test("names such as __proto__ are members like any other", async () => {
    const text = await textOf(resultOf([column("__proto__", "String", utf8("x"))]));
    expect(text).toContain('"rows":[{"__proto__":"x"}]');
  });

  test("a large result is written while the client takes it and is the same text", async () => {
    const rowCount = 40_000;
    const result = resultOf([column("v", "F64", { kind: "f64", length: rowCount, validity: undefined, values: new Float64Array(rowCount).fill(0.5) })]);
    const document = JSON.parse(await textOf(result)) as { row_count: number; rows: readonly { v: number }[] };
    expect(document.row_count).toBe(rowCount);
    expect(document.rows.length).toBe(rowCount);
    expect(document.rows.every(({ v }) => v === 0.5)).toBe(true);
  });
});
