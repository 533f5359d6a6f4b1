/** One test per row of http-api §23: what succeeds, who is kept out, and one request that is wrong. */
import { type OperationId, ROUTES } from "@omnigraphdb/api-types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Call, startApp, type TestApp } from "../app-fixture.js";

let app: TestApp;
let commitId: string;

beforeAll(async () => {
  app = await startApp();
  commitId = await app.graph.headCommitId();
  await app.graph.branchCreate("gone", { actor: "owner" });
});
afterAll(() => app[Symbol.asyncDispose]());

const READ = "query q() { match { $a: Account } return { $a.code, $a.big } order { $a.code asc } }";
const WRITE = 'query w() { insert Account { code: "new", name: "New" } }';
const RECORD = '{"type":"Account","data":{"code":"l"}}';

interface Row {
  readonly operation: string;
  readonly method: string;
  /** Below `/graphs/crm`, unless it begins with `/graphs` or is bare. */
  readonly path: string | (() => string);
  readonly body?: unknown;
  readonly headers?: () => Readonly<Record<string, string>>;
  /** What `nobody` is answered; default 403. */
  readonly denied?: number;
  /** A request that is wrong: what differs from the good one, and its status (default 400). */
  readonly wrong?: { readonly path?: string; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>>; readonly status?: number };
  readonly status?: number;
  readonly isPublic?: boolean;
}

const ROWS: readonly Row[] = [
  { operation: "health", method: "GET", path: "/healthz", isPublic: true },
  { operation: "listGraphs", method: "GET", path: "/graphs" },
  { operation: "getSnapshot", method: "GET", path: "/snapshot", wrong: { path: "/snapshot?branch=main&branch=main" } },
  { operation: "query", method: "POST", path: "/query", body: { query: READ }, wrong: { body: { query: "query q() { nonsense }" } } },
  { operation: "explain", method: "POST", path: "/explain", body: { query: READ }, wrong: { body: { query: WRITE } } },
  { operation: "read", method: "POST", path: "/read", body: { query_source: READ }, wrong: { body: { query: READ }, status: 422 } },
  { operation: "mutate", method: "POST", path: "/mutate", body: { query: WRITE }, wrong: { body: { query: READ } } },
  { operation: "change", method: "POST", path: "/change", body: { query_source: WRITE.replace('"new"', '"n2"') }, wrong: { body: {}, status: 422 } },
  {
    operation: "mutate_if_graph_commit",
    method: "POST",
    path: "/mutate/if-graph-commit",
    body: { query: WRITE.replace('"new"', '"n3"') },
    headers: () => ({ "omnigraph-if-graph-commit": commitId }),
    wrong: { headers: {} },
  },
  { operation: "list_queries", method: "GET", path: "/queries" },
  { operation: "invoke_query", method: "POST", path: "/queries/accounts", denied: 404, wrong: { body: { params: 7 } } },
  {
    operation: "invoke_query_if_graph_commit",
    method: "POST",
    path: "/queries/rename/if-graph-commit",
    body: { params: { code: "a", name: "Anna" } },
    headers: () => ({ "omnigraph-if-graph-commit": commitId }),
    denied: 404,
    wrong: { headers: {} },
  },
  { operation: "getSchema", method: "GET", path: "/schema" },
  { operation: "applySchema", method: "POST", path: "/schema/apply", body: { schema_source: "node X { a: String @key }" }, status: 409, wrong: { body: {}, status: 422 } },
  { operation: "load", method: "POST", path: "/load", body: { data: RECORD }, wrong: { body: { data: '{"type":"Ghost","data":{}}' } } },
  { operation: "loadNdjson", method: "POST", path: "/load/ndjson", body: RECORD, headers: () => ({ "content-type": "application/x-ndjson" }), wrong: { body: "{" , headers: { "content-type": "application/x-ndjson" } } },
  { operation: "ingest", method: "POST", path: "/ingest", body: { data: '{"type":"Account","data":{"code":"i","nick":1}}' }, wrong: { body: { data: "[]" } } },
  { operation: "export", method: "POST", path: "/export", body: {}, wrong: { body: { table_keys: [] } } },
  { operation: "listBranches", method: "GET", path: "/branches" },
  { operation: "createBranch", method: "POST", path: "/branches", body: { name: "draft" }, wrong: { body: { name: "main" } } },
  { operation: "mergeBranches", method: "POST", path: "/branches/merge", body: { source: "draft" }, wrong: { body: { source: "main" } } },
  { operation: "deleteBranch", method: "DELETE", path: "/branches/gone", wrong: { path: "/branches/main" } },
  { operation: "listCommits", method: "GET", path: "/commits", wrong: { path: "/commits?branch=" } },
  { operation: "getCommit", method: "GET", path: () => `/commits/${commitId}`, wrong: { path: "/commits/%FF" } },
  { operation: "getCommitChanges", method: "GET", path: () => `/commits/${commitId}/changes`, denied: 404, wrong: { path: "/commits/x/changes?surprise=1" } },
  { operation: "pollChanges", method: "GET", path: "/changes", wrong: { path: "/changes?start=now&cursor=x" } },
  { operation: "captureChangeBaseline", method: "POST", path: "/changes/baseline", body: {}, wrong: { body: { kind: ["nodes"] }, status: 422 } },
  { operation: "diff", method: "GET", path: "/diff?from=main&to=main", wrong: { path: "/diff?from=main" } },
  { operation: "getBlob", method: "GET", path: "/blob?entity=node&type=Account&id=a&property=logo", wrong: { path: "/blob?entity=node&type=Account&id=a" } },
  { operation: "headBlob", method: "HEAD", path: "/blob?entity=node&type=Account&id=a&property=logo", wrong: { path: "/blob?entity=nodes&type=Account&id=a&property=logo" } },
];

const address = (path: string): string => (path === "/healthz" || path === "/graphs" ? path : `/graphs/crm${path}`);

async function send(row: Row, call: Call, over: Row["wrong"] = {}): Promise<Response> {
  const path = over.path ?? (typeof row.path === "string" ? row.path : row.path());
  const body = "body" in over ? over.body : row.body;
  const headers = over.headers ?? row.headers?.();
  return app.call(row.method, address(path), { ...call, ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) });
}

describe("§26.1, 22.4 every row of §23, with the members of today's shapes and no others", () => {
  test("the table has every operation of the route table", () => {
    expect(ROWS.map(({ operation }) => operation).sort()).toEqual(Object.keys(ROUTES).sort());
  });

  test.each(ROWS)("$method $operation", async (row) => {
    if (row.isPublic === true) {
      expect((await send(row, {})).status).toBe(200);
      return;
    }
    const missing = await send(row, {});
    expect(missing.status).toBe(401);
    expect(missing.headers.has("www-authenticate")).toBe(false);
    if (row.method !== "HEAD") expect(await missing.json()).toMatchObject({ error: "missing bearer token", code: "unauthorized" });
    const invalid = await send(row, { headers: { authorization: "Bearer nope" } });
    expect(invalid.status).toBe(401);

    const denied = await send(row, { actor: "nobody" });
    expect(denied.status).toBe(row.denied ?? 403);
    if (row.method !== "HEAD") expect(await denied.json()).toMatchObject({ code: row.denied === 404 ? "not_found" : "forbidden" });

    if (row.wrong !== undefined) {
      const wrong = await send(row, { actor: "owner" }, row.wrong);
      if (row.method !== "HEAD") expect(await wrong.json()).toMatchObject({ code: "bad_request", error: expect.any(String) as string });
      expect(wrong.status).toBe(row.wrong.status ?? 400);
    }

    commitId = await app.graph.headCommitId();
    const good = await send(row, { actor: "owner" });
    const text = await good.text();
    expect([good.status, good.status === (row.status ?? 200) ? "" : text]).toEqual([row.status ?? 200, ""]);
    expect(good.headers.get("x-request-id")).toMatch(/^[0-9A-Z]{26}$/);
    expect(app.leaseCount()).toBe(0);
    const { answer } = ROUTES[row.operation as OperationId];
    // What a shape does not name it drops, so an answer that is equal afterwards holds nothing undocumented.
    if (good.status === 200 && answer.kind === "json") expect(answer.schema.parse(JSON.parse(text))).toEqual(JSON.parse(text));
  });
});
