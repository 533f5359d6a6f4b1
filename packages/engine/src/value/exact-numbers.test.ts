import type { ComparisonSign } from "@omnigraphdb/compiler";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holds } from "./comparison.js";
import { compareNumbers, type ExactNumber, nextDown, nextUp, type NumberRange, rangeOf, roundToFloat32 } from "./exact-numbers.js";

const SIGNS: readonly ComparisonSign[] = ["=", "!=", "<", "<=", ">", ">="];

const exact: fc.Arbitrary<ExactNumber> = fc.oneof(
  fc.double(),
  fc.constantFrom(0, 1, -1, NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE, 2 ** 53, -(2 ** 63)),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
  fc.constantFrom(2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n),
);

function isInside(value: number, range: NumberRange): boolean {
  return ((value >= range.low && value <= range.high) || (range.acceptsNaN && Number.isNaN(value))) !== range.isNegated;
}

describe("EX-24 exact numbers", () => {
  test("a range accepts exactly the doubles that satisfy the comparison", () => {
    fc.assert(
      fc.property(fc.double(), exact, fc.constantFrom(...SIGNS), (value, constant, sign) => {
        const near = typeof constant === "number" && Number.isFinite(constant) ? [constant, nextUp(constant), nextDown(constant)] : [Number(constant), nextUp(Number(constant)), nextDown(Number(constant))];
        for (const candidate of [value, ...near, NaN, Infinity, -Infinity, 0]) {
          expect(isInside(candidate, rangeOf(sign, constant)), `${candidate} ${sign} ${constant}`).toBe(holds(sign, compareNumbers(candidate, constant)));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("the order is total, with NaN equal to itself and greatest", () => {
    expect(compareNumbers(NaN, NaN)).toBe(0);
    expect(compareNumbers(NaN, Infinity)).toBeGreaterThan(0);
    expect(compareNumbers(2n ** 64n, NaN)).toBeLessThan(0);
    expect(compareNumbers(9_007_199_254_740_993n, 9_007_199_254_740_992)).toBeGreaterThan(0);
    expect(compareNumbers(-0, 0)).toBe(0);
  });

  test("rounding an integer to F32 happens in one step", () => {
    // Rounded to a double first, this would become a tie and fall the wrong way.
    const value = 2n ** 60n + 2n ** 36n + 1n;
    expect(roundToFloat32(value)).toBe(2 ** 60 + 2 ** 37);
    expect(roundToFloat32(0.1)).toBe(Math.fround(0.1));
    fc.assert(
      fc.property(fc.maxSafeInteger(), (safe) => {
        expect(roundToFloat32(BigInt(safe))).toBe(Math.fround(safe));
      }),
    );
  });
});
