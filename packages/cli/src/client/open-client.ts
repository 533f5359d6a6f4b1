import type { GraphClient } from "@omnigraphdb/client";
import type { DataTarget, ServerTarget, StoreTarget } from "../addressing/target.js";
import type { Io } from "../io.js";
import { connectionOptions } from "./connection-options.js";
import type { DirectGraphClient } from "./graph-client.js";

/**
 * Opens the addressed graph, however it is reached. Reads open a store read-only and leave it untouched.
 *
 * @param timeoutMs until a server must have answered; a store's limit is part of the request
 */
export function openClient(io: Io, target: DataTarget, mode: "ro" | "rw", timeoutMs?: number): Promise<GraphClient> {
  return target.kind === "store" ? openStore(io, target, mode) : connect(io, target, timeoutMs);
}

/** Opens a graph in this process, straight from its storage. */
export async function openStore(io: Io, target: StoreTarget, mode: "ro" | "rw"): Promise<DirectGraphClient> {
  const { EmbeddedClient } = await import("./embedded-client.js");
  return EmbeddedClient.open(io, target, mode);
}

async function connect(io: Io, { uri, token }: ServerTarget, timeoutMs: number | undefined): Promise<GraphClient> {
  const { ServedClient } = await import("./served-client.js");
  return new ServedClient(connectionOptions(io, { baseUrl: uri, token, timeoutMs }));
}
