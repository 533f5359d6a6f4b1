import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { App } from "../app.js";
import { ListenError } from "../boot/errors.js";
import type { HttpResponse } from "../http/http-response.js";
import { errorResponse } from "../http/responses.js";
import type { BindAddress, ConnectionSettings } from "../settings.js";
import { ConnectionTracker } from "./connection-tracker.js";
import { refuseMalformed } from "./refuse-malformed.js";
import { SocketRequest } from "./socket-request.js";
import { writeResponse } from "./write-response.js";

/** How often heads that take too long are looked for, in milliseconds. */
const HEAD_CHECK_INTERVAL_MS = 2_000;

export interface Listening {
  /** `ip:port`, as bound. */
  readonly address: string;
  readonly port: number;
  /** Stops accepting and waits for running requests. */
  drain(): Promise<void>;
}

/** Binds the address and serves the app on it. @throws ListenError */
export async function listen(app: App, bind: BindAddress, settings: ConnectionSettings): Promise<Listening> {
  const options = {
    headersTimeout: settings.headersTimeoutMs,
    keepAliveTimeout: settings.keepAliveTimeoutMs,
    // Bodies may take as long as they move: the tracker ends those that do not.
    requestTimeout: 0,
    connectionsCheckingInterval: HEAD_CHECK_INTERVAL_MS,
    maxHeaderSize: settings.headerBytesMax,
    // Finds peers that vanished without a word.
    keepAlive: true,
    keepAliveInitialDelay: settings.stallTimeoutMs,
    noDelay: true,
  };
  const server = createServer(options, requestListener(app));
  // Their bytes are limited; by default lines past a number are dropped without a word.
  server.maxHeadersCount = 0;
  const tracker = new ConnectionTracker(server, settings.stallTimeoutMs);
  server.on("clientError", (error, socket) => void refuseMalformed(error, socket, tracker));
  const { address, port, family } = await bound(server, bind);
  return {
    address: family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`,
    port,
    drain: () => tracker.drain(),
  };
}

/** Answers what comes by connections. */
export function requestListener(app: Pick<App, "handle">): RequestListener {
  return (incoming, outgoing) => void answer(app, incoming, outgoing);
}

async function answer(app: Pick<App, "handle">, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  let response: HttpResponse;
  try {
    response = await app.handle(new SocketRequest(incoming, outgoing));
  } catch (error) {
    response = errorResponse(error);
  }
  try {
    writeResponse(outgoing, response);
  } catch {
    // A header that no line can hold: nothing was sent yet, and nothing can be.
    outgoing.destroy();
  }
}

function bound(server: Server, { host, port }: BindAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(new ListenError(`cannot listen on ${host}:${port} (${cause.code ?? "unknown"})`, { hint: "Free the address, or choose another one with --bind; port 0 takes a free one.", cause }));
    });
    server.listen({ host, port }, () => resolve(server.address() as AddressInfo));
  });
}
