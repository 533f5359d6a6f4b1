import fc from "fast-check";
import { LosslessNumber } from "lossless-json";
import { describe, expect, test } from "vitest";
import { JsonTextError } from "../errors/json-errors.js";
import { decodeUtf8 } from "./decode-utf8.js";
import { JSON_DEPTH_MAX, parseAnswerJson, parseJson } from "./parse-json.js";
import { stringifyJson } from "./stringify-json.js";

function refusalOf(parse: () => unknown): JsonTextError {
  try {
    parse();
  } catch (error) {
    if (error instanceof JsonTextError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

describe("1.7, H3 numbers keep every digit", () => {
  test.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9223372036854775808", -9223372036854775808n],
    ["18446744073709551615", 18446744073709551615n],
    ["0", 0],
    ["-0", -0],
    ["0.1", 0.1],
    ["-12.5", -12.5],
  ])("%s", (text, expected) => {
    expect(parseJson(text)).toBe(expected);
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  test.each(["1.0", "1e400", "0.10", "1E2", "-0.0", "0.1000000000000000055511151231257827", "9".repeat(5_000)])("%.40s stays text", (text) => {
    expect(parseJson(text)).toEqual(new LosslessNumber(text));
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  test("cells: integers are bigint, what shows a point or an exponent is a number", () => {
    expect(parseJson('[1, 9007199254740993, 1.0, 1e3, -0.0, "1"]', "cells")).toEqual([1n, 9007199254740993n, 1, 1000, -0, "1"]);
  });

  test("a server's answer keeps long integers and is quick where there are none", () => {
    expect(parseAnswerJson('{"a":9007199254740993,"b":0.14285714285714285}')).toEqual({ a: 9007199254740993n, b: 0.14285714285714285 });
    expect(parseAnswerJson('{"a":1.50}')).toEqual({ a: 1.5 });
    expect(() => parseAnswerJson("<html>")).toThrow(JsonTextError);
  });

  test("what JSON cannot express is not printed", () => {
    expect(() => stringifyJson({ a: Number.NaN })).toThrow(TypeError);
    expect(() => stringifyJson(undefined)).toThrow(TypeError);
    expect(stringifyJson({ a: undefined, b: [undefined], c: 1n })).toBe('{"b":[null],"c":1}');
  });
});

describe("1.5 what a request may not hold", () => {
  test.each([
    ["", "syntax"],
    ["{", "syntax"],
    ["{]", "syntax"],
    ['{"a"}', "syntax"],
    ['{"a":1,}', "syntax"],
    ["[1,]", "syntax"],
    ["01", "syntax"],
    ["+1", "syntax"],
    [".5", "syntax"],
    ["1.", "syntax"],
    ["NaN", "syntax"],
    ["nul", "syntax"],
    ["truex", "syntax"],
    ["'a'", "syntax"],
    ['"a', "syntax"],
    ['"\\x"', "syntax"],
    ['"\\', "syntax"],
    ['"\\"', "syntax"],
    ['"a\nb"', "syntax"],
    ["1 2", "syntax"],
    ["\ufeff{}", "syntax"],
    ['{"a":1,"a":2}', "duplicateKey"],
    ['{"a":1,"\\u0061":2}', "duplicateKey"],
    ['{"__proto__":1,"__proto__":2}', "duplicateKey"],
    ['"\\ud800"', "encoding"],
    ['"\\udc00\\ud800"', "encoding"],
    ["[".repeat(JSON_DEPTH_MAX + 1), "depth"],
    ['{"a":'.repeat(200_000), "depth"],
  ])("%.30s: %s", (text, problem) => {
    const error = refusalOf(() => parseJson(text));
    expect(error.problem).toBe(problem);
    expect(error.httpStatus).toBe(400);
    expect(error.message.length).toBeLessThan(200);
  });

  test("the deepest that is accepted", () => {
    expect(() => parseJson("[".repeat(JSON_DEPTH_MAX) + "]".repeat(JSON_DEPTH_MAX))).not.toThrow();
  });

  test("members named like parts of the prototype are data", () => {
    const value = parseJson('{"__proto__":{"isAdmin":true},"constructor":1,"toString":2,"hasOwnProperty":3}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor", "toString", "hasOwnProperty"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value["isAdmin"]).toBeUndefined();
    expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
    expect(stringifyJson(value)).toBe('{"__proto__":{"isAdmin":true},"constructor":1,"toString":2,"hasOwnProperty":3}');
  });

  test("bytes that are no UTF-8", () => {
    expect(refusalOf(() => decodeUtf8(Uint8Array.of(0x22, 0xc3, 0x28, 0x22))).httpStatus).toBe(400);
    expect(decodeUtf8(new TextEncoder().encode("ü😀"))).toBe("ü😀");
  });

  test("time grows with the text, whatever it repeats", () => {
    const size = 200_000;
    const texts = [`"${"\\\\".repeat(size)}"`, `"${'\\"'.repeat(size)}"`, `[${"1,".repeat(size)}1]`, "9".repeat(size), `{${Array.from({ length: 50_000 }, (_, at) => `"k${at}":1`).join(",")}}`];
    const start = performance.now();
    for (const text of texts) parseJson(text);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

test("agrees with the built-in parser on everything that it prints", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(text.isWellFormed() && !/\\ud[89a-f]/i.test(text));
      const printed = stringifyJson(parseJson(text));
      expect(JSON.parse(printed)).toEqual(JSON.parse(text));
      expect(parseJson(JSON.stringify(value, null, 2))).toEqual(parseJson(text));
    }),
  );
});
