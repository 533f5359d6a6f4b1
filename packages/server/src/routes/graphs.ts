import { encodeGraphs, MethodNotAllowedError } from "@omnigraphdb/api-types";
import { authorizeServer } from "../authorization/authorize.js";
import type { HttpResponse } from "../http/http-response.js";
import { jsonResponse } from "../http/responses.js";
import type { RequestContext } from "../request-context.js";

/** Served graphs, ascending by id (http-api §7). The flat mode has one graph and no list (22.1). */
export async function listGraphs(context: RequestContext): Promise<HttpResponse> {
  const { state } = context;
  if (state.mode === "single") throw new MethodNotAllowedError("this server serves one graph and has no list of graphs");
  authorizeServer(context, { action: "graph_list" });
  const graphs = [...state.graphs.values()].map(({ graphId, uri }) => ({ graphId, uri }));
  return jsonResponse(encodeGraphs(graphs.sort((a, b) => (a.graphId < b.graphId ? -1 : 1))));
}
