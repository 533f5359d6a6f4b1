import fc from "fast-check";
import { expect, test } from "vitest";
import { readLines } from "./streams.js";

async function linesOf(chunks: readonly Uint8Array[], bytesMax?: number): Promise<readonly (string | null)[]> {
  async function* input(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const lines: (string | null)[] = [];
  for await (const line of readLines(input(), bytesMax)) lines.push(line === null ? null : Buffer.from(line).toString());
  return lines;
}

test("a line that is too long is skipped and told; the next one is read", async () => {
  const text = Buffer.from("short\nmuch too long\n \r\nlast");
  expect(await linesOf([text], 6)).toEqual(["short", null, "last"]);
  expect(await linesOf([...text].map((byte) => Uint8Array.of(byte)), 6)).toEqual(["short", null, "last"]);
});

test("lines do not depend on how the bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.stringMatching(/^[a-zé]{1,8}$/u), { minLength: 1, maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (lines, sizes) => {
      const bytes = Buffer.from(lines.join("\n"));
      const chunks: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] as number;
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(await linesOf(chunks)).toEqual(lines);
    }),
  );
});
