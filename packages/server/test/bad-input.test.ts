import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp, type TestApp } from "./app-fixture.js";

let app: TestApp;
beforeAll(async () => { app = await startApp(); });
afterAll(() => app[Symbol.asyncDispose]());

const QUERY = "query q($p: String) { match { $a: Account { code: $p } } return { $a.code } }";

async function statusOf(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<number> {
  const response = await app.call(method, path, { actor: "owner", body, ...(headers === undefined ? {} : { headers }) });
  const text = await response.text();
  if (response.status === 500) throw new Error(`500 for ${method} ${path} ${String(body).slice(0, 200)}: ${text}`);
  if (response.status >= 400 && text !== "") expect(JSON.parse(text)).toHaveProperty("error");
  return response.status;
}

describe("bad input is answered, typed, and never a 500", () => {
  test("bodies that are no JSON, or JSON made to harm", async () => {
    const nested = (depth: number): string => `{"query":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    const bodies = [
      "", " ", "nul", "{", '{"query":', "\u0000", "\ufeff{}", nested(100), nested(100_000), '{"a":'.repeat(50_000), `"${"\\u0000".repeat(1000)}"`,
      '{"query":"\\ud800"}', `{"query":${"9".repeat(400_000)}}`, '{"query":1e999}', '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}}}',
      `{"query":"q","params":{"__proto__":{"p":"a"}}}`, "'single'", "{query:1}", '{"query":"a"}{"query":"b"}',
    ];
    for (const body of bodies) for (const path of ["query", "mutate", "load", "branches", "queries/accounts", "export", "changes/baseline"]) {
      const status = await statusOf("POST", `/graphs/crm/${path}`, body);
      if (body !== "" || path !== "queries/accounts") expect(status === 200 ? path : status).not.toBe("mutate");
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    for (const bytes of [[0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]) expect(await statusOf("POST", "/graphs/crm/query", new Uint8Array(bytes))).toBe(400);
  });

  test("members called __proto__ are parameters like any other, and set no prototype", async () => {
    expect(await statusOf("POST", "/graphs/crm/query", `{"query":${JSON.stringify(QUERY)},"params":{"p":"a","__proto__":"x"}}`)).toBe(200);
    expect(await statusOf("POST", "/graphs/crm/query", `{"query":${JSON.stringify(QUERY)},"params":{"__proto__":{"p":"a"}}}`)).toBe(400);
  });

  test("branch names made to be mistaken", async () => {
    for (const name of ["m\u0430in", "main\u200b", "\u202emain", "MAIN", "../main", "a//b", "__schema_apply_lock__", "a\u0000b", ".", "..", "a".repeat(5000), "manifest:main:v1", "@{u}", "\ud83d\ude00", "-", "a b"]) {
      const status = await statusOf("POST", "/graphs/crm/branches", { name });
      const isListed = (await app.graph.branchList()).includes(name);
      expect([name, status === 200]).toEqual([name, isListed]);
      // A client resolves dots before it sends them, encoded or not.
      if (name === "." || name === "..") continue;
      expect([name, (await statusOf("DELETE", `/graphs/crm/branches/${encodeURIComponent(name)}`)) === 200]).toEqual([name, isListed]);
    }
  });

  test("patterns and numbers of unusual size", async () => {
    const redos = `query q($p: String) { match { $a: Account } where $a.name contains $p return { $a.code } }`;
    for (const query of [redos, "(".repeat(10_000), `query ${"a".repeat(100_000)}`, "query q() { match { " + "$a: Account ".repeat(2000) + "} return { $a.code } }", "/*".repeat(1000), "\u0000", "query q() { match { $a: Account } return { $a.code } limit 99999999999999999999 }"]) {
      expect(await statusOf("POST", "/graphs/crm/query", { query, params: { p: "(a+)+$" } })).toBeLessThan(500);
    }
    for (const query of ["limit=-1", "limit=0", "limit=1e3", "limit=99999999999999999999", "limit=8193", "limit=", "page_token=x", "cursor=%00", "start=after:", "start=never", "kind=nodes", "op=", "type=%00", "branch=%20", "limit=1&limit=2"]) {
      expect([query, await statusOf("GET", `/graphs/crm/changes?${query}`)]).not.toEqual([query, query === "type=%00" ? 500 : 200]);
    }
  });
});
