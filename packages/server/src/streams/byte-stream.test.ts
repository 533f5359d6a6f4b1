import { describe, expect, test } from "vitest";
import { openByteStream, type StreamEnd, STREAM_PIECE_BYTES } from "./byte-stream.js";

interface Source {
  readonly chunks: AsyncGenerator<Uint8Array>;
  readonly drawn: () => number;
  readonly isClosed: () => boolean;
}

function source(chunkCount: number, chunkBytes: number, failAt = Infinity): Source {
  let drawn = 0;
  let isClosed = false;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (; drawn < chunkCount; drawn++) {
        if (drawn === failAt) throw new Error("storage is gone");
        yield await Promise.resolve(new Uint8Array(chunkBytes).fill(drawn));
      }
    } finally {
      isClosed = true;
    }
  }
  return { chunks: chunks(), drawn: () => drawn, isClosed: () => isClosed };
}

async function open(chunks: AsyncIterable<Uint8Array>, over: { readonly breakConnection?: () => void } = {}) {
  const ends: StreamEnd[] = [];
  const abort = new AbortController();
  const stream = await openByteStream(chunks, STREAM_PIECE_BYTES, { abort, onEnd: (end) => ends.push(end), ...over });
  return { stream, ends, abort };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe("streams to clients", () => {
  test("15.5 a client that does not read keeps two chunks at most, and nothing more is drawn", async () => {
    const from = source(1000, STREAM_PIECE_BYTES);
    const { stream } = await open(from.chunks);
    const reader = stream.getReader();
    await settle();
    expect(from.drawn()).toBeLessThanOrEqual(2);
    for (let read = 1; read <= 10; read++) {
      await reader.read();
      await settle();
      expect(from.drawn()).toBeLessThanOrEqual(read + 2);
    }
    await reader.cancel();
  });

  test("15.5 pieces have 64 KiB at most, however large a record is", async () => {
    const { stream, ends } = await open(source(2, 150_000).chunks);
    const sizes: number[] = [];
    const bytes: number[] = [];
    for await (const piece of stream) {
      sizes.push(piece.length);
      bytes.push(piece[0] as number);
    }
    expect(sizes).toEqual([65_536, 65_536, 18_928, 65_536, 65_536, 18_928]);
    expect(bytes).toEqual([0, 0, 0, 1, 1, 1]);
    expect(ends).toEqual([{ kind: "complete" }]);
  });

  test("an empty source is an empty body", async () => {
    const { stream, ends } = await open(source(0, 1).chunks);
    expect(await new Response(stream).text()).toBe("");
    expect(ends).toEqual([{ kind: "complete" }]);
  });

  test("15.6 a client that goes away stops the source and frees what it held, once", async () => {
    const from = source(1000, 10);
    const { stream, ends, abort } = await open(from.chunks);
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel("gone");
    expect(from.isClosed()).toBe(true);
    expect(abort.signal.aborted).toBe(true);
    expect(ends).toEqual([{ kind: "client" }]);
  });

  test("15.6 a client that goes away while its chunk is being read", async () => {
    const abort = new AbortController();
    const ends: StreamEnd[] = [];
    async function* waiting(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1);
      await new Promise((_, reject) => abort.signal.addEventListener("abort", () => reject(new Error("stopped"))));
    }
    const stream = await openByteStream(waiting(), 10, { abort, onEnd: (end) => ends.push(end) });
    const reader = stream.getReader();
    await reader.read();
    await settle();
    await reader.cancel("gone");
    expect(ends).toEqual([{ kind: "client" }]);
  });

  test("what fails before the first byte is the caller's to answer", async () => {
    const ends: StreamEnd[] = [];
    const opening = openByteStream(source(3, 1, 0).chunks, 10, { abort: new AbortController(), onEnd: (end) => ends.push(end) });
    await expect(opening).rejects.toThrow("storage is gone");
    expect(ends).toEqual([{ kind: "refused" }]);
  });

  test("15.6 what fails later breaks the connection, or the body where there is none", async () => {
    const { stream, ends } = await open(source(3, 1, 2).chunks);
    await expect(new Response(stream).text()).rejects.toThrow("storage is gone");
    expect(ends.map(({ kind }) => kind)).toEqual(["failed"]);

    let brokenCount = 0;
    const broken = await open(source(3, 1, 2).chunks, { breakConnection: () => brokenCount++ });
    const reader = broken.stream.getReader();
    await reader.read();
    await reader.read();
    const last = reader.read();
    await settle();
    expect(brokenCount).toBe(1);
    await reader.cancel();
    expect(await last).toEqual({ done: true, value: undefined });
    expect(broken.ends.map(({ kind }) => kind)).toEqual(["failed"]);
  });
});
