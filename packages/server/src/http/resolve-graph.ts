import { GraphNotServedError, GraphUnavailableError, RequestParameterError } from "@omnigraphdb/api-types";
import { GRAPH_ID_RULE, isGraphId } from "@omnigraphdb/common";
import type { ServedGraph, ServingState } from "../serving/serving-state.js";

/**
 * The graph that a path names (http-api 1.1.2 step 3).
 *
 * @param graphId decoded; undefined for text that is no percent-encoded UTF-8
 * @throws RequestParameterError, GraphNotServedError, GraphUnavailableError
 */
export function resolveGraph(state: ServingState, graphId: string | undefined): ServedGraph {
  if (graphId === undefined || !isGraphId(graphId)) throw new RequestParameterError("graph_id", "invalid graph id", GRAPH_ID_RULE);
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
