import fc from "fast-check";
import { expect, test } from "vitest";
import { HashMap64 } from "./hash-table.js";
import { IdentityIndex } from "./identity-index.js";

test("a 64-bit hash map is a map, also where keys crowd one slot", () => {
  const word = fc.oneof(fc.nat(3), fc.constantFrom(0, 64, 128, 0xffff_ffff), fc.nat(0xffff_ffff));
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, fc.nat(1000)), { maxLength: 300 }), (entries) => {
      const map = new HashMap64();
      const model = new Map<string, number>();
      for (const [lo, hi, value] of entries) {
        const slot = map.insert(lo, hi, value);
        const known = model.get(`${lo},${hi}`);
        if (known === undefined) {
          expect(slot).toBe(-1);
          model.set(`${lo},${hi}`, value);
        } else expect(map.valueAt(slot)).toBe(known);
      }
      expect(map.size).toBe(model.size);
      for (const [lo, hi] of entries) expect(map.get(lo, hi)).toBe(model.get(`${lo},${hi}`));
      expect(map.has(12345, 54321)).toBe(model.has("12345,54321"));
      expect(new Map(Array.from(map.entries(), ({ lo, hi, value }) => [`${lo},${hi}`, value]))).toEqual(model);
    }),
  );
});

test("DG-6 an index of texts tells a text from another one with the same hash", () => {
  const bytes = new TextEncoder().encode("abab");
  const index = new IdentityIndex((_bytes, _start, _end, out, at) => out.fill(1, 2 * at, 2 * at + 2));
  expect(index.add(bytes, 0, 2, 5)).toEqual({ kind: "absent" });
  expect(index.add(bytes, 2, 4, 6)).toEqual({ kind: "present", ordinal: 5 });
  expect(index.add(bytes, 1, 3, 7)).toEqual({ kind: "collision", ordinal: 5 });
  index.moveTo(1, 1, 9);
  expect(index.find(bytes, 0, 2)).toEqual({ kind: "present", ordinal: 9 });
});
