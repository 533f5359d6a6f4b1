import { encodeCommit, encodeCommits } from "@omnigraphdb/api-types";
import { authorize } from "../authorization/authorize.js";
import { authorizeRead } from "../authorization/read-target.js";
import { pathParam } from "../http/path-param.js";
import { queryTarget } from "../http/query-target.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";

export async function listCommits(context: GraphRequestContext, { query }: RouteInput): Promise<Response> {
  const target = await authorizeRead(context, queryTarget(query));
  return jsonResponse(encodeCommits(await context.served.graph.listCommits(target)));
}

/** Names no branch, so a rule that is limited to some branches does not permit it (policy 3.5.1). */
export async function getCommit(context: GraphRequestContext, { params }: RouteInput): Promise<Response> {
  authorize(context, { action: "read" });
  return jsonResponse(encodeCommit(await context.served.graph.getCommit(pathParam(params, "commit_id"))));
}
