import { OmniGraphServer } from "@omnigraphdb/client";
import type { ServerTarget } from "./target.js";

/**
 * Ids of the graphs of a server that was addressed without one (§5.4), ascending.
 *
 * @returns empty when the server does not say, for whatever reason: then its base URL is used as it is
 */
export async function graphIdsOf({ baseUrl, token }: ServerTarget, signal: AbortSignal): Promise<readonly string[]> {
  try {
    await using server = new OmniGraphServer({ baseUrl, signal, ...(token === undefined ? {} : { token }) });
    const graphs = await server.graphs();
    return graphs.map(({ graphId }) => graphId).sort();
  } catch (error) {
    if (signal.aborted) throw error;
    return [];
  }
}
