import { encodeQueryCatalog, type QueryCatalogEntry, type RouteInputs, StoredQueryKindError, StoredQueryNotFoundError } from "@omnigraphdb/api-types";
import type { StoredQuery } from "@omnigraphdb/cluster";
import { authorize, denialOf } from "../authorization/authorize.js";
import type { HttpResponse } from "../http/http-response.js";
import { readOutputResponse } from "../http/json-rows.js";
import { jsonResponse } from "../http/responses.js";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphHandler, GraphRequestContext } from "../request-context.js";
import { runMutation } from "./mutate.js";
import { runRead } from "./query.js";

type Invocation = RouteInputs["invoke_query"]["body"];

/** The exposed ones, whether or not the actor may invoke them (http-api 12.1). */
export const listQueries: GraphHandler<"list_queries"> = async (context) => {
  authorize(context, { action: "read", branch: MAIN_BRANCH });
  const exposed = context.served.queries.list().filter(({ isExposed }) => isExposed);
  return jsonResponse(encodeQueryCatalog(exposed.map(withoutDeclaredTypes)));
};

/** Callers are told how to send a value, not how it was declared (http-api 12.1). */
function withoutDeclaredTypes(stored: StoredQuery): QueryCatalogEntry {
  return { ...stored, params: stored.params.map(({ type: _type, ...descriptor }) => descriptor) };
}

export const invokeQuery: GraphHandler<"invoke_query"> = async (context, { path, body }) => {
  const stored = findInvocable(context, path.name);
  checkExpectation(stored, body);
  if (stored.isMutation) return invokeMutation(context, stored, body);
  const { params, branch, snapshot } = body;
  const target = { ...(branch === undefined ? {} : { branch }), ...(snapshot === undefined ? {} : { snapshot }) };
  return readOutputResponse(await runRead(context, { query: stored.source, name: stored.name, params, ...target }), { hasCommitId: true });
};

export const invokeQueryIfGraphCommit: GraphHandler<"invoke_query_if_graph_commit"> = async (context, { path, body, ifGraphCommit }) => {
  const stored = findInvocable(context, path.name);
  checkExpectation(stored, body);
  if (!stored.isMutation) throw new StoredQueryKindError(`stored query '${stored.name}' only reads: it takes no condition`, "Invoke it at queries/{name}.");
  return invokeMutation(context, stored, body, ifGraphCommit);
};

/** Whoever may invoke nothing learns nothing about names (http-api 12.2). @throws StoredQueryNotFoundError */
function findInvocable(context: GraphRequestContext, name: string): StoredQuery {
  const isDenied = denialOf(context, { action: "invoke_query" }) !== undefined;
  const stored = context.served.queries.find(name);
  if (isDenied || stored === undefined) throw new StoredQueryNotFoundError();
  context.log.info("stored query invoked", { graph_id: context.served.graphId, actor: context.actor ?? null, query: name, kind: stored.isMutation ? "mutation" : "read" });
  return stored;
}

function checkExpectation({ name, isMutation }: StoredQuery, { expect_mutation: expected = isMutation }: Invocation): void {
  if (expected === isMutation) return;
  throw new StoredQueryKindError(
    isMutation ? `stored query '${name}' is a mutation` : `stored query '${name}' only reads`,
    isMutation ? "Call it as a mutation: omnigraph mutate." : "Call it as a read: omnigraph query.",
  );
}

function invokeMutation(context: GraphRequestContext, { source, name }: StoredQuery, { params, branch, snapshot }: Invocation, ifCommit?: string): Promise<HttpResponse> {
  if (snapshot !== undefined) throw new StoredQueryKindError(`stored query '${name}' is a mutation: it cannot run on a snapshot`, "Leave 'snapshot' out; name a branch instead.");
  return runMutation(context, { query: source, name, params, ...(branch === undefined ? {} : { branch }) }, ifCommit);
}
