import { invokeStoredQueryRequestSchema, invokeStoredQueryResponseSchema, queriesCatalogOutputSchema } from "../wire/stored-query.js";
import { changeOutputSchema } from "../wire/mutation.js";
import { COMMIT, COMMIT_ID, PARENT_COMMIT_ID } from "./example-values.js";
import { type Route, route } from "./route.js";

const NAME = { name: "name", description: "Name of the stored query." };

export const listQueries: Route = route({
  operationId: "list_queries",
  method: "GET",
  path: "/queries",
  action: "read",
  answer: { kind: "json", schema: queriesCatalogOutputSchema },
  failures: [403, 404, 503],
  tag: "queries",
  summary: "The stored queries",
  example: {
    answer: {
      queries: [
        {
          name: "top_accounts",
          tool_name: "top_accounts",
          description: "Accounts by revenue",
          mutation: false,
          params: [
            { name: "min", kind: "float", nullable: false },
            { name: "tags", kind: "list", item_kind: "string", nullable: true },
          ],
        },
      ],
    },
  },
});

const invocation = {
  method: "POST",
  action: "invoke_query",
  isAdmitted: true,
  bodyKind: "optionalJson",
  shapeStatus: 400,
  params: [NAME],
  body: invokeStoredQueryRequestSchema,
  branchNames: ["branch"],
} as const satisfies Partial<Route>;

export const invokeQuery: Route = route({
  ...invocation,
  operationId: "invoke_query",
  path: "/queries/{name}",
  condition: "refused",
  answer: { kind: "json", schema: invokeStoredQueryResponseSchema },
  failures: [400, 403, 404, 409, 413, 415, 424, 429, 500, 503],
  tag: "queries",
  summary: "Run a stored query",
  description: "A read answers like /query, a mutation like /mutate. Whoever may not invoke stored queries gets the answer for one that does not exist.",
  example: {
    path: { name: "top_accounts" },
    body: { params: { min: 1000 } },
    answer: {
      query_name: "top_accounts",
      target: { branch: "main", snapshot: null },
      row_count: 1,
      columns: ["a.name"],
      rows: [{ "a.name": "Nordlicht GmbH" }],
      graph_commit_id: COMMIT_ID,
    },
  },
});

export const invokeQueryIfGraphCommit: Route = route({
  ...invocation,
  operationId: "invoke_query_if_graph_commit",
  path: "/queries/{name}/if-graph-commit",
  condition: "required",
  answer: { kind: "json", schema: changeOutputSchema },
  failures: [400, 403, 404, 409, 412, 413, 415, 424, 429, 500, 503],
  tag: "mutations",
  summary: "Run a stored mutation if the branch head still is a given commit",
  example: {
    path: { name: "pay" },
    headers: { "Omnigraph-If-Graph-Commit": PARENT_COMMIT_ID },
    body: { params: { number: "77" } },
    answer: { branch: "main", query_name: "pay", affected_nodes: 1, affected_edges: 0, actor_id: "svc-billing", commit: COMMIT },
  },
});
