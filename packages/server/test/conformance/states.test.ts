import { readFile } from "node:fs/promises";
import { Graph } from "@omnigraphdb/engine";
import { expect, test } from "vitest";
import { type FixtureOptions, startApp, type TestApp } from "../app-fixture.js";

const READ = { query: "query q() { match { $a: Account } return { $a.code } }" };
const WRITE = { query: 'query w() { insert Account { code: "n" } }' };

async function withApp(options: FixtureOptions, run: (app: TestApp) => Promise<void>): Promise<void> {
  await using app = await startApp(options);
  await run(app);
}

test("policy 2.2 open: everything is allowed, nobody is recorded, headers are ignored, the list of graphs stays closed", () =>
  withApp({ runtimeState: "open" }, async (app) => {
    const written = await app.json("POST", "/graphs/crm/mutate", { body: WRITE, headers: { authorization: "Bearer nonsense", "x-actor-id": "owner" } });
    expect(written).toMatchObject({ status: 200, body: { actor_id: null, commit: { actor_id: null } } });
    expect((await app.json("POST", "/graphs/crm/queries/accounts")).status).toBe(200);
    expect((await app.call("POST", "/graphs/crm/export", { body: {} })).status).toBe(200);
    expect((await app.call("GET", "/graphs")).status).toBe(403);
    const { body } = await app.json("GET", "/openapi.json");
    expect(JSON.stringify(body)).not.toContain("securitySchemes");
    expect(JSON.stringify(body)).not.toContain('"security"');
  }));

test("policy 2.2 default-deny: reading only, invocation is masked, the message says why", () =>
  withApp({ runtimeState: "default-deny" }, async (app) => {
    expect((await app.json("POST", "/graphs/crm/query", { actor: "nobody", body: READ })).status).toBe(200);
    const written = await app.json("POST", "/graphs/crm/mutate", { actor: "owner", body: WRITE });
    expect(written.status).toBe(403);
    expect(written.body["error"]).toContain("default-deny");
    expect((await app.json("POST", "/graphs/crm/export", { actor: "owner", body: {} })).status).toBe(403);
    expect(await app.json("POST", "/graphs/crm/queries/accounts", { actor: "owner" })).toMatchObject({ status: 404, body: { error: "stored query not found" } });
    expect((await app.json("GET", "/graphs", { actor: "owner" })).status).toBe(403);
    expect((await app.call("GET", "/graphs")).status).toBe(401);
    expect((await app.call("GET", "/graphs/crm/snapshot")).status).toBe(401);
  }));

test("policy P6, §5.5 in state policy a graph without a bundle only reads, and grants do not cross graphs", () =>
  withApp({ hasSecondGraph: true }, async (app) => {
    expect((await app.json("POST", "/graphs/kb/query", { actor: "nobody", body: READ })).status).toBe(200);
    expect((await app.json("POST", "/graphs/kb/mutate", { actor: "owner", body: WRITE })).status).toBe(403);
    expect((await app.json("POST", "/graphs/crm/query", { actor: "nobody", body: READ })).status).toBe(403);
  }));

test("policy 12.10 without a bundle on the cluster the list of graphs is closed to everybody", () =>
  withApp({ hasServerPolicy: false }, async (app) => {
    expect((await app.json("GET", "/graphs", { actor: "owner" })).status).toBe(403);
  }));

test("http-api 22.1, H11 the flat mode serves one graph at the root", () =>
  withApp({ mode: "single" }, async (app) => {
    expect((await app.json("GET", "/snapshot", { actor: "owner" })).status).toBe(200);
    expect((await app.json("POST", "/load/ndjson", { actor: "owner", body: '{"type":"Account","data":{"code":"f"}}', headers: { "content-type": "application/x-ndjson" } })).status).toBe(200);
    expect((await app.call("GET", "/graphs/crm/snapshot", { actor: "owner" })).status).toBe(404);
    const list = await app.json("GET", "/graphs", { actor: "owner" });
    expect(list).toMatchObject({ status: 405, body: { code: "method_not_allowed" } });
    expect((await app.call("POST", "/read", { actor: "owner", body: { query_source: READ.query } })).headers.get("link")).toBe('</query>; rel="successor-version"');
    const { body } = await app.json("GET", "/openapi.json");
    expect(Object.keys(body["paths"] as object)).toContain("/branches/{branch}");
  }));

test.each(["single", "multi"] as const)("http-api 13.2.2, server 7.8 in mode %s the schema is applied, unless a stored query would break", (mode) =>
  withApp({ mode }, async (app) => {
    const prefix = mode === "single" ? "" : "/graphs/crm";
    const { body } = await app.json("GET", `${prefix}/schema`, { actor: "owner" });
    const source = body["schema_source"] as string;
    const wider = source.replace("name: String?", "name: String?\n    city: String?");
    expect(await app.json("POST", `${prefix}/schema/apply`, { actor: "owner", body: { schema_source: wider } })).toMatchObject({ status: 200, body: { applied: true, supported: true, step_count: 1, actor_id: "owner" } });
    const broken = await app.json("POST", `${prefix}/schema/apply`, { actor: "owner", body: { schema_source: source.replace("    name: String?\n", "") } });
    expect(broken).toMatchObject({ status: 400, body: { error_code: "SCHEMA_BREAKS_STORED_QUERIES" } });
    expect((await app.json("POST", `${prefix}/schema/apply`, { actor: "reader", body: { schema_source: source } })).status).toBe(403);
  }));

test("server 6.1 a schema that somebody else applied is the one that is shown", () =>
  withApp({}, async (app) => {
    await using other = await Graph.open(app.graph.uri, { mode: "rw", settings: { durability: "process" } });
    await other.applySchema(other.schema.source.replace("name: String?", "name: String?\n    city: String?"));
    const { body } = await app.json("GET", "/graphs/crm/schema", { actor: "owner" });
    expect(body["schema_source"]).toContain("city: String?");
  }));

test("§26.15, 6.2 the served document is the committed one", () =>
  withApp({}, async (app) => {
    const committed = JSON.parse(await readFile(new URL("../../../../docs/reference/openapi.json", import.meta.url), "utf8")) as { readonly info: object };
    const { body } = await app.json("GET", "/openapi.json");
    expect(body).toEqual({ ...committed, info: { ...committed.info, version: "9.9.9" } });
  }));

test("policy 5.4 on a cluster the 409 of schema/apply comes after the 403", () =>
  withApp({}, async (app) => {
    const body = { schema_source: "node A { a: String @key }" };
    expect((await app.call("POST", "/graphs/crm/schema/apply", { body })).status).toBe(401);
    expect((await app.json("POST", "/graphs/crm/schema/apply", { actor: "reader", body })).status).toBe(403);
    expect(await app.json("POST", "/graphs/crm/schema/apply", { actor: "owner", body })).toMatchObject({ status: 409, body: { code: "conflict", error_code: "SCHEMA_MANAGED" } });
  }));
