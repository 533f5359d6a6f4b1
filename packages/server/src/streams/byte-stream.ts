/**
 * Bytes on their way to a client, at the client's pace. One chunk waits in the stream and one in the connection; nothing is drawn from the
 * source before there is room for it, so a slow client costs the memory of two chunks and no more.
 */

/** Longest piece of an NDJSON stream, in bytes (http-api 15.5). */
export const STREAM_PIECE_BYTES: number = 64 * 1024;

/** `refused`: the source failed before its first chunk, and the caller answers that. */
export type StreamEnd = { readonly kind: "complete" | "client" | "refused" } | { readonly kind: "failed"; readonly error: unknown };

export interface ByteStreamOptions {
  /** Asked to stop when the client is gone: passed on to whatever makes the chunks. */
  readonly abort: AbortController;
  /** Called once, when the source is closed: whatever the stream held is free. */
  onEnd(end: StreamEnd): void;
  /**
   * Ends the connection at once: the way to tell a client over HTTP/1.1 that the rest will not come. Absent where there is no connection;
   * then the body fails.
   */
  readonly breakConnection?: (() => void) | undefined;
}

/**
 * A body of the chunks, in pieces of at most `pieceBytes`. The first chunk is read before it is returned: what fails until then is the
 * caller's to answer, everything later ends the connection without a regular end.
 *
 * @throws whatever the source throws before its first chunk, after `onEnd`
 */
export async function openByteStream(chunks: AsyncIterable<Uint8Array>, pieceBytes: number, options: ByteStreamOptions): Promise<ReadableStream<Uint8Array>> {
  const pump = new Pump(chunks[Symbol.asyncIterator](), pieceBytes, options);
  await pump.begin();
  return new ReadableStream<Uint8Array>(pump, { highWaterMark: 1 });
}

class Pump {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #pieceBytes: number;
  readonly #options: ByteStreamOptions;
  /** Drawn and not yet handed on; undefined at the end of the source. */
  #chunk: Uint8Array | undefined;
  #offset = 0;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isStopping = false;
  #hasEnded = false;

  constructor(source: AsyncIterator<Uint8Array>, pieceBytes: number, options: ByteStreamOptions) {
    this.#source = source;
    this.#pieceBytes = pieceBytes;
    this.#options = options;
  }

  async begin(): Promise<void> {
    try {
      await this.#draw();
    } catch (error) {
      this.#end({ kind: "refused" });
      throw error;
    }
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      if (this.#chunk !== undefined && this.#offset >= this.#chunk.length) await this.#draw();
    } catch (error) {
      if (!this.#isStopping) {
        this.#end({ kind: "failed", error });
        this.#break(error);
      }
      return;
    }
    if (this.#isStopping) return;
    if (this.#chunk === undefined) {
      this.#end({ kind: "complete" });
      controller.close();
      return;
    }
    controller.enqueue(this.#chunk.subarray(this.#offset, this.#offset + this.#pieceBytes));
    this.#offset += this.#pieceBytes;
  }

  #break(error: unknown): void {
    if (this.#options.breakConnection === undefined) this.#controller?.error(error);
    else this.#options.breakConnection();
  }

  async #draw(): Promise<void> {
    const next = await this.#source.next();
    this.#chunk = next.done === true ? undefined : next.value;
    this.#offset = 0;
  }

  /** The source may be waiting for its storage: the signal ends that wait, and `return` comes after it. */
  async cancel(reason: unknown): Promise<void> {
    if (this.#hasEnded || this.#isStopping) return;
    this.#isStopping = true;
    this.#options.abort.abort(reason);
    try {
      await this.#source.return?.();
    } catch {
      // Being stopped is what was asked for.
    }
    this.#end({ kind: "client" });
  }

  #end(end: StreamEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#chunk = undefined;
    this.#options.onEnd(end);
  }
}
