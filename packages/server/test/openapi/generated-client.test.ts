/** A client that a public generator makes from the served document drives the whole life cycle of a graph. */
import { readFile } from "node:fs/promises";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { makeTempDir } from "@omnigraphdb/testkit";
import openapiTypescript, { astToString } from "openapi-typescript";
import createClient, { type Client } from "openapi-fetch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../test-support/index.js";
import type { paths } from "./served-api.generated.js";

const SCHEMA = `
node Account {
    code: String @key
    name: String?
    logo: Blob?
}
edge Owns: Account -> Account
`;

const POLICY = `version: 1
groups: { team: [act-gen] }
rules:
  - id: everything
    allow: { actors: { group: team }, actions: [read, export, change, schema_apply, branch_create, branch_delete, branch_merge, invoke_query] }
`;

const SERVER_POLICY = `version: 1
groups: { team: [act-gen] }
rules:
  - id: list
    allow: { actors: { group: team }, actions: [graph_list] }
`;

const RECORDS = '{"type":"Account","data":{"code":"a","name":"Ann","logo":"base64:aGVsbG8="}}\n{"type":"Account","data":{"code":"b"}}\n{"edge":"Owns","from":"a","to":"b"}\n';
const RENAME = "query rename($code: String, $name: String) { update Account set { name: $name } where code = $code }";
const NAMES = "query names() { match { $a: Account } return { $a.code, $a.name } order { $a.code asc } }";

const DOCUMENT = new URL("../../../../docs/reference/openapi.json", import.meta.url);
const TOKEN = "gen-token-71c3";
const graph = { path: { graph_id: "crm" } };

let folder: Awaited<ReturnType<typeof makeTempDir>>;
let server: TestServer;
let client: Client<paths>;

beforeAll(async () => {
  folder = await makeTempDir();
  await writeAppliedCluster(folder.path, {
    graphs: { crm: { schema: SCHEMA, queries: { names: NAMES, rename: RENAME } } },
    policies: { team: { text: POLICY, appliesTo: ["graph.crm"] }, list: { text: SERVER_POLICY, appliesTo: ["cluster"] } },
  });
  server = await startTestServer({ cluster: folder.path, env: { OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: JSON.stringify({ "act-gen": TOKEN }) } });
  client = createClient<paths>({ baseUrl: server.url, headers: { authorization: `Bearer ${TOKEN}` } });
});

afterAll(async () => {
  await server.stop();
  await folder[Symbol.asyncDispose]();
});

test("the types are those that the generator makes of the document", async () => {
  const types = astToString(await openapiTypescript(await readFile(DOCUMENT, "utf8"))).replaceAll(/^ *\/\*\*[\s\S]*?\*\/\n/gm, "");
  const committed = await readFile(new URL("served-api.generated.ts", import.meta.url), "utf8");
  expect(committed.endsWith(types), "run: node scripts/render-openapi.mjs").toBe(true);
});

test("the document that is served is the committed one (21.6)", async () => {
  const served: unknown = await (await fetch(`${server.url}/openapi.json`)).json();
  const committed = JSON.parse(await readFile(DOCUMENT, "utf8")) as { readonly info: object };
  const { version } = (served as { readonly info: { readonly version: string } }).info;
  expect(served).toEqual({ ...committed, info: { ...committed.info, version } });
});

test("a life: load, read, branch, change, merge, history, blob, export, end", async () => {
  expect((await client.GET("/healthz")).data?.status).toBe("ok");
  expect((await client.GET("/graphs")).data?.graphs.map(({ graph_id: id }) => id)).toEqual(["crm"]);
  expect((await client.GET("/graphs/{graph_id}/schema", { params: graph })).data?.schema_source).toContain("node Account");

  const { data: loaded } = await client.POST("/graphs/{graph_id}/load", { params: graph, body: { data: RECORDS } });
  expect(loaded).toMatchObject({ branch: "main", total_entities: 3, actor_id: "act-gen" });
  const { data: streamed } = await client.POST("/graphs/{graph_id}/load/ndjson", {
    params: { ...graph, query: { branch: "work", from: "main", mode: "merge" } },
    headers: { "content-type": "application/x-ndjson" },
    body: '{"type":"Account","data":{"code":"c","name":"Cem"}}\n',
    bodySerializer: (body) => body,
  });
  expect(streamed).toMatchObject({ branch: "work", branch_created: true, total_entities: 1 });
  expect((await client.GET("/graphs/{graph_id}/branches", { params: graph })).data?.branches).toEqual(["main", "work"]);

  const { data: read } = await client.POST("/graphs/{graph_id}/query", { params: graph, body: { query: NAMES, branch: "work" } });
  expect(read?.rows.map((row) => row["a.code"])).toEqual(["a", "b", "c"]);
  const head = read?.graph_commit_id ?? "";

  const renamed = { query: RENAME, params: { code: "b", name: "Bob" }, branch: "work" };
  const conditional = { params: { ...graph, header: { "Omnigraph-If-Graph-Commit": head } }, body: renamed };
  const { data: changed } = await client.POST("/graphs/{graph_id}/mutate/if-graph-commit", conditional);
  expect(changed).toMatchObject({ affected_nodes: 1, commit: { graph_branch: "work", parent_commit_id: head } });
  const { error: lost, response } = await client.POST("/graphs/{graph_id}/mutate/if-graph-commit", conditional);
  expect([response.status, lost?.precondition_failure]).toEqual([412, { expected: head, actual: changed?.commit?.graph_commit_id }]);

  const { data: merged } = await client.POST("/graphs/{graph_id}/branches/merge", { params: graph, body: { source: "work", delete_branch: true } });
  expect(merged).toMatchObject({ outcome: "fast_forward", branch_deleted: true });
  const { data: stored } = await client.POST("/graphs/{graph_id}/queries/{name}", { params: { path: { graph_id: "crm", name: "names" } }, body: {} });
  expect(stored !== undefined && "rows" in stored ? stored.row_count : undefined).toBe(3);

  const { data: history } = await client.GET("/graphs/{graph_id}/commits", { params: graph });
  const [latest] = history?.commits ?? [];
  const { data: commit } = await client.GET("/graphs/{graph_id}/commits/{commit_id}", { params: { path: { graph_id: "crm", commit_id: latest?.graph_commit_id ?? "" } } });
  expect(commit).toEqual(latest);
  const { data: feed } = await client.GET("/graphs/{graph_id}/changes", { params: { ...graph, query: { start: "beginning", op: ["insert"], kind: ["node"] } } });
  expect(feed?.blocks.flatMap(({ changes }) => changes.map(({ id }) => id))).toEqual(["a", "b", "c"]);
  expect(feed?.caught_up).toBe(true);

  const { data: logo } = await client.GET("/graphs/{graph_id}/blob", { params: { ...graph, query: { entity: "node", type: "Account", id: "a", property: "logo" } }, parseAs: "text" });
  expect(logo).toBe("hello");
  const { data: exported } = await client.POST("/graphs/{graph_id}/export", { params: graph, body: { type_names: ["Account"] }, parseAs: "text" });
  expect(exported?.trim().split("\n")).toHaveLength(3);

  const { error: absent } = await client.POST("/graphs/{graph_id}/query", { params: graph, body: { query: NAMES, branch: "work" } });
  expect(absent).toMatchObject({ error: "branch 'work' not found", code: "not_found", error_code: "BRANCH_NOT_FOUND", retryable: false });
});
