import { floatText } from "@omnigraphdb/api-types";
import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { splitBaseline } from "./baseline-stream.js";
import { decodeReadAnswer } from "./read-answer.js";
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
    const values = fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })));
    fc.assert(
      fc.property(values, (cells) => {
        const texts = cells.map((cell) => (typeof cell === "bigint" ? String(cell) : floatText(cell)));
        const result = decodeReadAnswer(`{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":1,"columns":["l"],"rows":[{"l":[${texts.join(",")}]}]}`);
        expect(result.cell(0, 0)).toEqual(cells);
      }),
    );
  });

  test("may have columns of any name, and the same twice (RS-3)", () => {
    const result = decodeReadAnswer('{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":1,"columns":["__proto__","a","a"],"rows":[{"__proto__":1,"a":2}]}');
    expect([0, 1, 2].map((column) => result.cell(0, column))).toEqual([1n, 2n, 2n]);
  });

  test.each(["[]", "{}", "<html>", "", '{"query_name":"q"}', "null"])("%s is none", (text) => {
    expect(() => decodeReadAnswer(text)).toThrow();
  });
});
