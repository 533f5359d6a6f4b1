import { parseDateText } from "@omnigraphdb/compiler";
import fc from "fast-check";
import { expect, test } from "vitest";
import { base64BytesMax, decodeBase64 } from "./decode-base64.js";
import { decodeDate } from "./decode-date.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function decode(text: string): Uint8Array | string {
  const out = new Uint8Array(base64BytesMax(text.length) + 1);
  const bytes = bytesOf(text);
  const written = decodeBase64(bytes, 0, bytes.length, out, 1);
  return typeof written === "string" ? written : out.slice(1, 1 + written);
}

test("BL-1 base64 decodes to the bytes that were encoded", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect(decode(Buffer.from(bytes).toString("base64"))).toEqual(bytes);
    }),
  );
});

test("BL-1 base64 is read strictly", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("A", "Q", "z", "/", "+", "=", "-", " "), maxLength: 9 }), (text) => {
      const decoded = decode(text);
      const canonical = typeof decoded === "string" ? undefined : Buffer.from(decoded).toString("base64");
      if (canonical === undefined) expect(Buffer.from(text, "base64").toString("base64")).not.toBe(text);
      else expect(canonical).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test("LD-31 the fast path of dates agrees with the one parser of dates", () => {
  const part = fc.oneof(fc.nat(40), fc.constantFrom(0, 2, 12, 13, 28, 29, 30, 31, 32)).map((value) => String(value).padStart(2, "0"));
  const year = fc.oneof(fc.nat(9999), fc.constantFrom(0, 1, 4, 1900, 2000, 2024)).map((value) => String(value).padStart(4, "0"));
  const text = fc.oneof(
    fc.tuple(year, part, part).map((parts) => parts.join("-")),
    fc.string({ unit: fc.constantFrom("2", "0", "-", "T", "+", " ", "é"), maxLength: 11 }),
  );
  fc.assert(
    fc.property(text, (source) => {
      const bytes = bytesOf(source);
      expect(decodeDate(bytes, 0, bytes.length)).toBe(parseDateText(source));
    }),
    { numRuns: 5_000 },
  );
});
