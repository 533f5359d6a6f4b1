import { encodeSnapshot } from "@omnigraphdb/api-types";
import { authorizeRead } from "../authorization/read-target.js";
import { queryTarget } from "../http/query-target.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";

export async function getSnapshot(context: GraphRequestContext, { query }: RouteInput): Promise<Response> {
  const target = await authorizeRead(context, queryTarget(query));
  return jsonResponse(encodeSnapshot(await context.served.graph.snapshotInfo(target)));
}
