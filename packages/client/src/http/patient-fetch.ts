import { Agent, type ClientRequest, type IncomingMessage, request as requestPlain, type RequestOptions } from "node:http";
import { Agent as TlsAgent, request as requestTls } from "node:https";
import { once } from "node:events";
import type { FetchLike } from "./transport.js";

const CONNECT_TIMEOUT_MS = 10_000;
/** From when on a silent peer is asked whether it is still there. */
const KEEP_ALIVE_DELAY_MS = 30_000;

const AGENTS = { "http:": new Agent({ keepAlive: true }), "https:": new TlsAgent({ keepAlive: true }) };

/**
 * A `fetch` that waits for as long as the server works: the one of Node.js gives up after 300 seconds without a byte, and a large load or
 * merge takes longer. A host that vanished is found by the probes of TCP. Follows no redirect and decodes no compression; takes bodies of
 * text, bytes or a stream.
 */
export const patientFetch: FetchLike = (url, init) => exchange(url, init, CONNECT_TIMEOUT_MS);

/** @param connectTimeoutMs until a host must have accepted the connection, TLS included */
export function exchange(url: string, init: RequestInit, connectTimeoutMs: number): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { body, signal } = init;
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const request = open(new URL(url), init, connectTimeoutMs);
    let answer: IncomingMessage | undefined;
    // Stay to the end: what breaks after the answer began is told by its body.
    request.on("error", reject);
    request.on("close", () => reject(new Error("the connection was closed without an answer")));
    request.on("response", (message: IncomingMessage) => {
      answer = message;
      // Of an upload that the server did not wait for, the rest is not sent.
      message.once("close", () => request.destroy());
      try {
        resolve(responseOf(message, init.method === "HEAD"));
      } catch (error) {
        request.destroy(error as Error);
      }
    });
    const stop = (): void => void (answer?.destroy(), request.destroy(signal?.reason as Error));
    signal?.addEventListener("abort", stop, { once: true });
    request.once("close", () => signal?.removeEventListener("abort", stop));
    if (body instanceof ReadableStream) upload(body, request).catch((error: unknown) => request.destroy(error as Error));
    else if (body === undefined || body === null) request.end();
    else if (typeof body === "string" || body instanceof Uint8Array) request.end(body);
    else request.destroy(new TypeError("a body is text, bytes or a stream of bytes"));
  });
}

function open(url: URL, { method = "GET", headers, body }: RequestInit, connectTimeoutMs: number): ClientRequest {
  const length = typeof body === "string" || body instanceof Uint8Array ? { "content-length": Buffer.byteLength(body) } : {};
  const options: RequestOptions = { method, headers: { "accept-encoding": "identity", ...Object.fromEntries(new Headers(headers)), ...length } };
  const request = url.protocol === "https:" ? requestTls(url, { ...options, agent: AGENTS["https:"] }) : requestPlain(url, { ...options, agent: AGENTS["http:"] });
  request.setSocketKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => request.destroy(Object.assign(new Error("the host did not accept a connection"), { code: "ETIMEDOUT", syscall: "connect" })), connectTimeoutMs);
    socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => clearTimeout(timer));
    socket.once("close", () => clearTimeout(timer));
  });
  return request;
}

/** Reads as fast as the connection takes it, and lets go of the stream when there is none any more. */
async function upload(body: ReadableStream<Uint8Array>, request: ClientRequest): Promise<void> {
  const closed = new AbortController();
  request.once("close", () => closed.abort());
  const reader = body.getReader();
  request.once("close", () => void reader.cancel().catch(() => undefined));
  for (;;) {
    const { done, value } = await reader.read();
    // A request without its end is none, so nothing that is cut off looks whole.
    if (request.destroyed) return;
    if (done) return void request.end();
    if (!request.write(value)) await once(request, "drain", { signal: closed.signal });
  }
}

function responseOf(message: IncomingMessage, isHead: boolean): Response {
  const { statusCode: status = 0, statusMessage: statusText = "", rawHeaders } = message;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string);
  const isEmpty = isHead || BODILESS.includes(status);
  if (isEmpty) message.resume();
  return new Response(isEmpty ? null : bodyOf(message), { status, statusText, headers });
}

const BODILESS: readonly number[] = [204, 205, 304];

/** Each piece is read when it is asked for. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  const pieces = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      cancel() {
        message.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
