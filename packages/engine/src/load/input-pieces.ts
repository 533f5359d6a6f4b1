import type { Clock } from "@omnigraphdb/common";
import { waitUnlessAborted } from "../exec/wait.js";
import type { LoadInput } from "../graph-api.js";
import { LoadInputError } from "./errors.js";
import { PIECE_BYTES, YIELD_BYTES } from "./load-limits.js";

/** Characters encoded at a time: at most three bytes each. */
const STRING_PIECE = 64 * 1024;

/**
 * The input in pieces of at most {@link PIECE_BYTES}. Input that never waits lets other tasks run every
 * {@link YIELD_BYTES}, so that a signal can abort it; waiting for input that does not come ends with an abort at once.
 *
 * @throws CancelledError
 */
export async function* inputPieces(input: LoadInput, clock: Clock, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  let sinceYield = 0;
  for await (const chunk of untilAborted(chunksOf(input), signal)) {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      const piece = chunk.subarray(start, start + PIECE_BYTES);
      yield piece;
      sinceYield += piece.length;
      if (sinceYield < YIELD_BYTES) continue;
      sinceYield = 0;
      await clock.sleep(0);
    }
  }
}

/** `source` to its end, or to the abort: a source that is stuck then is left to itself. */
async function* untilAborted<T>(source: AsyncIterable<T> | Iterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  if (signal === undefined || !(Symbol.asyncIterator in source)) {
    yield* source;
    return;
  }
  const items = source[Symbol.asyncIterator]();
  let isWaiting = false;
  try {
    for (;;) {
      isWaiting = true;
      const item = await waitUnlessAborted(items.next(), signal, "the load");
      isWaiting = false;
      if (item.done === true) return;
      yield item.value;
    }
  } finally {
    const closing = Promise.resolve(items.return?.()).catch(() => undefined);
    // A generator that is stuck in `next` settles `return` after it, maybe never.
    if (!isWaiting) await closing;
  }
}

function chunksOf(input: LoadInput): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (typeof input === "string") return encodePieces(input);
  if (input instanceof Uint8Array) return [input];
  const given: unknown = input;
  const isIterable = typeof given === "object" && given !== null && (Symbol.asyncIterator in given || Symbol.iterator in given);
  if (!isIterable) throw new LoadInputError("the input must be a text, bytes, or an iterable of bytes");
  return checkedChunks(input);
}

function* encodePieces(text: string): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + STRING_PIECE, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--;
    const piece = text.slice(start, Math.max(end, start + 1));
    // Encoding would silently replace it.
    if (/\p{Surrogate}/u.test(piece)) throw new LoadInputError("the input text holds a lone surrogate, which is no character");
    yield encoder.encode(piece);
    start += piece.length;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

async function* checkedChunks(input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of input) {
    if (typeof chunk === "string") yield* encodePieces(chunk);
    else if (chunk instanceof Uint8Array) yield chunk;
    else throw new LoadInputError("the input stream must deliver bytes");
  }
}
