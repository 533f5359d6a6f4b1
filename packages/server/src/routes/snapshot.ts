import { encodeSnapshot } from "@omnigraphdb/api-types";
import { authorizeRead } from "../authorization/read-target.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphHandler } from "../request-context.js";

export const getSnapshot: GraphHandler<"getSnapshot"> = async (context, { query }) => {
  const target = await authorizeRead(context, query);
  return jsonResponse(encodeSnapshot(await context.served.graph.snapshotInfo(target)));
};
