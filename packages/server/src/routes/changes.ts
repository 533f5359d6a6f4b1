import { type ChangeFilterQuery, type ChangePageQuery, encodeChangeFeed, encodeCommitChanges } from "@omnigraphdb/api-types";
import { type ChangeFilter, CommitNotFoundError, type FeedStart } from "@omnigraphdb/engine";
import { authorize, denialOf } from "../authorization/authorize.js";
import { jsonResponse } from "../http/responses.js";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphHandler } from "../request-context.js";

/** A commit on a branch that the actor may not read is as unknown as one that does not exist (policy 5.4). */
export const getCommitChanges: GraphHandler<"getCommitChanges"> = async (context, { path: { commit_id: commitId }, query }) => {
  const { graph } = context.served;
  const { graphBranch } = await graph.getCommit(commitId);
  if (denialOf(context, { action: "read", branch: graphBranch ?? MAIN_BRANCH }) !== undefined) throw new CommitNotFoundError(commitId);
  return jsonResponse(encodeCommitChanges(await graph.commitChanges(commitId, { ...pageOptions(query), signal: context.signal })));
};

export const pollChanges: GraphHandler<"pollChanges"> = async (context, { query }) => {
  const { branch = MAIN_BRANCH, start, cursor } = query;
  authorize(context, { action: "read", branch });
  // What is none, the engine refuses.
  const position = { ...(start === undefined ? {} : { start: start as FeedStart }), ...(cursor === undefined ? {} : { cursor }) };
  return jsonResponse(encodeChangeFeed(await context.served.graph.changes({ ...pageOptions(query), ...position, branch, signal: context.signal })));
};

export function changeFilter({ kind, type, op }: ChangeFilterQuery): ChangeFilter {
  return { kinds: kind, types: type, ops: op };
}

function pageOptions(query: ChangePageQuery): ChangeFilter & { readonly limit?: number; readonly pageToken?: string } {
  const { limit, page_token: pageToken } = query;
  return { ...changeFilter(query), ...(limit === undefined ? {} : { limit }), ...(pageToken === undefined ? {} : { pageToken }) };
}
