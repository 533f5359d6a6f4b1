import { OmniGraphServer } from "@omnigraphdb/client";
import { connectionOptions } from "../client/connection-options.js";
import type { Io } from "../io.js";
import type { ServerTarget } from "./target.js";

/**
 * Ids of the graphs of a server that was addressed without one (§5.4), ascending.
 *
 * @returns empty when the server does not say, for whatever reason: then its base URL is used as it is
 */
export async function graphIdsOf(io: Io, target: ServerTarget): Promise<readonly string[]> {
  try {
    await using server = new OmniGraphServer(connectionOptions(io, target));
    const graphs = await server.graphs();
    return graphs.map(({ graphId }) => graphId).sort();
  } catch (error) {
    if (io.signal.aborted) throw error;
    return [];
  }
}
