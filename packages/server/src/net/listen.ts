import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { App } from "../app.js";
import { ListenError } from "../boot/errors.js";
import { errorResponse } from "../http/responses.js";
import type { BindAddress, ConnectionSettings } from "../settings.js";
import { ConnectionTracker } from "./connection-tracker.js";
import { MalformedRequestError, refuseMalformed } from "./refuse-malformed.js";

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
  const answer = requestListener(app);
  const server = createServer(options, (request, response) => void answer(request, response));
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

/** What may stand in `Host`. Anything else could become part of the path. */
const HOST = /^[\w.~%:[\]-]*$/;

function requestListener(app: App): ReturnType<typeof getRequestListener> {
  return getRequestListener(
    (request, connection) => {
      if (!HOST.test(connection.incoming.headers.host ?? "")) throw new RequestError("malformed Host header");
      return app.fetch(request, connection);
    },
    {
      // Of HTTP/1.0, which has no header for it.
      hostname: "localhost",
      // Its own Response costs a hundredth of the built-in one, which makes a stream of every text.
      overrideGlobalObjects: true,
      errorHandler: (error) => errorResponse(error instanceof RequestError ? new MalformedRequestError(400, "the target or the Host header of the request is malformed") : error),
    },
  );
}

function bound(server: Server, { host, port }: BindAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(new ListenError(`cannot listen on ${host}:${port} (${cause.code ?? "unknown"})`, { hint: "Free the address, or choose another one with --bind; port 0 takes a free one.", cause }));
    });
    server.listen({ host, port }, () => resolve(server.address() as AddressInfo));
  });
}
