/**
 * Bodies of requests: never more of one in memory than its route allows, and none waited for without end. A body is never cancelled,
 * because that would close the connection before the answer is out; what is not read, the HTTP layer discards.
 */
import { BodyReadError, BodyTooLargeError } from "@omnigraphdb/api-types";
import { BodyTimeoutError } from "./body-errors.js";

/** How long a body that is read as a whole may take to arrive, in milliseconds. */
export const BODY_TIMEOUT_MS = 60_000;

/** How long a streamed body may go without sending anything, in milliseconds. */
export const BODY_IDLE_MS = 60_000;

export interface BodyLimit {
  /** As errors name it. */
  readonly resource: string;
  readonly bytesMax: number;
}

/** @throws BodyTooLargeError when `Content-Length` announces too much */
export function refuseAnnouncedLength(headers: Headers, limit: BodyLimit): void {
  const announced = announcedLength(headers);
  if (announced !== undefined && announced > limit.bytesMax) throw new BodyTooLargeError(limit.resource, limit.bytesMax, announced);
}

/** The number in `Content-Length`; undefined where there is none. */
export function announcedLength(headers: Headers): number | undefined {
  const text = headers.get("content-length");
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

/**
 * A whole body, empty when there is none.
 *
 * @throws BodyTooLargeError, BodyReadError, BodyTimeoutError
 */
export async function readBody(request: Request, limit: BodyLimit, timeoutMs: number = BODY_TIMEOUT_MS): Promise<Uint8Array> {
  refuseAnnouncedLength(request.headers, limit);
  // HTTP/1.1 delivers at most what was announced, so that much can be read in one go.
  const reading = announcedLength(request.headers) === undefined ? readCounted(request, limit) : readAnnounced(request, limit);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BodyTimeoutError(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([reading, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A body as it arrives, at the reader's pace.
 *
 * @throws BodyTooLargeError, at the start or once it grows past the limit; BodyReadError, BodyTimeoutError
 */
export async function* streamBody(request: Request, limit: BodyLimit, idleMs: number = BODY_IDLE_MS): AsyncGenerator<Uint8Array, void> {
  refuseAnnouncedLength(request.headers, limit);
  if (request.body === null) return;
  const reader = request.body.getReader();
  let fail: (error: Error) => void = () => undefined;
  // It is armed while a chunk is awaited, and harmless while the consumer works.
  const timer = setTimeout(() => fail(new BodyTimeoutError(idleMs)), idleMs);
  let byteCount = 0;
  try {
    for (;;) {
      timer.refresh();
      const chunk = await new Promise<Awaited<ReturnType<typeof reader.read>>>((resolve, reject) => {
        fail = reject;
        reader.read().then(resolve, (error: unknown) => reject(new BodyReadError({ cause: error })));
      });
      if (chunk.done) return;
      byteCount += chunk.value.length;
      if (byteCount > limit.bytesMax) throw new BodyTooLargeError(limit.resource, limit.bytesMax, byteCount);
      yield chunk.value;
    }
  } finally {
    clearTimeout(timer);
  }
}

async function readAnnounced(request: Request, limit: BodyLimit): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await request.arrayBuffer());
  } catch (error) {
    throw new BodyReadError({ cause: error });
  }
  // A request that came by no connection may announce what it likes.
  if (bytes.length > limit.bytesMax) throw new BodyTooLargeError(limit.resource, limit.bytesMax, bytes.length);
  return bytes;
}

async function readCounted(request: Request, limit: BodyLimit): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamBody(request, limit)) chunks.push(chunk);
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}
