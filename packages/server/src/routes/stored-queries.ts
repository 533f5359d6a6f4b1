import { encodeQueryCatalog, type InvokeStoredQueryRequest, StoredQueryKindError, StoredQueryNotFoundError } from "@omnigraphdb/api-types";
import type { StoredQuery } from "@omnigraphdb/cluster";
import { authorize, denialOf } from "../authorization/authorize.js";
import { MAIN } from "../http/branch-text.js";
import { requireCondition } from "../http/conditional-header.js";
import { readOutputResponse } from "../http/json-rows.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";
import { runMutation } from "./mutate.js";
import { runRead } from "./query.js";

/** The exposed ones, whether or not the actor may invoke them (http-api 12.1). */
export async function listQueries(context: GraphRequestContext): Promise<Response> {
  authorize(context, { action: "read", branch: MAIN });
  return jsonResponse(encodeQueryCatalog(context.served.queries.list().filter(({ isExposed }) => isExposed)));
}

export async function invokeQuery(context: GraphRequestContext, input: RouteInput): Promise<Response> {
  const request = requestOf(input);
  const query = findInvocable(context, input);
  checkExpectation(query, request);
  return query.isMutation ? invokeMutation(context, query, request) : invokeRead(context, query, request);
}

export async function invokeQueryIfGraphCommit(context: GraphRequestContext, input: RouteInput): Promise<Response> {
  const ifCommit = requireCondition(input.request.headers);
  const request = requestOf(input);
  const query = findInvocable(context, input);
  checkExpectation(query, request);
  if (!query.isMutation) throw new StoredQueryKindError(`stored query '${query.name}' only reads: it takes no condition`, "Invoke it at queries/{name}.");
  return invokeMutation(context, query, request, ifCommit);
}

function requestOf({ body }: RouteInput): InvokeStoredQueryRequest {
  return (body ?? {}) as InvokeStoredQueryRequest;
}

/** Whoever may invoke nothing learns nothing about names (http-api 12.2). @throws StoredQueryNotFoundError */
function findInvocable(context: GraphRequestContext, { params }: RouteInput): StoredQuery {
  const isDenied = denialOf(context, { action: "invoke_query" }) !== undefined;
  const query = params["name"] === undefined ? undefined : context.served.queries.find(params["name"]);
  if (isDenied || query === undefined) throw new StoredQueryNotFoundError();
  context.log.info("stored query invoked", { graph: context.served.graphId, actor: context.actor ?? null, query: query.name, kind: query.isMutation ? "mutation" : "read" });
  return query;
}

function checkExpectation({ name, isMutation }: StoredQuery, { expect_mutation: expected }: InvokeStoredQueryRequest): void {
  if (expected === undefined || expected === null || expected === isMutation) return;
  throw new StoredQueryKindError(
    isMutation ? `stored query '${name}' is a mutation` : `stored query '${name}' only reads`,
    isMutation ? "Call it as a mutation (omnigraph mutate)." : "Call it as a read (omnigraph query).",
  );
}

async function invokeRead(context: GraphRequestContext, { source, name }: StoredQuery, { params, branch, snapshot }: InvokeStoredQueryRequest): Promise<Response> {
  return readOutputResponse(await runRead(context, { source, name, params }, { branch, snapshot }), { hasCommitId: true });
}

function invokeMutation(context: GraphRequestContext, { source, name }: StoredQuery, { params, branch, snapshot }: InvokeStoredQueryRequest, ifCommit?: string): Promise<Response> {
  if (snapshot !== undefined && snapshot !== null) throw new StoredQueryKindError(`stored query '${name}' is a mutation: it cannot run on a snapshot`, "Leave 'snapshot' out; name a branch instead.");
  return runMutation(context, { source, name, params, branch, ...(ifCommit === undefined ? {} : { ifCommit }) });
}
