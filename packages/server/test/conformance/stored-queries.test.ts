import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp, type TestApp } from "../app-fixture.js";

let app: TestApp;
beforeAll(async () => { app = await startApp({ hasSecondGraph: true }); });
afterAll(() => app[Symbol.asyncDispose]());

const path = (name: string): string => `/graphs/crm/queries/${name}`;

describe("http-api §12 stored queries", () => {
  test("§26.3 unknown equals denied, byte for byte", async () => {
    const bodies: string[] = [];
    for (const [actor, name] of [["nobody", "accounts"], ["nobody", "ghost"], ["owner", "ghost"], ["reader", "accounts"], ["reader", "%00"], ["owner", "__proto__"], ["owner", "constructor"]] as const) {
      const response = await app.call("POST", path(name), { actor });
      expect([name, response.status]).toEqual([name, 404]);
      bodies.push(await response.text());
    }
    expect(new Set(bodies).size).toBe(1);
    expect((await app.call("POST", path("ghost/if-graph-commit"), { actor: "nobody", headers: { "omnigraph-if-graph-commit": "01J8Z5W6T4Q8M3N2K1H0G9F8E7" } })).status).toBe(404);
  });

  test("12.2, server 7.6 who may invoke and not read sees the 403 of the inner gate", async () => {
    expect((await app.json("POST", path("accounts"), { actor: "invoker" })).status).toBe(403);
    expect((await app.json("POST", path("rename"), { actor: "invoker", body: { params: { code: "a", name: "x" } } })).status).toBe(403);
  });

  test("12.3, H10 the order of checks", async () => {
    const call = async (name: string, body: unknown): Promise<readonly [number, unknown]> => {
      const answer = await app.json("POST", path(name), { actor: "owner", body });
      return [answer.status, answer.body["error_code"]];
    };
    expect(await call("accounts", { expect_mutation: true })).toEqual([400, "STORED_QUERY_KIND"]);
    expect(await call("rename", { expect_mutation: false })).toEqual([400, "STORED_QUERY_KIND"]);
    expect(await call("rename", { snapshot: "x", params: { code: "a", name: "x" } })).toEqual([400, "STORED_QUERY_KIND"]);
    expect((await call("rename", { params: { code: "a" } }))[0]).toBe(400);
    expect((await call("accounts", { branch: "main", snapshot: "x" }))[0]).toBe(400);
    expect((await call("accounts", { branch: "ghost" }))[0]).toBe(404);
    const read = await app.json("POST", path("accounts"), { actor: "owner", body: { expect_mutation: false } });
    expect(read.body).toMatchObject({ query_name: "accounts", row_count: 2 });
    const written = await app.json("POST", path("rename"), { actor: "owner", body: { params: { code: "a", name: "Anna" }, expect_mutation: true } });
    expect(written.body).toMatchObject({ query_name: "rename", affected_nodes: 1, actor_id: "owner" });
  });

  test("12.4 a stored read takes no condition", async () => {
    const headers = { "omnigraph-if-graph-commit": await app.graph.headCommitId() };
    expect((await app.call("POST", path("accounts/if-graph-commit"), { actor: "owner", headers })).status).toBe(400);
    expect((await app.call("POST", path("accounts"), { actor: "owner", headers })).status).toBe(400);
  });

  test("12.1 the catalogue is sorted, and open to readers", async () => {
    const { body } = await app.json("GET", "/graphs/crm/queries", { actor: "reader" });
    expect(body).toEqual({
      queries: [
        { name: "accounts", tool_name: "accounts", description: "All accounts", mutation: false, params: [] },
        { name: "rename", tool_name: "rename", mutation: true, params: [{ name: "code", kind: "string", nullable: false }, { name: "name", kind: "string", nullable: false }] },
      ],
    });
    expect((await app.json("GET", "/graphs/kb/queries", { actor: "reader" })).body).toEqual({ queries: [] });
  });

  test("server 7.5 an invocation is one line at info, without parameter values", () => {
    const lines = app.logLines.filter((line) => line.includes("stored query invoked"));
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.parse(lines.at(-1) as string)).toMatchObject({ level: "info", graph_id: "crm" });
    expect(app.logLines.join("\n")).not.toContain("Anna");
  });
});
