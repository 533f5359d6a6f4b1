import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { App } from "../app.js";
import { ListenError } from "../boot/errors.js";
import type { BindAddress, ConnectionSettings } from "../settings.js";
import { ConnectionTracker } from "./connection-tracker.js";
import { refuseMalformed } from "./refuse-malformed.js";

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
  const server = createAdaptorServer({
    fetch: (request, connection) => app.fetch(request, connection),
    // Its own Response costs a hundredth of the built-in one, which makes a stream of every text.
    overrideGlobalObjects: true,
    createServer,
    serverOptions: {
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
    },
  }) as Server;
  server.on("clientError", refuseMalformed);
  const tracker = new ConnectionTracker(server, settings.stallTimeoutMs);
  const { address, port, family } = await bound(server, bind);
  return {
    address: family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`,
    port,
    drain: () => tracker.drain(),
  };
}

function bound(server: Server, { host, port }: BindAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(new ListenError(`cannot listen on ${host}:${port} (${cause.code ?? "unknown"})`, { hint: "Free the address, or choose another one with --bind; port 0 takes a free one.", cause }));
    });
    server.listen({ host, port }, () => resolve(server.address() as AddressInfo));
  });
}
