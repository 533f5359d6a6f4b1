/** Rules of single requests that the table of routes cannot show. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp, type TestApp } from "../app-fixture.js";

let app: TestApp;
beforeAll(async () => { app = await startApp(); });
afterAll(() => app[Symbol.asyncDispose]());

const post = (path: string, body: object): ReturnType<TestApp["json"]> => app.json("POST", `/graphs/crm${path}`, { actor: "owner", body });

const insert = (code: string): string => `insert Account { code: "${code}" }`;

async function codes(): Promise<readonly unknown[]> {
  const { body } = await post("/query", { query: "query q() { match { $a: Account } return { $a.code as code } order { $a.code asc } }" });
  return (body["rows"] as readonly { readonly code: unknown }[]).map(({ code }) => code);
}

describe("http-api 1.6", () => {
  test("no CORS header, no cookie, no compression, whatever is asked for", async () => {
    const headers = { origin: "https://elsewhere.example", "accept-encoding": "gzip, br", cookie: "a=b", "access-control-request-method": "POST" };
    for (const method of ["GET", "OPTIONS"]) {
      const response = await app.call(method, "/graphs/crm/snapshot", { actor: "owner", headers });
      const names = [...response.headers.keys()];
      expect(names.filter((name) => /^access-control-|^set-cookie$|^content-encoding$/.test(name))).toEqual([]);
    }
  });
});

describe("http-api 9.1, 10.1: sources", () => {
  const two = "query one() { match { $a: Account } return { $a.code } } query other() { match { $a: Account } return { count($a) as n } }";

  test("9.1.1 of several queries one is named", async () => {
    expect((await post("/query", { query: two })).status).toBe(400);
    expect(await post("/query", { query: two, name: "third" })).toMatchObject({ status: 400, body: { error: expect.stringContaining("third") as string } });
    expect(await post("/query", { query: two, name: "other" })).toMatchObject({ status: 200, body: { query_name: "other", rows: [{ n: 2 }] } });
  });

  test("10.1.1 a request is one commit, or none", async () => {
    const before = await codes();
    const failed = await post("/mutate", { query: `query w() { ${insert("m1")} ${insert("m2")} insert Owns { from: "m1", to: "nobody" } }` });
    expect(failed.status).toBeGreaterThanOrEqual(400);
    expect(await codes()).toEqual(before);
    const count = (await app.graph.listCommits()).length;
    expect(await post("/mutate", { query: `query w() { ${insert("m1")} ${insert("m2")} }` })).toMatchObject({ status: 200, body: { affected_nodes: 2 } });
    expect((await app.graph.listCommits()).length).toBe(count + 1);
  });

  test("10.1.2 a source that only reads is no mutation", async () => {
    expect(await post("/mutate", { query: two, name: "one" })).toMatchObject({ status: 400, body: { code: "bad_request" } });
  });
});

describe("http-api 20.3: parameters", () => {
  const declared = "$s: String?, $b: Bool?, $i: I32?, $u: U64?, $f: F64?, $d: Date?, $l: [I32]?";
  const query = `query q(${declared}) { match { $a: Account } return { count($a) as n } }`;
  const required = "query q($code: String) { match { $a: Account $a.code = $code } return { $a.code } }";
  const statusOf = async (params: unknown, source = query): Promise<number> => (await post("/query", { query: source, params })).status;

  test.each([[null], [{}], [undefined]])("20.3.1 params %j", async (params) => {
    expect(await statusOf(params)).toBe(200);
  });

  test.each([[7], ["x"], [[]], [true]])("20.3.1 params %j are none", async (params) => {
    expect(await statusOf(params)).toBe(400);
  });

  test.each([
    [{ s: "x", b: true, i: -1, u: 7, f: 0.5, d: "2026-07-01", l: [1, 2] }],
    [{ i: "2147483647", u: "9223372036854775807", f: 1, l: [] }],
  ])("20.3.2 accepted: %j", async (params) => {
    expect(await statusOf(params)).toBe(200);
  });

  test.each([[{ s: 1 }], [{ b: "true" }], [{ i: 0.5 }], [{ i: 2147483648 }], [{ u: -1 }], [{ f: "1" }], [{ d: 0 }], [{ d: "yesterday" }], [{ l: [1, "x"] }], [{ l: 1 }], [{ s: {} }]])(
    "20.3.2, 20.3.5 refused: %j",
    async (params) => {
      expect(await statusOf(params)).toBe(400);
    },
  );

  test("20.3.3 null is a value of what may be null, and of nothing else", async () => {
    expect(await statusOf({ s: null, l: null })).toBe(200);
    expect(await statusOf({ code: null }, required)).toBe(400);
  });

  test("20.3.4, H10 what is required and absent is named, and selects nothing", async () => {
    expect(await post("/query", { query: required, params: {} })).toMatchObject({ status: 400, body: { error: expect.stringContaining("code") as string } });
  });

  test("20.3.5 members that nobody declared are ignored", async () => {
    expect(await statusOf({ surplus: 1, __proto__: 2 })).toBe(200);
  });
});

describe("http-api 14.1, 16, 18.4: branches and their history", () => {
  test("14.1.5, H7 the branch of a load that fails stays, empty", async () => {
    expect((await post("/load", { branch: "half", from: "main", data: '{"type":"Ghost","data":{}}' })).status).toBe(400);
    const { body } = await app.json("GET", "/graphs/crm/branches", { actor: "owner" });
    const heads = await Promise.all(["half", "main"].map(async (branch) => (await app.graph.snapshot({ branch })).graphCommitId));
    expect(body["branches"]).toEqual(["main", "half"]);
    expect(heads[0]).toBe(heads[1]);
  });

  test("16.1 main comes first, the others by their bytes", async () => {
    for (const name of ["b", "a/x", "Z", "ä"]) expect((await post("/branches", { name })).status).toBe(200);
    expect((await app.json("GET", "/graphs/crm/branches", { actor: "reader" })).body["branches"]).toEqual(["main", "Z", "a/x", "b", "half", "ä"]);
  });

  test.each([["main", 400], ["__schema_apply_lock__", 400], ["b", 409], ["a", 409], ["a/x/y", 409], [" ", 400]])("16.2 the name '%s' is %i", async (name, status) => {
    expect((await post("/branches", { name })).status).toBe(status);
  });

  test("16.3 a branch is deleted once; main and branches that others stand on are not", async () => {
    const remove = async (name: string): Promise<number> => (await app.call("DELETE", `/graphs/crm/branches/${encodeURIComponent(name)}`, { actor: "owner" })).status;
    await post("/branches", { name: "child", from: "b" });
    expect(await app.json("DELETE", "/graphs/crm/branches/b", { actor: "owner" })).toMatchObject({ status: 409, body: { error: expect.stringContaining("child") as string } });
    expect([await remove("a/x"), await remove("a/x"), await remove("main"), await remove("__schema_apply_lock__")]).toEqual([200, 404, 400, 400]);
  });

  test("18.4.1 a poll ends where the branch stood on its first page", async () => {
    const poll = async (query: string): Promise<Record<string, unknown>> => (await app.json("GET", `/graphs/crm/changes?${query}`, { actor: "owner" })).body;
    const seen: string[] = [];
    const note = (page: Record<string, unknown>): void => {
      for (const { changes } of page["blocks"] as readonly { readonly changes: readonly { readonly id: string }[] }[]) seen.push(...changes.map(({ id }) => id));
    };
    let page = await poll("start=beginning&limit=1");
    note(page);
    await post("/mutate", { query: `query w() { ${insert("late")} }` });
    while (page["next_page_token"] !== undefined) {
      page = await poll(`limit=1&page_token=${page["next_page_token"] as string}`);
      note(page);
    }
    expect(seen).not.toContain("late");
    expect(page).toMatchObject({ caught_up: false });
    note(await poll(`cursor=${page["cursor"] as string}`));
    expect(seen).toContain("late");
  });
});
