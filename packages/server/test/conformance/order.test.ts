import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp, type TestApp } from "../app-fixture.js";

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ setAside: [{ graphId: "broken", reason: "graph root missing" }] });
});
afterAll(() => app[Symbol.asyncDispose]());

const READ = "query q() { match { $a: Account } return { $a.code } }";

describe("http-api 1.1.2: the order of steps", () => {
  test("1.1.1, 22.3 an unknown path is 404 with an empty body, before authentication", async () => {
    for (const path of ["/nowhere", "/snapshot", "/graphs/crm", "/graphs/crm/", "/graphs/crm/snapshot/", "//graphs/crm/snapshot", "/graphs//snapshot", "/graphs/crm/Snapshot", "/runs", "/metrics", "/"]) {
      const response = await app.call("GET", path);
      expect([path, response.status, await response.text()]).toEqual([path, 404, ""]);
    }
  });

  test("a known path with another method is 405 with an empty body and Allow", async () => {
    const rows: readonly (readonly [string, string, string])[] = [
      ["POST", "/graphs", "GET, HEAD"],
      ["GET", "/graphs/crm/query", "POST"],
      ["PUT", "/graphs/crm/branches", "GET, HEAD, POST"],
      ["GET", "/graphs/crm/branches/merge", "DELETE, POST"],
      ["POST", "/graphs/crm/branches/x", "DELETE"],
      ["OPTIONS", "/graphs/crm/blob", "GET, HEAD"],
    ];
    for (const [method, path, allow] of rows) {
      const response = await app.call(method, path);
      expect([path, response.status, response.headers.get("allow"), await response.text()]).toEqual([path, 405, allow, ""]);
    }
  });

  test("1.1.3 without a token a served graph, an unknown one and one that is set aside answer the same", async () => {
    const answers = await Promise.all(["crm", "ghost", "broken", "not_an_id"].map(async (id) => (await app.call("GET", `/graphs/${id}/snapshot`)).text()));
    expect(new Set(answers).size).toBe(1);
  });

  test("§26.2, 1.2, H16 bad graph ids are 400, unknown graphs 404, graphs that are set aside 503 with the reason", async () => {
    for (const id of ["a_b", "graphs", "healthz", "policies", "openapi", "x".repeat(65), "%00", "%2F..%2Fcrm", "%ff", "cr%6d%20"]) {
      expect([id, (await app.call("GET", `/graphs/${id}/snapshot`, { actor: "owner" })).status]).toEqual([id, 400]);
    }
    expect(await app.json("GET", "/graphs/ghost/snapshot", { actor: "owner" })).toMatchObject({ status: 404, body: { error: "graph 'ghost' not found", code: "not_found" } });
    const unready = await app.json("POST", "/graphs/broken/query", { actor: "owner", body: "{" });
    expect(unready).toMatchObject({ status: 503, body: { graph_unavailable: { graph_id: "broken", reason: "graph root missing" } } });
    expect(unready.body["code"]).toBeUndefined();
    expect(unready.body["error"]).toContain("graph 'broken' is not ready");
  });

  test("bodies are decoded before the policy is asked, except those of load/ndjson", async () => {
    expect((await app.call("POST", "/graphs/crm/query", { actor: "nobody", body: "{" })).status).toBe(400);
    expect((await app.call("POST", "/graphs/crm/load/ndjson", { actor: "nobody", body: "{", headers: { "content-type": "text/plain" } })).status).toBe(403);
    expect((await app.call("POST", "/graphs/crm/load/ndjson", { actor: "owner", body: "{", headers: { "content-type": "text/plain" } })).status).toBe(415);
  });

  test("1.1.4 path segments are decoded once, and an encoded slash is part of a name", async () => {
    await app.graph.branchCreate("feat/one", { actor: "owner" });
    expect((await app.call("DELETE", "/graphs/crm/branches/feat%2Fone", { actor: "owner" })).status).toBe(200);
    expect((await app.json("DELETE", "/graphs/crm/branches/feat%252Fone", { actor: "owner" })).status).toBeGreaterThanOrEqual(400);
    expect((await app.call("DELETE", "/graphs/crm/branches/feat/one", { actor: "owner" })).status).toBe(404);
    expect((await app.call("GET", "/graphs/crm/%73napshot", { actor: "owner" })).status).toBe(200);
  });

  test("1.1.5 HEAD answers as GET without a body", async () => {
    const get = await app.call("GET", "/graphs/crm/schema", { actor: "owner" });
    const head = await app.call("HEAD", "/graphs/crm/schema", { actor: "owner" });
    expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([200, get.headers.get("content-type"), ""]);
    expect([(await app.call("HEAD", "/graphs/crm/schema")).status, (await app.call("HEAD", "/healthz")).status]).toEqual([401, 200]);
  });

  test("1.5, 1.5.1, H2 failures of decoding are enveloped, with their statuses", async () => {
    const rows: readonly (readonly [string, unknown, Readonly<Record<string, string>>, number])[] = [
      ["/query", "{", {}, 400],
      ["/query", new Uint8Array([0x22, 0xff, 0x22]), {}, 400],
      ["/query", "[]", {}, 422],
      ["/query", '{"query":1}', {}, 422],
      ["/query", '{"query":"a","query":"b"}', {}, 422],
      ["/query", "{}", { "content-type": "text/plain" }, 415],
      ["/query", JSON.stringify({ query: READ }), { "content-type": "application/vnd.x+json; charset=utf-8" }, 200],
      ["/query", JSON.stringify({ query: "x".repeat(1_048_576) }), {}, 413],
      ["/queries/accounts", "[]", {}, 400],
      ["/queries/accounts", "null", {}, 200],
      ["/queries/accounts", "", {}, 200],
      ["/export", "[]", {}, 400],
      ["/export", '{"table_keys":[]}', {}, 400],
      ["/query", JSON.stringify({ query: READ, surprise: 1 }), {}, 200],
    ];
    for (const [path, body, headers, status] of rows) {
      const answer = await app.call("POST", `/graphs/crm${path}`, { actor: "owner", body, headers });
      expect([path, String(body).slice(0, 40), answer.status]).toEqual([path, String(body).slice(0, 40), status]);
      const text = await answer.text();
      if (status !== 200) expect(JSON.parse(text)).toMatchObject({ code: "bad_request" });
    }
  });

  test("1.5.3 unknown query parameters are refused on change routes and ignored elsewhere", async () => {
    expect((await app.call("GET", "/graphs/crm/snapshot?x=1", { actor: "owner" })).status).toBe(200);
    expect((await app.call("GET", "/graphs/crm/changes?x=1", { actor: "owner" })).status).toBe(400);
    expect((await app.call("GET", "/graphs/crm/snapshot?branch=%ff", { actor: "owner" })).status).toBe(400);
  });

  test("§4.5, H4 branch names are trimmed before the policy sees them", async () => {
    const padded = await app.json("POST", "/graphs/crm/query", { actor: "mainreader", body: { query: READ, branch: "  main " } });
    expect(padded).toMatchObject({ status: 200, body: { target: { branch: "main", snapshot: null } } });
    expect((await app.call("POST", "/graphs/crm/query", { actor: "mainreader", body: { query: READ, branch: " " } })).status).toBe(400);
  });

  test("§2 the scheme is matched exactly, and no header names an actor", async () => {
    for (const authorization of ["bearer owner-token-5f2c", "Bearer", "Bearer  owner-token-5f2c", "Basic b3duZXI=", "Bearer owner-token-5f2c x", "Bearerowner-token-5f2c"]) {
      expect([authorization, (await app.call("GET", "/graphs/crm/snapshot", { headers: { authorization } })).status]).toEqual([authorization, 401]);
    }
    const headers = { "x-actor-id": "owner", "x-forwarded-user": "owner", actor: "owner" };
    expect((await app.call("POST", "/graphs/crm/mutate?actor=owner", { actor: "reader", headers, body: { query: "query w() { insert Account { code: \"z\" } }", actor: "owner", actor_id: "owner" } })).status).toBe(403);
    const written = await app.json("POST", "/graphs/crm/mutate", { actor: "owner", headers: { "x-actor-id": "reader" }, body: { query: "query w() { insert Account { code: \"z\" } }", actor: "reader" } });
    expect(written.body).toMatchObject({ actor_id: "owner", commit: { actor_id: "owner" } });
  });
});
