import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Watches the connections of one HTTP server: gives up on those whose client stopped sending or receiving, and lets a shutdown wait for
 * the running requests alone.
 */
export class ConnectionTracker {
  readonly #server: Server;
  readonly #stallTimeoutMs: number;
  /** Every connection, with what runs on it. */
  readonly #running = new Map<Duplex, Set<Exchange>>();
  #isDraining = false;

  constructor(server: Server, stallTimeoutMs: number) {
    this.#server = server;
    this.#stallTimeoutMs = stallTimeoutMs;
    // Between two requests the server's own keep-alive timeout takes its place.
    server.timeout = stallTimeoutMs;
    server.on("connection", (socket: Socket) => this.#watch(socket));
    server.on("request", (request: IncomingMessage, response: ServerResponse) => this.#begin(request, response));
    server.on("timeout", (socket: Socket) => this.#suspect(socket));
  }

  /** Accepts nothing more, ends idle connections, and waits for the requests that run. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const [socket, exchanges] of this.#running) {
      if (exchanges.size === 0) socket.destroy();
    }
    await closed;
  }

  /** Settles when every request that arrived whole on the connection is answered. */
  async answered(socket: Duplex): Promise<void> {
    const whole = this.#exchangesOn(socket).filter(({ request }) => request.complete);
    await Promise.all(whole.map(({ response }) => new Promise((resolve) => response.once("close", resolve))));
  }

  /** Whether an answer on the connection has begun and is not at its end. */
  isAnswering(socket: Duplex): boolean {
    return this.#exchangesOn(socket).some(({ response }) => response.headersSent);
  }

  #exchangesOn(socket: Duplex): readonly Exchange[] {
    return [...(this.#running.get(socket) ?? [])];
  }

  #watch(socket: Socket): void {
    this.#running.set(socket, new Set());
    socket.once("close", () => this.#running.delete(socket));
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const exchanges = this.#running.get(socket);
    if (exchanges === undefined) return;
    const exchange = { request, response };
    exchanges.add(exchange);
    if (this.#isDraining && !response.headersSent) response.setHeader("Connection", "close");
    response.once("close", () => {
      exchanges.delete(exchange);
      // After the last byte of the answer has left.
      if (this.#isDraining && exchanges.size === 0) socket.end();
    });
  }

  /** Nothing moved for a while. What came while this process was busy is read before anybody is judged. */
  #suspect(socket: Socket): void {
    const { bytesRead } = socket;
    setImmediate(() => {
      if (socket.destroyed) return;
      if (socket.bytesRead > bytesRead) socket.setTimeout(this.#stallTimeoutMs);
      else this.#judge(socket);
    });
  }

  /** A query may take its time; a client may not. */
  #judge(socket: Socket): void {
    // Answers leave in the order of the requests: nobody else's turn comes before the first one's.
    const [first] = this.#exchangesOn(socket);
    if (first === undefined || isClientsTurn(first)) socket.destroy();
    else socket.setTimeout(this.#stallTimeoutMs);
  }
}

/** Whether nothing can happen before the client sends or receives something. */
function isClientsTurn({ request, response }: Exchange): boolean {
  const isBodyAwaited = !request.complete && request.readableLength === 0;
  const isAnswerStuck = response.writableLength > 0 || request.socket.writableLength > 0;
  return isBodyAwaited || isAnswerStuck;
}
