import fc from "fast-check";
import { expect, test } from "vitest";
import { compareText } from "./compare-text.js";

test("§12.2 byte order of UTF-8", () => {
  const bytes = (left: string, right: string): number => Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)));
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (left, right) => {
      expect(Math.sign(compareText(left, right))).toBe(bytes(left, right));
    }),
    { seed: 7 },
  );
  expect(compareText("\u{1f600}", "\uffee")).toBeGreaterThan(0);
});
