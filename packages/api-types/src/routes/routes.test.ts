import { describe, expect, test } from "vitest";
import { decodeRequest } from "../request/decode-request.js";
import type { OperationId } from "./route-inputs.js";
import { ROUTES } from "./routes.js";

/** §23, and the routes that are additions of ours. */
const MATRIX: readonly (readonly [OperationId, string, string | null, boolean])[] = [
  ["health", "GET /healthz", null, false],
  ["listGraphs", "GET /graphs", "graph_list", false],
  ["getSnapshot", "GET /snapshot", "read", false],
  ["query", "POST /query", "read", false],
  ["explain", "POST /explain", "read", false],
  ["read", "POST /read", "read", false],
  ["mutate", "POST /mutate", "change", true],
  ["change", "POST /change", "change", true],
  ["mutate_if_graph_commit", "POST /mutate/if-graph-commit", "change", true],
  ["list_queries", "GET /queries", "read", false],
  ["invoke_query", "POST /queries/{name}", "invoke_query", true],
  ["invoke_query_if_graph_commit", "POST /queries/{name}/if-graph-commit", "invoke_query", true],
  ["getSchema", "GET /schema", "read", false],
  ["applySchema", "POST /schema/apply", "schema_apply", true],
  ["load", "POST /load", "change", true],
  ["loadNdjson", "POST /load/ndjson", "change", true],
  ["ingest", "POST /ingest", "change", true],
  ["export", "POST /export", "export", false],
  ["listBranches", "GET /branches", "read", false],
  ["createBranch", "POST /branches", "branch_create", true],
  ["deleteBranch", "DELETE /branches/{branch}", "branch_delete", true],
  ["mergeBranches", "POST /branches/merge", "branch_merge", true],
  ["listCommits", "GET /commits", "read", false],
  ["getCommit", "GET /commits/{commit_id}", "read", false],
  ["diff", "GET /diff", "read", false],
  ["getCommitChanges", "GET /commits/{commit_id}/changes", "read", false],
  ["pollChanges", "GET /changes", "read", false],
  ["captureChangeBaseline", "POST /changes/baseline", "export", false],
  ["getBlob", "GET /blob", "read", false],
  ["headBlob", "HEAD /blob", "read", false],
];

const routes = Object.values(ROUTES);

test("§23 method, path, action and admission of every route", () => {
  expect(Object.entries(ROUTES).map(([id, { method, path, action, isAdmitted }]) => [id, `${method} ${path}`, action, isAdmitted])).toEqual(MATRIX);
  expect(routes.filter(({ operationId }) => ROUTES[operationId].operationId !== operationId)).toEqual([]);
});

test("H5 every write route refuses a condition that it would drop, or requires it", () => {
  const writes = routes.filter(({ isAdmitted }) => isAdmitted);
  expect(writes.filter(({ condition }) => condition === "ignored")).toEqual([]);
  expect(routes.filter(({ condition }) => condition === "required").map(({ path }) => path)).toEqual(["/mutate/if-graph-commit", "/queries/{name}/if-graph-commit"]);
});

test("10.5 deprecated routes and their successors", () => {
  expect(routes.filter(({ isDeprecated }) => isDeprecated).map(({ path, successor }) => [path, successor])).toEqual([
    ["/read", "query"],
    ["/change", "mutate"],
    ["/ingest", "load"],
  ]);
});

describe("the example of every route fits its own shapes", () => {
  test.each(routes)("$operationId", ({ operationId, example, answer, bodyKind }) => {
    const query = new URLSearchParams(Object.entries(example.query ?? {}).flatMap(([name, value]) => [value].flat().map((item): [string, string] => [name, item])));
    const body = bodyKind === "json" || bodyKind === "optionalJson" ? JSON.stringify(example.body) : undefined;
    const request = { path: example.path ?? {}, query, contentType: "application/json", body, ifGraphCommit: example.headers?.["Omnigraph-If-Graph-Commit"] ?? null };
    expect(() => decodeRequest(operationId, request)).not.toThrow();
    if (answer.kind === "json") expect(answer.schema.parse(example.answer)).toEqual(example.answer);
    else expect(typeof example.answer).toBe("string");
  });
});

test("placeholders of a path are its parameters", () => {
  for (const { path, params } of routes) expect([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(params.map(({ name }) => name));
});
