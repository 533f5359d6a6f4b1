import { type BlobReader, toRemoteError } from "@omnigraphdb/api-types";
import type { OmniError } from "@omnigraphdb/common";
import { ServerConnectionError, UnexpectedAnswerError } from "../errors.js";
import type { ReadTarget } from "../read-target.js";
import type { Answer, Transport } from "./transport.js";
import type { UrlQuery } from "./url.js";

/** Bytes that one read returns at most (BL-4). */
const READ_BYTES_MAX = 4 << 20;

/** What the headers of a blob say. */
interface BlobFacts {
  readonly length: number;
  readonly etag: string;
  readonly snapshotId: string;
}

/** A blob behind a server, pinned to the version at which it was found: were its content another one, reading would fail. */
export class HttpBlob implements BlobReader {
  readonly kind = "managed";
  readonly length: number;
  readonly etag: string;
  readonly graphCommitId: string;
  readonly #transport: Transport;
  readonly #query: UrlQuery;
  readonly #signal: AbortSignal | undefined;

  private constructor(transport: Transport, selector: UrlQuery, { length, etag, snapshotId }: BlobFacts, signal: AbortSignal | undefined) {
    this.#transport = transport;
    this.#query = { ...selector, snapshot: snapshotId };
    this.#signal = signal;
    this.length = length;
    this.etag = etag;
    this.graphCommitId = snapshotId;
  }

  /** Null where there is no such entity, or no content. */
  static async find(transport: Transport, selector: UrlQuery, { branch, snapshot }: ReadTarget, signal: AbortSignal | undefined): Promise<HttpBlob | null> {
    const query = { ...selector, branch, snapshot };
    using answer = await transport.send({ method: "HEAD", segments: ["blob"], query, signal, accepts: HEAD_FAILURES });
    if (answer.response.ok) return new HttpBlob(transport, selector, factsOf(answer, transport.origin), signal);
    // An answer to HEAD has no body that could tell why it is a failure.
    try {
      using again = await transport.send({ method: "GET", segments: ["blob"], query, headers: { range: "bytes=0-0" }, signal });
      return new HttpBlob(transport, selector, factsOf(again, transport.origin), signal);
    } catch (error) {
      if ((error as Partial<OmniError>).code === "BLOB_NOT_FOUND") return null;
      throw error;
    }
  }

  async readRange(start: number, end: number): Promise<Uint8Array> {
    this.#checkRange(start, end);
    if (end - start > READ_BYTES_MAX) {
      const hint = "Read the blob in smaller ranges, one after the other.";
      throw localError(413, "RESOURCE_LIMIT_EXCEEDED", `Blob read range bytes: ${end - start} of at most ${READ_BYTES_MAX}`, hint, {
        resource_limit: { resource: "Blob read range bytes", limit: READ_BYTES_MAX, actual: end - start },
      });
    }
    const bytes = new Uint8Array(end - start);
    let at = 0;
    for await (const piece of this.chunks(start, end)) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    return bytes;
  }

  async *chunks(start = 0, end: number = this.length): AsyncGenerator<Uint8Array> {
    this.#checkRange(start, end);
    if (start === end) return;
    const isWhole = start === 0 && end === this.length;
    const headers = { "if-match": this.etag, ...(isWhole ? {} : { range: `bytes=${start}-${end - 1}` }) };
    using answer = await this.#transport.send({ method: "GET", segments: ["blob"], query: this.#query, headers, signal: this.#signal });
    answer.stopTimer();
    const { origin } = this.#transport;
    if (answer.response.status !== (isWhole ? 200 : 206)) throw new UnexpectedAnswerError(origin, answer.response.status, "not with the bytes that were asked for", "none");
    let rest = end - start;
    for await (const piece of answer.chunks()) {
      rest -= piece.byteLength;
      if (rest < 0) break;
      yield piece;
    }
    if (rest !== 0) throw new ServerConnectionError(origin, "lost", { effects: "none" });
  }

  #checkRange(start: number, end: number): void {
    const { length } = this;
    const isWithin = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= length;
    if (isWithin) return;
    const hint = length === 0 ? "The blob is empty; read it without a range." : `Its bytes are numbered from 0 to ${length - 1}; start at one of them. The end is exclusive.`;
    throw localError(416, "BLOB_RANGE_NOT_SATISFIABLE", `bytes ${start} to ${end} do not lie within a blob of ${length} bytes`, hint, { blob_range: { start, end, length } });
  }
}

const HEAD_FAILURES: readonly number[] = [302, 400, 401, 403, 404, 409, 412, 429, 500, 503];

function factsOf({ response }: Answer, origin: string): BlobFacts {
  const { headers, status } = response;
  const length = status === 206 ? /\/([0-9]+)$/.exec(headers.get("content-range") ?? "")?.[1] : headers.get("content-length");
  const etag = headers.get("etag");
  const snapshotId = headers.get("omnigraph-snapshot-id");
  if (length === null || length === undefined || etag === null || snapshotId === null) throw new UnexpectedAnswerError(origin, status, "without the headers of a blob", "none");
  return { length: Number(length), etag, snapshotId };
}

/** The failure that the server would answer with, without asking it. */
function localError(status: number, code: string, error: string, hint: string, details: Readonly<Record<string, unknown>>): OmniError {
  return toRemoteError(status, new Headers(), { error, error_code: code, hint, retryable: false, ...details });
}
