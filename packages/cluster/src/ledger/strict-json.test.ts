import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonShapeError } from "../storage/json-shape.js";
import { parseStrictJson } from "./strict-json.js";

describe("cluster.md §6.1 JSON of the control plane is strict", () => {
  test.each([
    ['{"a": 1, "a": 2}', "'a' stands there twice"],
    ['{"a": 1, "b": [{}, {"c": {}, "d": "}", "c": 0}]}', "'c' stands there twice"],
    [String.raw`{"a\"": 1, "b": ["\\", "x"], "\u0061\u0022": 2}`, `'a"' stands there twice`],
    ['{"__proto__": 1, "__proto__": 2}', "'__proto__' stands there twice"],
  ])("%s", (text, message) => {
    expect(() => parseStrictJson(text)).toThrow(new JsonShapeError("", message));
  });

  test("whatever JSON can say once, it may say", () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 2), (text, indent) => {
      const value: unknown = JSON.parse(text);
      expect(parseStrictJson(JSON.stringify(value, null, indent))).toEqual(value);
    }), { numRuns: 300, seed: 20_260_101 });
  });

  test("100,000 brackets", () => {
    expect(parseStrictJson(`${"[".repeat(100_000)}${"]".repeat(100_000)}`)).toBeInstanceOf(Array);
  });
});
