import { encodeChangeFeed, encodeCommitChanges, RequestParameterError } from "@omnigraphdb/api-types";
import { type ChangeFilter, type ChangesOptions, CommitNotFoundError, type FeedStart } from "@omnigraphdb/engine";
import { authorize, denialOf } from "../authorization/authorize.js";
import { branchOr, MAIN } from "../http/branch-text.js";
import { pathParam } from "../http/path-param.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";

/** A commit on a branch that the actor may not read is as unknown as one that does not exist (policy 5.4). */
export async function getCommitChanges(context: GraphRequestContext, { params, query }: RouteInput): Promise<Response> {
  const commitId = pathParam(params, "commit_id");
  const { graph } = context.served;
  const commit = await graph.getCommit(commitId);
  if (denialOf(context, { action: "read", branch: commit.graphBranch ?? MAIN }) !== undefined) throw new CommitNotFoundError(commitId);
  return jsonResponse(encodeCommitChanges(await graph.commitChanges(commitId, { ...pageOptions(query), signal: context.signal })));
}

export async function pollChanges(context: GraphRequestContext, { query }: RouteInput): Promise<Response> {
  const branch = branchOr(query.get("branch"), MAIN);
  authorize(context, { action: "read", branch });
  const options: ChangesOptions = { ...pageOptions(query), ...startOption(query), ...text(query, "cursor", "cursor"), branch, signal: context.signal };
  return jsonResponse(encodeChangeFeed(await context.served.graph.changes(options)));
}

function pageOptions(query: URLSearchParams): ChangeFilter & { readonly limit?: number; readonly pageToken?: string } {
  const limit = query.get("limit");
  return { ...changeFilter(query), ...(limit === null ? {} : { limit: Number(limit) }), ...text(query, "page_token", "pageToken") };
}

export function changeFilter(query: URLSearchParams): ChangeFilter {
  return { kinds: query.getAll("kind") as NonNullable<ChangeFilter["kinds"]>, types: query.getAll("type"), ops: query.getAll("op") as NonNullable<ChangeFilter["ops"]> };
}

function startOption(query: URLSearchParams): { readonly start?: FeedStart } {
  const start = query.get("start");
  if (start === null) return {};
  if (start === "now" || start === "beginning" || start.startsWith("after:")) return { start: start as FeedStart };
  throw new RequestParameterError("start", "'start' must be now, beginning or after:<commit id>");
}

function text<K extends string>(query: URLSearchParams, name: string, key: K): { readonly [P in K]?: string } {
  const value = query.get(name);
  return (value === null ? {} : { [key]: value }) as { readonly [P in K]?: string };
}
