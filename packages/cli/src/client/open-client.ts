import type { GraphAddress } from "../addressing.js";
import type { Io } from "../io.js";
import type { DirectGraphClient } from "./graph-client.js";

/** Opens the addressed graph. Reads open it read-only and leave its storage untouched. */
export async function openClient(io: Io, address: GraphAddress, mode: "ro" | "rw"): Promise<DirectGraphClient> {
  const { EmbeddedClient } = await import("./embedded-client.js");
  return EmbeddedClient.open(io, address, mode);
}
