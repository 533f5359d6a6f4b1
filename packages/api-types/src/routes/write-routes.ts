import { graphBatchLoadOutputSchema, ingestOutputSchema, ingestRequestSchema, loadModeSchema } from "../wire/load.js";
import { changeOutputSchema, changeRequestSchema } from "../wire/mutation.js";
import { schemaApplyOutputSchema, schemaApplyRequestSchema, schemaOutputSchema } from "../wire/schema.js";
import { COMMIT, GRAPH_URI, PARENT_COMMIT_ID, RECORDS } from "./example-values.js";
import { BRANCH, type QueryParameterList } from "./parameters.js";
import { type Route, route } from "./route.js";

const MUTATION = "query pay($number: String) { update Invoice set { paid: true } where number = $number }";
const CHANGED = { branch: "main", query_name: "pay", affected_nodes: 1, affected_edges: 0, actor_id: "svc-billing", commit: COMMIT };
const SCHEMA = "node Account {\n  id: String @key\n  name: String\n}\n";

const LOADED = {
  branch: "import-07",
  base_branch: "main",
  branch_created: true,
  mode: "append",
  nodes: [{ name: "Account", entities_loaded: 2 }],
  edges: [{ name: "Owns", entities_loaded: 1 }],
  total_entities: 3,
  actor_id: "svc-import",
  commit: { ...COMMIT, graph_branch: "import-07", actor_id: "svc-import" },
};

const LOAD_QUERY: QueryParameterList = [
  BRANCH,
  { name: "from", kind: "text", description: "Where a missing branch is created from; without it the branch must exist." },
  { name: "mode", kind: "text", choices: ["merge", "append", "overwrite"], schema: loadModeSchema, description: "Default merge." },
  { name: "embed", kind: "text", choices: ["missing", "none"], description: "missing: vectors that a record leaves out are computed from the text their @embed names." },
];

const mutation = {
  method: "POST",
  action: "change",
  isAdmitted: true,
  bodyKind: "json",
  body: changeRequestSchema,
  branchNames: ["branch"],
  answer: { kind: "json", schema: changeOutputSchema },
  tag: "mutations",
  example: { body: { query: MUTATION, params: { number: "77" } }, answer: CHANGED },
} as const satisfies Partial<Route>;

const WRITE_FAILURES = [400, 403, 404, 409, 413, 415, 422, 424, 429, 503];

export const mutate: Route = route({
  ...mutation,
  operationId: "mutate",
  path: "/mutate",
  condition: "refused",
  failures: WRITE_FAILURES,
  summary: "Change data",
  description: "One request is one atomic commit.",
});

export const change: Route = route({
  ...mutation,
  operationId: "change",
  path: "/change",
  condition: "refused",
  failures: WRITE_FAILURES,
  isDeprecated: true,
  successor: "mutate",
  summary: "Change data, by the name of earlier versions",
});

export const mutateIfGraphCommit: Route = route({
  ...mutation,
  operationId: "mutate_if_graph_commit",
  path: "/mutate/if-graph-commit",
  condition: "required",
  failures: [...WRITE_FAILURES, 412],
  summary: "Change data if the branch head still is a given commit",
  example: { ...mutation.example, headers: { "Omnigraph-If-Graph-Commit": PARENT_COMMIT_ID } },
});

export const getSchema: Route = route({
  operationId: "getSchema",
  method: "GET",
  path: "/schema",
  action: "read",
  answer: { kind: "json", schema: schemaOutputSchema },
  failures: [403, 404, 409, 503],
  tag: "schema",
  summary: "The accepted schema",
  example: { answer: { schema_source: SCHEMA } },
});

export const applySchema: Route = route({
  operationId: "applySchema",
  method: "POST",
  path: "/schema/apply",
  action: "schema_apply",
  condition: "refused",
  isAdmitted: true,
  bodyKind: "json",
  body: schemaApplyRequestSchema,
  answer: { kind: "json", schema: schemaApplyOutputSchema },
  failures: [400, 403, 404, 409, 413, 415, 422, 429, 503],
  tag: "schema",
  summary: "Migrate the graph to a schema",
  description: "Of a graph that is served from a cluster this is always 409: its schema changes with the cluster's configuration.",
  example: {
    body: { schema_source: SCHEMA },
    answer: {
      uri: GRAPH_URI,
      supported: true,
      applied: true,
      step_count: 1,
      graph_manifest_version: 14,
      steps: [
        {
          kind: "add_property",
          type_kind: "node",
          type_name: "Account",
          property_name: "name",
          property_type: { scalar: "String", nullable: true, list: false, enum_values: null },
          description: "add property 'Account.name' (String?) on node 'Account'",
        },
      ],
      actor_id: "act-ops",
      commit: { ...COMMIT, graph_manifest_version: 14, actor_id: "act-ops" },
    },
  },
});

const jsonLoad = {
  method: "POST",
  action: "change",
  isAdmitted: true,
  bodyKind: "json",
  bodyLimit: "load",
  condition: "refused",
  body: ingestRequestSchema,
  branchNames: ["branch", "from"],
  answer: { kind: "json", schema: ingestOutputSchema },
  failures: WRITE_FAILURES,
  tag: "mutations",
  example: { body: { branch: "import-07", from: "main", mode: "append", data: RECORDS }, answer: { uri: GRAPH_URI, ...LOADED } },
} as const satisfies Partial<Route>;

export const load: Route = route({ ...jsonLoad, operationId: "load", path: "/load", summary: "Load records", description: "All or nothing, as one commit." });

export const ingest: Route = route({
  ...jsonLoad,
  operationId: "ingest",
  path: "/ingest",
  isDeprecated: true,
  successor: "load",
  summary: "Load records, ignoring members and properties that the schema does not have",
});

export const loadNdjson: Route = route({
  operationId: "loadNdjson",
  method: "POST",
  path: "/load/ndjson",
  action: "change",
  isAdmitted: true,
  bodyKind: "ndjson",
  bodyLimit: "load",
  condition: "refused",
  query: LOAD_QUERY,
  branchNames: ["branch", "from"],
  answer: { kind: "json", schema: graphBatchLoadOutputSchema },
  failures: WRITE_FAILURES.filter((status) => status !== 422),
  tag: "mutations",
  summary: "Load records from a stream",
  description: "The body is read as it arrives. All or nothing, as one commit.",
  example: { query: { branch: "import-07", from: "main", mode: "append" }, body: RECORDS, answer: LOADED },
});
