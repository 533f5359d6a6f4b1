import { GraphNotServedError, GraphUnavailableError, isGraphId, RequestParameterError } from "@omnigraphdb/api-types";
import type { ServedGraph, ServingState } from "../serving/serving-state.js";

/**
 * The graph that a path names (http-api 1.1.2 step 3).
 *
 * @param graphId decoded; undefined for text that is no percent-encoded UTF-8
 * @throws RequestParameterError, GraphNotServedError, GraphUnavailableError
 */
export function resolveGraph(state: ServingState, graphId: string | undefined): ServedGraph {
  if (graphId === undefined || !isGraphId(graphId)) throw new RequestParameterError("graph_id", "invalid graph id", "A graph id has 1 to 64 letters, digits and hyphens.");
  const served = state.graphs.get(graphId);
  if (served !== undefined) return served;
  const unready = state.setAside.get(graphId);
  if (unready !== undefined) throw new GraphUnavailableError(graphId, unready.reason);
  throw new GraphNotServedError(graphId);
}

/** The one graph of the flat mode, which does not start without it. */
export function onlyGraph(state: ServingState): ServedGraph {
  const [served] = state.graphs.values();
  if (served === undefined) throw new GraphNotServedError("default");
  return served;
}
