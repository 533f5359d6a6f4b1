import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFloat64, parseInteger } from "./parse-number.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("LD-30 floats read to the nearest binary64, like the platform's parser", () => {
  const decimals = fc.tuple(fc.constantFrom("", "-"), fc.nat(1e9), fc.option(fc.stringMatching(/^[0-9]{1,25}$/)), fc.option(fc.integer({ min: -330, max: 330 })));
  const text = decimals.map(([sign, whole, fraction, exponent]) => `${sign}${whole}${fraction === null ? "" : `.${fraction}`}${exponent === null ? "" : `e${exponent}`}`);
  const shortest = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? "-0" : String(value)));
  fc.assert(
    fc.property(fc.oneof(text, shortest, fc.constantFrom("0", "-0", "0.1", "123456789012345678", "0.000000000000000000000001", "1e400")), (source) => {
      const bytes = bytesOf(` ${source}`);
      expect(parseFloat64(bytes, 1, bytes.length)).toBe(Number(source));
    }),
    { numRuns: 5_000 },
  );
});

test("LD-30 integers keep every digit", () => {
  fc.assert(
    fc.property(fc.oneof(fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }), fc.constantFrom(0n, 999_999_999_999_999n, 10n ** 15n, -(2n ** 63n))), (value) => {
      const bytes = bytesOf(String(value));
      const parsed = parseInteger(bytes, 0, bytes.length);
      if (parsed === undefined) expect(value > 2n ** 64n || value < -(2n ** 63n)).toBe(true);
      else expect(BigInt(parsed)).toBe(value);
    }),
    { numRuns: 3_000 },
  );
  expect(Object.is(parseInteger(bytesOf("-0"), 0, 2), 0)).toBe(true);
});
