import { explanationOutputSchema } from "../wire/explanation.js";
import { exportRequestSchema } from "../wire/export.js";
import { explainRequestSchema, legacyReadOutputSchema, queryRequestSchema, readOutputSchema, readRequestSchema } from "../wire/query.js";
import { snapshotOutputSchema } from "../wire/snapshot.js";
import { COMMIT_ID, RECORDS } from "./example-values.js";
import { TARGET } from "./parameters.js";
import { type Route, route } from "./route.js";

const QUERY = "query by_city($city: String) { match { $c: Customer { city: $city } } return { $c.name, $c.spend as spend } }";

const ROWS = {
  query_name: "by_city",
  target: { branch: "main", snapshot: null },
  row_count: 1,
  columns: ["c.name", "spend"],
  rows: [{ "c.name": "Nordlicht GmbH", spend: 4100.5 }],
};

export const getSnapshot: Route = route({
  operationId: "getSnapshot",
  method: "GET",
  path: "/snapshot",
  action: "read",
  query: TARGET,
  branchNames: ["branch"],
  answer: { kind: "json", schema: snapshotOutputSchema },
  failures: [400, 403, 404, 409, 503],
  tag: "snapshots",
  summary: "What a branch head, or a fixed version, consists of",
  example: {
    query: { branch: "main" },
    answer: {
      graph_branch: "main",
      graph_manifest_version: 12,
      internal_schema_version: 4,
      datasets: [
        { entity_kind: "edge", type_name: "Owns", dataset_path: "edges/0000000000000002-0000000000000002", published_dataset_version: 4, native_dataset_branch: null, entity_count: 31 },
      ],
      graph_commit_id: COMMIT_ID,
    },
  },
});

export const query: Route = route({
  operationId: "query",
  method: "POST",
  path: "/query",
  action: "read",
  bodyKind: "json",
  body: queryRequestSchema,
  branchNames: ["branch"],
  answer: { kind: "json", schema: readOutputSchema },
  failures: [400, 403, 404, 409, 413, 415, 422, 503],
  tag: "queries",
  summary: "Run a read query",
  example: { body: { query: QUERY, params: { city: "Lübeck" } }, answer: { ...ROWS, graph_commit_id: COMMIT_ID } },
});

export const explain: Route = route({
  operationId: "explain",
  method: "POST",
  path: "/explain",
  action: "read",
  bodyKind: "json",
  body: explainRequestSchema,
  branchNames: ["branch"],
  answer: { kind: "json", schema: explanationOutputSchema },
  failures: [400, 403, 404, 409, 413, 415, 422, 503],
  tag: "queries",
  summary: "How a read query is executed",
  description: "With analyze, the query is run and every step measured; its rows are thrown away.",
  example: {
    body: { query: QUERY, params: { city: "Lübeck" } },
    answer: {
      query_name: "by_city",
      target: { branch: "main", snapshot: null },
      graph_commit_id: COMMIT_ID,
      analyzed: false,
      steps: [
        {
          operator: "scan",
          variable: "c",
          type: "Customer",
          description: "$c: Customer",
          conditions: ["$c.city = $city"],
          estimated_rows: 12,
          access: { kind: "memory", detail: null },
          measured: null,
          children: [],
        },
      ],
      measured: null,
    },
  },
});

export const read: Route = route({
  operationId: "read",
  method: "POST",
  path: "/read",
  action: "read",
  bodyKind: "json",
  body: readRequestSchema,
  branchNames: ["branch"],
  answer: { kind: "json", schema: legacyReadOutputSchema },
  failures: [400, 403, 404, 409, 413, 415, 422, 503],
  isDeprecated: true,
  successor: "query",
  tag: "queries",
  summary: "Run a read query, in the form of earlier versions",
  example: { body: { query_source: QUERY, params: { city: "Lübeck" } }, answer: ROWS },
});

export const exportRoute: Route = route({
  operationId: "export",
  method: "POST",
  path: "/export",
  action: "export",
  bodyKind: "json",
  shapeStatus: 400,
  body: exportRequestSchema,
  branchNames: ["branch"],
  answer: { kind: "ndjson", description: "One record per line: edge types by name, then node types by name, inside a type by id." },
  failures: [400, 403, 404, 409, 413, 415, 503],
  tag: "snapshots",
  summary: "All records of one state as a stream",
  description: "A body that lacks its regular end is incomplete.",
  example: { body: { type_names: ["Account", "Owns"] }, answer: RECORDS },
});
