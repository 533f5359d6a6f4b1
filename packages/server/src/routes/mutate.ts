import { type ChangeRequest, encodeMutation, stringifyJson } from "@omnigraphdb/api-types";
import { authorize } from "../authorization/authorize.js";
import { branchOr, MAIN } from "../http/branch-text.js";
import { requireCondition } from "../http/conditional-header.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";
import { byActor, whileAdmitted } from "./admitted.js";

export interface WriteCall {
  readonly source: string;
  readonly name: string | undefined;
  readonly params: unknown;
  readonly branch: string | null | undefined;
  /** The branch must still be at this commit when the write is published. */
  readonly ifCommit?: string;
}

/** `mutate` and its deprecated spelling `change` (http-api 10.1, 10.2). */
export async function mutate(context: GraphRequestContext, { body }: RouteInput): Promise<Response> {
  return runMutation(context, writeCallOf(body as ChangeRequest));
}

export async function mutateIfGraphCommit(context: GraphRequestContext, { body, request }: RouteInput): Promise<Response> {
  const ifCommit = requireCondition(request.headers);
  return runMutation(context, { ...writeCallOf(body as ChangeRequest), ifCommit });
}

/** @throws PolicyDeniedError, DefaultDenyError; TooManyRequestsError; as `Graph.mutate` */
export async function runMutation(context: GraphRequestContext, { source, name, params, branch: given, ifCommit }: WriteCall): Promise<Response> {
  const branch = branchOr(given, MAIN);
  authorize(context, { action: "change", branch });
  return whileAdmitted(context, estimatedBytes(source, params), async ({ graph }) => {
    const options = { params, branch, ...byActor(context), ...(name === undefined ? {} : { name }), ...(ifCommit === undefined ? {} : { ifCommit }) };
    return jsonResponse(encodeMutation(await graph.mutate(source, options)));
  });
}

/** Query text and serialised parameters (http-api 5.2). */
function estimatedBytes(source: string, params: unknown): number {
  return source.length + (params === undefined || params === null ? 0 : stringifyJson(params).length);
}

/** The shape admits exactly one spelling of each member. */
function writeCallOf({ query, query_source, name, query_name, params, branch }: ChangeRequest): WriteCall {
  return { source: query ?? query_source ?? "", name: name ?? query_name ?? undefined, params, branch };
}
