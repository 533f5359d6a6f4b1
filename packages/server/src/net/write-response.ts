import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpResponse } from "../http/http-response.js";
import { connectionSignal } from "./connection-signal.js";

/** Sends a response, at the client's pace. The stream of a body is cancelled when the client goes away before its end. */
export function writeResponse(outgoing: ServerResponse, { status, headers, body }: HttpResponse): void {
  if (!outgoing.req.complete) outgoing.once("close", () => discardRest(outgoing.req));
  if (body === null) {
    outgoing.writeHead(status, headers).end();
  } else if (typeof body === "string" || body instanceof Uint8Array) {
    headers["content-length"] ??= String(typeof body === "string" ? Buffer.byteLength(body) : body.length);
    outgoing.writeHead(status, headers).end(body);
  } else {
    outgoing.writeHead(status, headers).flushHeaders();
    void writeStream(outgoing, body);
  }
}

async function writeStream(outgoing: ServerResponse, body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  // An answer that waits for those before it is told nothing of its connection.
  const closed = connectionSignal(outgoing.req.socket);
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  if (closed.aborted) return cancel();
  closed.addEventListener("abort", cancel);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (closed.aborted || outgoing.destroyed) return;
      if (done) break;
      if (!outgoing.write(value)) await drained(outgoing, closed);
    }
    outgoing.end();
  } catch (error) {
    outgoing.destroy(error as Error);
  } finally {
    closed.removeEventListener("abort", cancel);
  }
}

/** Until there is room again, or nobody left to wait for. */
function drained(outgoing: ServerResponse, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off("drain", settle);
      closed.removeEventListener("abort", settle);
      resolve();
    };
    outgoing.on("drain", settle);
    closed.addEventListener("abort", settle);
  });
}

/** How long, and how much, is taken of a body that nobody reads. */
const DISCARD_MS = 500;
const DISCARD_BYTES_MAX = 64 * 1024 * 1024;

/**
 * A client that is still sending when it has its answer: closing at once could destroy the answer on its way, so a little more is taken, and
 * then the connection ends.
 */
function discardRest(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) return;
  let byteCount = 0;
  const end = (): void => {
    clearTimeout(timer);
    incoming.off("data", count);
    incoming.socket.destroySoon();
  };
  const count = (chunk: Buffer): void => {
    byteCount += chunk.length;
    if (byteCount > DISCARD_BYTES_MAX) end();
  };
  const timer = setTimeout(end, DISCARD_MS).unref();
  incoming.on("data", count);
  incoming.once("close", () => clearTimeout(timer));
  incoming.resume();
}
