import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp, type TestApp } from "../app-fixture.js";

let app: TestApp;
beforeAll(async () => { app = await startApp(); });
afterAll(() => app[Symbol.asyncDispose]());

const insert = (code: string): string => `query w() { insert Account { code: "${code}" } }`;
const UNCHANGED = 'query none() { delete Account where code = "nobody" }';
const READ = "query q() { match { $a: Account } return { $a.code, $a.big } order { $a.code asc } limit 1 }";
const CONDITION = "omnigraph-if-graph-commit";

describe("§26.4 the deprecated spellings", () => {
  test("/read is frozen: no commit id, and its keys in order", async () => {
    const response = await app.call("POST", "/graphs/crm/read", { actor: "reader", body: { query_source: READ } });
    expect(await response.text()).toBe('{"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":1,"columns":["a.code","a.big"],"rows":[{"a.code":"a","a.big":9007199254740993}]}');
    expect([response.headers.get("deprecation"), response.headers.get("link")]).toEqual(["true", '<query>; rel="successor-version"']);
  });

  test.each([["read", "query"], ["change", "mutate"], ["ingest", "load"]])("H6 /%s says so on errors too", async (route, successor) => {
    for (const [actor, body] of [[undefined, {}], ["nobody", {}], ["owner", "{"]] as const) {
      const { headers } = await app.call("POST", `/graphs/crm/${route}`, { ...(actor === undefined ? {} : { actor }), body });
      expect([headers.get("deprecation"), headers.get("link")]).toEqual(["true", `<${successor}>; rel="successor-version"`]);
    }
  });

  test("9.1.2, 9.2 mutation text on /query points to mutate, and on /read is an error of the query", async () => {
    for (const [route, body] of [["query", { query: insert("x") }], ["read", { query_source: insert("x") }]] as const) {
      expect((await app.json("POST", `/graphs/crm/${route}`, { actor: "owner", body })).status).toBe(400);
    }
  });
});

test("§26.5 both names of the members of mutate work, together they are refused", async () => {
  const send = (body: object): Promise<{ readonly status: number }> => app.json("POST", "/graphs/crm/mutate", { actor: "owner", body });
  expect((await send({ query: insert("k1"), name: "w" })).status).toBe(200);
  expect((await send({ query_source: insert("k2"), query_name: "w" })).status).toBe(200);
  expect((await send({ query: insert("k3"), query_source: insert("k3") })).status).toBe(422);
  expect((await send({ query: insert("k3"), name: "w", query_name: "w" })).status).toBe(422);
});

describe("§26.6 conditional writes", () => {
  test.each([["missing", undefined], ["empty", ""], ["a star", "*"], ["a weak tag", "W/01J8Z5W6T4Q8M3N2K1H0G9F8E7"], ["quotes", '"01J8Z5W6T4Q8M3N2K1H0G9F8E7"'], ["several", "a, b"], ["bytes beyond ASCII", "caf\u00e9"]])("10.3.1 %s is refused on both routes", async (_what, value) => {
    for (const [path, body] of [["mutate", { query: insert("c") }], ["queries/rename", { params: { code: "a", name: "x" } }]] as const) {
      const headers: Record<string, string> = value === undefined ? {} : { [CONDITION]: value };
      expect((await app.call("POST", `/graphs/crm/${path}/if-graph-commit`, { actor: "owner", body, headers })).status).toBe(400);
    }
  });

  test("10.3.2 a lost condition has no effect and keeps the head; one that holds writes", async () => {
    const head = await app.graph.headCommitId();
    const headers = { [CONDITION]: ` ${head} ` };
    const send = (query: string) => app.json("POST", "/graphs/crm/mutate/if-graph-commit", { actor: "owner", headers, body: { query } });
    const written = await send(insert("cond"));
    expect(written.status).toBe(200);
    const after = await app.graph.headCommitId();
    const lost = await send(insert("cond2"));
    expect(lost.status).toBe(412);
    expect(lost.body).toMatchObject({ precondition_failure: { expected: head, actual: after } });
    expect(lost.body["code"]).toBeUndefined();
    expect((await send(UNCHANGED)).status).toBe(412);
    expect(await app.graph.headCommitId()).toBe(after);
  });

  test.each([
    ["POST", "mutate", { query: insert("h") }],
    ["POST", "change", { query: insert("h") }],
    ["POST", "load", { data: "" }],
    ["POST", "load/ndjson", {}],
    ["POST", "ingest", { data: "" }],
    ["POST", "queries/rename", {}],
    ["POST", "branches", { name: "h" }],
    ["DELETE", "branches/h", undefined],
    ["POST", "branches/merge", { source: "h" }],
    ["POST", "schema/apply", { schema_source: "" }],
  ])("H5 %s %s refuses the header", async (method, path, body) => {
    const answer = await app.json(method, `/graphs/crm/${path}`, { actor: "owner", headers: { [CONDITION]: "01J8Z5W6T4Q8M3N2K1H0G9F8E7" }, body });
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining("Omnigraph-If-Graph-Commit") as string } });
  });
});

test("§26.7 the receipt is the commit of this write; a write that changes nothing has none", async () => {
  const { body } = await app.json("POST", "/graphs/crm/mutate", { actor: "owner", body: { query: insert("rec") } });
  const commit = body["commit"] as { readonly graph_commit_id: string };
  expect(Object.keys(commit)).toEqual(["graph_commit_id", "graph_branch", "graph_manifest_version", "parent_commit_id", "merged_parent_commit_id", "actor_id", "created_at"]);
  expect((await app.json("GET", `/graphs/crm/commits/${commit.graph_commit_id}`, { actor: "owner" })).body).toEqual(commit);
  expect((await app.json("POST", "/graphs/crm/mutate", { actor: "owner", body: { query: UNCHANGED } })).body).toMatchObject({ commit: null, affected_nodes: 0 });
});

test("§26.8, 14.1.3, 14.1.4 the branch rule of loads", async () => {
  const data = '{"type":"Account","data":{"code":"ld"}}';
  const load = (branch: string, from?: string, actor: "owner" | "reader" = "owner") => app.json("POST", "/graphs/crm/load", { actor, body: { branch, data, ...(from === undefined ? {} : { from }) } });
  expect(await load("imp")).toMatchObject({ status: 404, body: { error: expect.stringContaining("branch 'imp' not found") as string } });
  expect((await load("imp", "main", "reader")).status).toBe(403);
  expect(await app.graph.branchList()).not.toContain("imp");
  expect(await load("imp", "main")).toMatchObject({ status: 200, body: { branch: "imp", base_branch: "main", branch_created: true, mode: "merge", total_entities: 1, actor_id: "owner" } });
  expect(await load("imp", "no such branch")).toMatchObject({ status: 200, body: { base_branch: "no such branch", branch_created: false } });
  expect((await load("imp")).status).toBe(200);
});

test("§26.9 ingest ignores what load refuses", async () => {
  const body = { data: '{"type":"Account","data":{"code":"ig","nick":"x","spend":"much"},"note":1}' };
  expect((await app.json("POST", "/graphs/crm/load", { actor: "owner", body })).status).toBe(400);
  expect((await app.json("POST", "/graphs/crm/ingest", { actor: "owner", body })).status).toBe(200);
});

describe("§26.11 merges", () => {
  const branch = (name: string) => app.json("POST", "/graphs/crm/branches", { actor: "owner", body: { name } });
  const write = (on: string, query: string) => app.json("POST", "/graphs/crm/mutate", { actor: "owner", body: { query, branch: on } });
  const merge = (body: object) => app.json("POST", "/graphs/crm/branches/merge", { actor: "owner", body });

  test("16.4 each outcome, and the deletion of the source", async () => {
    await branch("m1");
    expect((await merge({ source: "m1" })).body).toMatchObject({ outcome: "already_up_to_date" });
    await write("m1", insert("m1"));
    expect((await merge({ source: "m1" })).body).toMatchObject({ outcome: "fast_forward" });
    await write("m1", insert("m1b"));
    await write("main", insert("m1c"));
    const merged = await merge({ source: "m1", target: "main", delete_branch: true });
    expect(merged.body).toMatchObject({ source: "m1", target: "main", outcome: "merged", actor_id: "owner", branch_deleted: true });
    expect(await app.graph.branchList()).not.toContain("m1");
  });

  test("15.4 while an export runs, branches stay: a merge happens, and says why its source is still there", async () => {
    await branch("m3");
    await write("m3", insert("m3"));
    const exporting = await app.call("POST", "/graphs/crm/export", { actor: "owner", body: {} });
    expect(await branch("m4")).toMatchObject({ status: 413, body: { resource_limit: { resource: "stream_export_slots", limit: 1, actual: 2 } } });
    expect((await app.json("DELETE", "/graphs/crm/branches/m3", { actor: "owner" })).status).toBe(413);
    expect(await merge({ source: "m3", delete_branch: true })).toMatchObject({ status: 200, body: { outcome: "fast_forward", branch_deleted: false, branch_delete_error: expect.stringContaining("export") as string } });
    await exporting.text();
    expect((await app.json("DELETE", "/graphs/crm/branches/m3", { actor: "owner" })).status).toBe(200);
  });

  test("3.3 conflicts are a 409 that lists them", async () => {
    await branch("m2");
    await write("m2", 'query u() { update Account set { name: "theirs" } where code = "a" }');
    await write("main", 'query u() { update Account set { name: "ours" } where code = "a" }');
    expect(await merge({ source: "m2" })).toMatchObject({
      status: 409,
      body: { code: "conflict", merge_conflicts: [{ entity_kind: "node", type_name: "Account", entity_id: "a", kind: "divergent_update" }] },
    });
  });
});

test("§4 targets: both is 400, unknown ones are 404, a snapshot is decided by the branch of its commit", async () => {
  const query = (actor: "owner" | "mainreader" | "nobody", target: object) => app.json("POST", "/graphs/crm/query", { actor, body: { query: READ, ...target } });
  await app.graph.branchCreate("side", { actor: "owner" });
  const { body } = await app.json("POST", "/graphs/crm/mutate", { actor: "owner", body: { query: insert("side"), branch: "side" } });
  const snapshot = (body["commit"] as { readonly graph_commit_id: string }).graph_commit_id;
  expect((await query("owner", { branch: "main", snapshot })).status).toBe(400);
  expect((await query("owner", { branch: "ghost" })).body).toMatchObject({ code: "not_found", error: expect.stringContaining("branch 'ghost' not found") as string });
  expect((await query("owner", { snapshot: "01J8Z5W6T4Q8M3N2K1H0G9F8E7" })).status).toBe(404);
  expect((await query("owner", { snapshot })).body).toMatchObject({ target: { branch: null, snapshot }, graph_commit_id: snapshot });
  const denied = await query("mainreader", { snapshot });
  expect(denied.status).toBe(403);
  expect(JSON.stringify(denied.body)).not.toContain("side");
  expect((await query("nobody", { snapshot: "01J8Z5W6T4Q8M3N2K1H0G9F8E7" })).status).toBe(403);
  expect((await query("mainreader", { snapshot: await app.graph.headCommitId() })).status).toBe(200);
});

test("policy 5.4 the changes of a commit that one may not read answer as those of an unknown one", async () => {
  const { graphCommitId } = (await app.graph.listCommits("side"))[0] as { readonly graphCommitId: string };
  const hidden = await app.call("GET", `/graphs/crm/commits/${graphCommitId}/changes`, { actor: "mainreader" });
  const unknown = await app.call("GET", "/graphs/crm/commits/01J8Z5W6T4Q8M3N2K1H0G9F8E7/changes", { actor: "mainreader" });
  expect([hidden.status, unknown.status]).toEqual([404, 404]);
  expect((await hidden.text()).replaceAll(graphCommitId, "X")).toBe((await unknown.text()).replaceAll("01J8Z5W6T4Q8M3N2K1H0G9F8E7", "X"));
  expect((await app.call("GET", `/graphs/crm/diff?from=main&to=side`, { actor: "mainreader" })).status).toBe(403);
});
