import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RpcError } from "../rpc/rpc-error.js";
import { checkArguments } from "./check-arguments.js";
import { argumentsOf } from "./schema.js";

const SCHEMA = argumentsOf(
  {
    text: { type: "string" },
    digits: { type: "string", pattern: "^-?\\d+$" },
    whole: { type: "integer", minimum: 1 },
    real: { type: ["number", "null"] },
    items: { type: "array", items: { type: "string", enum: ["a", "b"] }, minItems: 2, maxItems: 2 },
    any: { type: "object" },
  },
  ["text"],
);

describe("server §12.6 step 2", () => {
  test.each<[object, string]>([
    [{}, "argument 'text' is missing"],
    [{ text: null }, "argument 'text' must be a string"],
    [{ text: "", digits: "1e3" }, "argument 'digits' must be an integer in decimal digits, as text"],
    [{ text: "", digits: "12\n" }, "argument 'digits' must be an integer in decimal digits, as text"],
    [{ text: "", whole: 1.5 }, "argument 'whole' must be an integer"],
    [{ text: "", whole: 0n }, "argument 'whole' must be at least 1"],
    [{ text: "", real: "1" }, "argument 'real' must be a number or null"],
    [{ text: "", items: ["a"] }, "argument 'items' must have 2 items"],
    [{ text: "", items: ["a", "c"] }, "argument 'items' has an item, number 2, that must be one of a, b"],
    [{ text: "", any: [] }, "argument 'any' must be an object"],
    [JSON.parse('{"text":"","__proto__":{"any":1}}') as object, "unknown argument '__proto__'"],
    [{ text: "", constructor: 1 }, "unknown argument 'constructor'"],
    [{ text: "", older: "x" }, "argument 'text' is given twice"],
    [{ ["long".repeat(99)]: 1 }, `unknown argument '${"long".repeat(32)}…'`],
  ])("%o: %s", (given, message) => {
    expect(() => checkArguments(SCHEMA, given as Record<string, unknown>, { older: "text" })).toThrow(new RpcError(-32602, message));
  });

  test("null leaves an optional argument out, and is a value where the schema says so", () => {
    expect({ ...checkArguments(SCHEMA, { older: "x", whole: null, real: null, digits: "-9223372036854775808" }, { older: "text" }) }).toEqual({ text: "x", real: null, digits: "-9223372036854775808" });
  });

  test("random arguments are accepted or refused by name, nothing else", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(SCHEMA.properties)), fc.string()), fc.anything()), (given) => {
        try {
          checkArguments(SCHEMA, given);
        } catch (error) {
          expect(error).toBeInstanceOf(RpcError);
        }
      }),
    );
  });
});
