import { encodeCommit, encodeCommits } from "@omnigraphdb/api-types";
import { authorize } from "../authorization/authorize.js";
import { authorizeRead } from "../authorization/read-target.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphHandler } from "../request-context.js";

export const listCommits: GraphHandler<"listCommits"> = async (context, { query }) => {
  const target = await authorizeRead(context, query);
  return jsonResponse(encodeCommits(await context.served.graph.listCommits(target)));
};

/** Names no branch, so a rule that is limited to some branches does not permit it (policy 3.5.1). */
export const getCommit: GraphHandler<"getCommit"> = async (context, { path }) => {
  authorize(context, { action: "read" });
  return jsonResponse(encodeCommit(await context.served.graph.getCommit(path.commit_id)));
};
