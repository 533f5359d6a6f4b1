import { RequestParameterError, GraphNotServedError, GraphUnavailableError } from "@omnigraphdb/api-types";
import type { ServedGraph, ServingState } from "../serving/serving-state.js";

const GRAPH_ID = /^[A-Za-z0-9-]{1,64}$/;
const RESERVED: ReadonlySet<string> = new Set(["policies", "healthz", "openapi", "graphs"]);

/**
 * The graph that a path names (http-api 1.1.2 step 3).
 *
 * @param graphId decoded; undefined for text that is no percent-encoded UTF-8
 * @throws RequestParameterError, GraphNotServedError, GraphUnavailableError
 */
export function resolveGraph(state: ServingState, graphId: string | undefined): ServedGraph {
  if (graphId === undefined || !GRAPH_ID.test(graphId) || RESERVED.has(graphId)) {
    throw new RequestParameterError("graph_id", "invalid graph id", "A graph id has 1 to 64 letters, digits and hyphens.");
  }
  const served = state.graphs.get(graphId);
  if (served !== undefined) return served;
  const unready = state.setAside.get(graphId);
  if (unready !== undefined) throw new GraphUnavailableError(graphId, unready.reason);
  throw new GraphNotServedError(graphId);
}

/** The one graph of the flat mode. */
export function onlyGraph(state: ServingState): ServedGraph {
  const [served] = state.graphs.values();
  if (served !== undefined) return served;
  const [unready] = state.setAside.values();
  throw unready === undefined ? new GraphNotServedError("default") : new GraphUnavailableError(unready.graphId, unready.reason);
}
