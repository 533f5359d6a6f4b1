import { floatText } from "@omnigraphdb/api-types";
import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { splitBaseline } from "./baseline-stream.js";
import type { ReadResult } from "../read-result.js";
import { decodeAtOnce, decodeCells, decodeReadAnswer } from "./read-answer.js";
import { wholeLines } from "./whole-lines.js";

const truncated = (): Error => new Error("truncated");

async function* pieces(text: string, ...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  await Promise.resolve();
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const size = Math.max(1, sizes[index % sizes.length] ?? bytes.length);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function baselineOf(text: string, ...sizes: readonly number[]): Promise<{ readonly records: string; readonly handshakes: readonly unknown[] }> {
  const records: Uint8Array[] = [];
  const handshakes: unknown[] = [];
  for await (const chunk of splitBaseline(pieces(text, ...sizes), truncated)) {
    if (chunk.kind === "records") records.push(chunk.bytes);
    else handshakes.push(chunk.handshake);
  }
  return { records: Buffer.concat(records).toString(), handshakes };
}

const LAST = '{"baseline":{"snapshot_commit_id":"01J8","resume_cursor":"abc"}}\n';

describe("a baseline (18.7)", () => {
  test("in pieces of any size is its records and its last line", async () => {
    const line = fc.string().map((text) => `${JSON.stringify({ type: "X", data: { text } })}\n`);
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), async (lines, sizes) => {
        const found = await baselineOf(lines.join("") + LAST, ...sizes);
        expect(found).toEqual({ records: lines.join(""), handshakes: [{ snapshotCommitId: "01J8", resumeCursor: "abc" }] });
      }),
    );
  });

  test.each([["nothing", ""], ["records only", '{"type":"X"}\n'], ["half a last line", LAST.slice(0, -1)], ["a last line cut in the middle", `{"type":"X"}\n${LAST.slice(0, 30)}`], ["a last line and more", `${LAST}{"ty`]])(
    "that ends with %s is none",
    async (_what, text) => {
      for (const size of [1, 7, 1_000]) await expect(baselineOf(text, size)).rejects.toThrow();
    },
  );
});

test("an NDJSON body that ends in the middle of a line is cut off", async () => {
  const read = async (text: string): Promise<string> => {
    let all = "";
    for await (const chunk of wholeLines(pieces(text, 3), truncated)) all += new TextDecoder().decode(chunk);
    return all;
  };
  expect(await read('{"a":1}\n{"b":2}\n')).toBe('{"a":1}\n{"b":2}\n');
  expect(await read("")).toBe("");
  await expect(read('{"a":1}\n{"b"')).rejects.toThrow("truncated");
});

describe("a read's answer (1.7)", () => {
  test("keeps integers and floats apart by how they are written", () => {
    const result = decodeReadAnswer(
      '{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":1,"columns":["i","f","n","e","l","s"],"rows":[{"i":9007199254740993,"f":1.0,"n":-0.0,"e":1e16,"l":[1,2.0,null],"s":"1"}]}',
    );
    expect(result.columns.map((_name, column) => result.cell(0, column))).toEqual([9007199254740993n, 1, -0, 1e16, [1n, 2, null], "1"]);
    expect(result.graphCommitId).toBeUndefined();
  });

  test("gives back every float and every 64-bit integer as the server writes them", () => {
    const floats = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }));
    const integers = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    fc.assert(
      fc.property(floats, integers, (f, i) => {
        const result = decodeReadAnswer(`{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":1,"columns":["f","i"],"rows":[{"f":[${f.map(floatText).join(",")}],"i":[${i.join(",")}]}]}`);
        expect([result.cell(0, 0), result.cell(0, 1)]).toEqual([f, i]);
      }),
    );
  });

  test("is the same whether it is decoded at once or number by number", () => {
    const name = fc.oneof(fc.constantFrom("n", "a.b", "__proto__", 'q"', "x\\", '{"n":1'), fc.string());
    const float = fc.oneof(fc.constantFrom('"NaN"', '"Infinity"'), fc.double({ noNaN: true, noDefaultInfinity: true }).map(floatText), fc.integer().map((value) => floatText(value)));
    const text = fc.oneof(fc.constantFrom('{"n":1}', ',"n":7', "1234567890123456789"), fc.string()).map((value) => JSON.stringify(value));
    const scalar = fc.constantFrom(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), fc.integer().map(String), float, text, fc.constantFrom("true", "false"));
    const column = fc.tuple(scalar, fc.boolean()).chain(([cell, isList]) => {
      const value = isList ? fc.array(cell, { maxLength: 3 }).map((items) => `[${items.join(",")}]`) : cell;
      return fc.tuple(name, fc.array(fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant("null") }), { minLength: 3, maxLength: 3 }));
    });
    fc.assert(
      fc.property(fc.uniqueArray(column, { maxLength: 4, selector: ([key]) => key }), (columns) => {
        const rows = [0, 1, 2].map((row) => `{${columns.map(([key, values]) => `${JSON.stringify(key)}:${values[row] ?? "null"}`).join(",")}}`);
        const answer = `{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":3,"columns":${JSON.stringify(columns.map(([key]) => key))},"rows":[${rows.join(",")}]}`;
        const cellsOf = (result: ReadResult): unknown => rows.map((_row, row) => columns.map((_column, index) => result.cell(row, index)));
        const atOnce = decodeAtOnce(answer);
        if (atOnce !== undefined) expect(cellsOf(atOnce)).toEqual(cellsOf(decodeCells(answer)));
      }),
      { numRuns: 500 },
    );
  });

  test("of long texts and of fractions is decoded at once, of long integers number by number", () => {
    const answer = (cell: string): string => `{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":1,"columns":["c"],"rows":[{"c":${cell}}]}`;
    expect(["0.12345678901234567", "12", "2.0", '"text"', "null", "[1,2]"].map((cell) => decodeAtOnce(answer(cell)) !== undefined)).toEqual([true, true, true, true, true, true]);
    expect([decodeAtOnce(answer("9007199254740993")), decodeAtOnce(answer("12").replaceAll(":", ": "))]).toEqual([undefined, undefined]);
    expect(decodeReadAnswer(answer("12").replaceAll(":", ": ")).cell(0, 0)).toBe(12n);
  });

  test("may have columns of any name, and the same twice (RS-3)", () => {
    const result = decodeReadAnswer('{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":1,"columns":["__proto__","a","a"],"rows":[{"__proto__":1,"a":2}]}');
    expect([0, 1, 2].map((column) => result.cell(0, column))).toEqual([1n, 2n, 2n]);
    const complete = decodeReadAnswer('{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":1,"columns":["a","a"],"rows":[{"a":2}],"replaced":[{"column":0,"cells":[1.0]}]}');
    expect([0, 1].map((column) => complete.cell(0, column))).toEqual([1, 2n]);
  });

  test.each(["[]", "{}", "<html>", "", '{"query_name":"q"}', "null"])("%s is none", (text) => {
    expect(() => decodeReadAnswer(text)).toThrow();
  });
});
