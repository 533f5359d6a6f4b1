import fc from "fast-check";
import xxhash from "xxhash-wasm";
import { expect, test } from "vitest";
import { hashBytes, hashPairsToUint64, hashText, hashUtf8Column, hashWordsToBigInt } from "./entity-hash.js";

const { h64Raw } = await xxhash();

function hash(bytes: Uint8Array, start = 0, end = bytes.length): bigint {
  const out = new Uint32Array(2);
  hashBytes(bytes, start, end, out, 0);
  return hashWordsToBigInt(out[0] as number, out[1] as number);
}

test("DG-6 published XXH64 vectors", () => {
  expect(hashText("")).toBe(0xef46db3751d8e999n);
  expect(hashText("a")).toBe(0xd24ec4f1a98c6e5bn);
  expect(hashText("abc")).toBe(0x44bc2cf5ad770999n);
});

test("DG-6 every length to 200 bytes agrees with the reference implementation", () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => (i * 131 + 17) & 255);
  for (let end = 0; end <= bytes.length; end++) expect(hash(bytes, 0, end)).toBe(h64Raw(bytes.subarray(0, end)));
});

test("DG-6 random inputs at random positions agree with the reference implementation", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(8), (bytes, skip) => {
      const start = Math.min(skip, bytes.length);
      expect(hash(bytes, start)).toBe(h64Raw(bytes.subarray(start)));
    }),
    { numRuns: 2000 },
  );
});

test("DG-6 a column hashes like its texts and stores as unsigned 64-bit values", () => {
  const texts = ["", "ada", "é😀", "x".repeat(77)];
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const offsets = new Int32Array(texts.length + 1);
  encoded.forEach((part, i) => (offsets[i + 1] = (offsets[i] as number) + part.length));
  const bytes = new Uint8Array(Buffer.concat(encoded));
  const pairs = hashUtf8Column({ kind: "utf8", length: texts.length, validity: undefined, offsets, bytes });
  expect([...hashPairsToUint64(pairs)]).toEqual(texts.map((text) => hashText(text)));
});
