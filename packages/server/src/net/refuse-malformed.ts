import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { toErrorResponse } from "@omnigraphdb/api-types";
import { type ErrorCategory, OmniError } from "@omnigraphdb/common";
import type { ConnectionTracker } from "./connection-tracker.js";

/** What arrived never became a request: no HTTP, a head that is too large, or one that did not arrive in time. */
export class MalformedRequestError extends OmniError {
  readonly code = "MALFORMED_REQUEST";
  readonly category: ErrorCategory = "invalid";
  readonly #status: number;

  constructor(status: number, problem: string) {
    super(problem, { hint: "Send a request of HTTP/1.1." });
    this.#status = status;
  }

  override get httpStatus(): number {
    return this.#status;
  }
}

/** By what the parser of HTTP says; anything else is no HTTP. */
const REFUSALS: Readonly<Record<string, readonly [status: number, problem: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "the head of the request is too large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the head of the request did not arrive in time"],
};

const refused = new WeakSet<Duplex>();

/** Answers with the envelope of every other failure, after everything that was asked before, and ends the connection. */
export async function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex, tracker: Pick<ConnectionTracker, "answered" | "isAnswering">): Promise<void> {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  // What follows bytes that are no HTTP is none either.
  if (refused.has(socket)) return;
  refused.add(socket);
  // A client reads answers in the order of its requests: an early refusal would be taken for the answer to a write that succeeds.
  await tracker.answered(socket);
  if (!socket.writable || tracker.isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const { status, body } = toErrorResponse(new MalformedRequestError(...(REFUSALS[error.code ?? ""] ?? [400, "the request is not HTTP/1.1"])));
  const text = JSON.stringify(body);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, "Connection: close", "Content-Type: application/json", `Content-Length: ${Buffer.byteLength(text)}`];
  socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
}
