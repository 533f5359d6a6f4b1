import { encodeMutation, type MutationInput, stringifyJson } from "@omnigraphdb/api-types";
import { authorize } from "../authorization/authorize.js";
import type { HttpResponse } from "../http/http-response.js";
import { jsonResponse } from "../http/responses.js";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphHandler, GraphRequestContext } from "../request-context.js";
import { byActor, whileAdmitted } from "./admitted.js";

/** `mutate` and its deprecated spelling `change` (http-api 10.1, 10.2). */
export const mutate: GraphHandler<"mutate" | "change"> = async (context, { body }) => runMutation(context, body);

export const mutateIfGraphCommit: GraphHandler<"mutate_if_graph_commit"> = async (context, { body, ifGraphCommit }) => runMutation(context, body, ifGraphCommit);

/**
 * The same for ad-hoc and for stored mutations.
 *
 * @param ifCommit the branch must still be at this commit when the write is published
 * @throws PolicyDeniedError, DefaultDenyError; TooManyRequestsError; as `Graph.mutate`
 */
export async function runMutation(context: GraphRequestContext, { query, name, params, branch = MAIN_BRANCH }: MutationInput, ifCommit?: string): Promise<HttpResponse> {
  authorize(context, { action: "change", branch });
  return whileAdmitted(context, estimatedBytes(query, params), async ({ graph }) => {
    const options = { params, branch, ...byActor(context), ...(name === undefined ? {} : { name }), ...(ifCommit === undefined ? {} : { ifCommit }) };
    return jsonResponse(encodeMutation(await graph.mutate(query, options)));
  });
}

/** Query text and serialised parameters (http-api 5.2). */
function estimatedBytes(query: string, params: unknown): number {
  return query.length + (params === undefined ? 0 : stringifyJson(params).length);
}
