/**
 * Bytes of requests: never more of one in memory than its route allows. A body is never cancelled, because that would close the connection
 * before the answer is out; what is not read, the HTTP layer discards. Clients that stop sending are given up by the connection's owner.
 */
import { BodyReadError, BodyTooLargeError } from "@omnigraphdb/api-types";
import type { HttpRequest, RequestHeaders } from "./http-request.js";

export type BodySource = Pick<HttpRequest, "headers" | "isBodyWhole" | "bytes" | "chunks">;

export interface BodyLimit {
  /** As errors name it. */
  readonly resource: string;
  readonly bytesMax: number;
}

/** @throws BodyTooLargeError when `Content-Length` announces too much */
export function refuseAnnouncedLength(headers: RequestHeaders, limit: BodyLimit): void {
  refuseLength(announcedLength(headers) ?? 0, limit);
}

/** The number in `Content-Length`; undefined where there is none. */
export function announcedLength(headers: RequestHeaders): number | undefined {
  const text = headers.get("content-length");
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

/**
 * A whole body, empty when there is none.
 *
 * @throws BodyTooLargeError, BodyReadError
 */
export async function readBody(request: BodySource, limit: BodyLimit): Promise<Uint8Array> {
  const announced = announcedLength(request.headers);
  if (announced === undefined) return readCounted(request, limit);
  refuseLength(announced, limit);
  // HTTP/1.1 delivers at most what was announced, so that much can be read in one go.
  const bytes = await request.bytes().catch(refuseUnreadable);
  // A request that came by no connection may announce what it likes.
  refuseLength(bytes.length, limit);
  refusePart(request);
  return bytes;
}

/**
 * A body as it arrives, at the reader's pace.
 *
 * @throws BodyTooLargeError, at the start or once it grows past the limit; BodyReadError
 */
export async function* streamBody(request: BodySource, limit: BodyLimit): AsyncGenerator<Uint8Array, void> {
  refuseAnnouncedLength(request.headers, limit);
  const reader = request.chunks()[Symbol.asyncIterator]();
  let byteCount = 0;
  for (;;) {
    const next = await reader.next().catch(refuseUnreadable);
    if (next.done === true) return refusePart(request);
    byteCount += next.value.length;
    refuseLength(byteCount, limit);
    yield next.value;
  }
}

async function readCounted(request: BodySource, limit: BodyLimit): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamBody(request, limit)) chunks.push(chunk);
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

function refuseLength(byteCount: number, { resource, bytesMax }: BodyLimit): void {
  if (byteCount > bytesMax) throw new BodyTooLargeError(resource, bytesMax, byteCount);
}

/** The stream of a connection that broke before anybody read from it ends as if it were empty. */
function refusePart({ isBodyWhole }: BodySource): void {
  if (!isBodyWhole) throw new BodyReadError({ cause: new Error("the connection ended within the body") });
}

function refuseUnreadable(cause: unknown): never {
  throw new BodyReadError({ cause });
}
