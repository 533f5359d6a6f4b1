import type { DataTarget, ServerTarget, StoreTarget } from "../addressing/target.js";
import type { Io } from "../io.js";
import type { DirectGraphClient, GraphClient } from "./graph-client.js";

/** Opens the addressed graph, however it is reached. Reads open a store read-only and leave it untouched. */
export function openClient(io: Io, target: DataTarget, mode: "ro" | "rw"): Promise<GraphClient> {
  return target.kind === "store" ? openStore(io, target, mode) : connect(io, target);
}

/** Opens a graph in this process, straight from its storage. */
export async function openStore(io: Io, target: StoreTarget, mode: "ro" | "rw"): Promise<DirectGraphClient> {
  const { EmbeddedClient } = await import("./embedded-client.js");
  return EmbeddedClient.open(io, target, mode);
}

async function connect({ signal }: Io, { uri, token }: ServerTarget): Promise<GraphClient> {
  const { HttpGraphClient } = await import("@omnigraphdb/client");
  return new HttpGraphClient({ baseUrl: uri, signal, ...(token === undefined ? {} : { token }) });
}
