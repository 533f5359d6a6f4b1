/** Policy 0.3 and §5.4: what answers to people who may do something, but not everything, say about what they may not see. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type Call, type PolicedGraph, PolicyApp } from "./policy-app.js";

const BUNDLE = `
version: 1
groups:
  mainreaders: [mia]
  draftreaders: [dan]
  writers: [wes]
  branchers: [bea]
  mergers: [meg]
  owners: [owner]
protected_branches: [main]
rules:
  - { id: read-main, allow: { actors: { group: mainreaders }, actions: [read, export], branch_scope: protected } }
  - { id: read-drafts, allow: { actors: { group: draftreaders }, actions: [read, change], branch_scope: unprotected } }
  - { id: write, allow: { actors: { group: writers }, actions: [change] } }
  - { id: branch, allow: { actors: { group: branchers }, actions: [branch_create, branch_delete], target_branch_scope: unprotected } }
  - { id: change-drafts, allow: { actors: { group: branchers }, actions: [change], branch_scope: unprotected } }
  - { id: merge, allow: { actors: { group: mergers }, actions: [branch_merge, branch_delete] } }
  - { id: own, allow: { actors: { group: owners }, actions: [read, change, export, branch_create, branch_delete, branch_merge] } }
`;
const READ = "query q() { match { $a: Account } return { $a.code } }";
const WRITE = 'query w() { delete Account where code = "nobody-has-this" }';
const SECRET = "project/kestrel";

let app: PolicyApp;
let crm: PolicedGraph;
/** Made on the branch that nobody but its owner knows of. */
let secretCommit: string;
const UNKNOWN_COMMIT = "01J8Z5W6T4Q8M3N2K1H0G9F8E7";

beforeAll(async () => {
  app = await PolicyApp.start({ graphIds: ["crm"], actors: ["mia", "dan", "wes", "bea", "meg", "owner", "stranger"], schema: "node Account { code: String @key }", data: '{"type":"Account","data":{"code":"a"}}', queries: {} });
  [crm] = app.graphs as [PolicedGraph];
  const by = { actor: "owner" };
  await crm.graph.branchCreate(SECRET, by);
  secretCommit = (await crm.graph.load('{"type":"Account","data":{"code":"b"}}', { mode: "append", branch: SECRET, ...by })).commit?.graphCommitId ?? "";
  await crm.graph.branchCreateFrom(SECRET, "project-kestrel-child", by);
  crm.policy.set(BUNDLE);
});
afterAll(() => app[Symbol.asyncDispose]());

const send = (actor: string, call: Call): Promise<Answer> => app.send(actor, "/graphs/crm", call);
const get = (path: string): Call => ({ method: "GET", path });
const post = (path: string, body: unknown, headers?: Readonly<Record<string, string>>): Call => ({ method: "POST", path, body, ...(headers === undefined ? {} : { headers }) });
const on = (branch: string): string => `branch=${encodeURIComponent(branch)}`;

describe("no error offers names of branches to who may not list them", () => {
  const nearly = "project/kestre";
  test.each<[string, string, Call]>([
    ["a read", "dan", post("/query", { query: READ, branch: nearly })],
    ["a snapshot", "dan", get(`/snapshot?${on(nearly)}`)],
    ["commits", "dan", get(`/commits?${on(nearly)}`)],
    ["changes", "dan", get(`/changes?${on(nearly)}`)],
    ["a diff", "dan", get(`/diff?from=${encodeURIComponent(nearly)}&to=${encodeURIComponent(nearly)}`)],
    ["a mutation", "wes", post("/mutate", { query: WRITE, branch: nearly })],
    ["a conditional one", "wes", post("/mutate/if-graph-commit", { query: WRITE, branch: nearly }, { "omnigraph-if-graph-commit": UNKNOWN_COMMIT })],
    ["a load", "wes", post("/load", { data: '{"type":"Account","data":{"code":"c"}}', branch: nearly })],
    ["a deletion", "bea", { method: "DELETE", path: `/branches/${encodeURIComponent(nearly)}` }],
    ["a merge from it", "meg", post("/branches/merge", { source: nearly })],
    ["a fork of it", "bea", post("/branches", { name: "fresh", from: nearly })],
  ])("%s of a branch whose name is nearly one", async (_title, actor, call) => {
    const { status, text } = await send(actor, call);
    expect([status, text]).toEqual([404, expect.stringContaining("BRANCH_NOT_FOUND") as string]);
    expect(text).not.toContain("kestrel");
    // Who may list them is helped.
    expect((await send("owner", call)).text).toContain("project/kestrel");
  });

  test("a new branch whose name another one is in the way of", async () => {
    const call = post("/branches", { name: "project" });
    const { status, text } = await send("bea", call);
    expect([status, text]).toEqual([409, expect.stringContaining("BRANCH_NAME_CONFLICT") as string]);
    expect(text).not.toContain("kestrel");
    expect((await send("owner", call)).text).toContain(SECRET);
  });

  test("a branch that another one began from cannot be deleted, nor after a merge", async () => {
    const call: Call = { method: "DELETE", path: `/branches/${encodeURIComponent(SECRET)}` };
    const { status, text } = await send("bea", call);
    expect([status, text]).toEqual([409, expect.stringContaining("BRANCH_IN_USE") as string]);
    expect(text).not.toContain("project-kestrel-child");
    expect((await send("owner", call)).text).toContain("project-kestrel-child");
    const merged = await send("meg", post("/branches/merge", { source: SECRET, target: "main", delete_branch: true }));
    expect(merged).toMatchObject({ status: 200, text: expect.stringContaining('"branch_deleted":false') as string });
    expect(merged.text).not.toContain("project-kestrel-child");
  });
});

describe("a snapshot that may not be read and one that does not exist are the same to who is kept to some branches", () => {
  const pairs: readonly (readonly [string, () => { readonly snapshot: string; readonly branch?: string }, { readonly snapshot: string; readonly branch?: string }])[] = [
    ["commit id", () => ({ snapshot: secretCommit }), { snapshot: UNKNOWN_COMMIT }],
    ["version", () => ({ snapshot: `manifest:${SECRET}:v3` }), { snapshot: "manifest:project/osprey:v3" }],
    ["version of the fork", () => ({ snapshot: `manifest:${SECRET}:v1` }), { snapshot: "manifest:project/osprey:v1" }],
    ["instant of a branch", () => ({ snapshot: `manifest:${SECRET}:@2999-01-01T00:00:00Z` }), { snapshot: "manifest:project/osprey:@2999-01-01T00:00:00Z" }],
    ["instant on a branch", () => ({ snapshot: "@2999-01-01T00:00:00Z", branch: SECRET }), { snapshot: "@2999-01-01T00:00:00Z", branch: "project/osprey" }],
  ];
  const query = (target: object): string => new URLSearchParams(target as Record<string, string>).toString();
  const routes: readonly (readonly [string, (target: object) => Call])[] = [
    ["query", (target) => post("/query", { query: READ, ...target })],
    ["read", (target) => post("/read", { query_source: READ, ...target })],
    ["explain", (target) => post("/explain", { query: READ, ...target })],
    ["snapshot", (target) => get(`/snapshot?${query(target)}`)],
    ["commits", (target) => get(`/commits?${query(target)}`)],
    ["export", (target) => post("/export", target)],
    ["blob", (target) => get(`/blob?entity=node&type=Account&id=a&property=code&${query(target)}`)],
  ];
  for (const [kind, hidden, missing] of pairs) {
    test.each(routes)(`${kind}: %s`, async (_route, callOf) => {
      const [first, second] = [await send("mia", callOf(hidden())), await send("mia", callOf(missing))];
      expect(first.status).toBe(403);
      const neutral = ({ text }: Answer): string => text.replaceAll(SECRET, "…").replaceAll("project/osprey", "…");
      expect([first.status, neutral(first), first.headers]).toEqual([second.status, neutral(second), second.headers]);
    });
  }

  test("who may read everything is told that it does not exist, and so is everybody of branches he may read", async () => {
    expect((await send("owner", post("/query", { query: READ, snapshot: UNKNOWN_COMMIT }))).status).toBe(404);
    expect((await send("mia", post("/query", { query: READ, snapshot: "manifest:main:v999" }))).status).toBe(404);
    expect((await send("mia", post("/query", { query: READ, snapshot: "@2001-01-01T00:00:00Z" }))).status).toBe(404);
    expect((await send("mia", post("/query", { query: READ, snapshot: "nonsense" }))).status).toBe(400);
    expect((await send("mia", post("/query", { query: READ, snapshot: "manifest:main:v2" }))).status).toBe(200);
    expect((await send("mia", post("/query", { query: READ, snapshot: "@2999-01-01T00:00:00Z" }))).status).toBe(200);
  });
});

describe("whether a branch exists does not change how a load is refused", () => {
  test.each(["mia", "stranger", "meg"])("%s may change nothing", async (actor) => {
    const load = (path: string, branch: string): Call => (path === "/load/ndjson" ? { method: "POST", path: `${path}?from=main&${on(branch)}`, body: '{"type":"Account","data":{"code":"c"}}' } : post(path, { branch, from: "main", data: '{"type":"Account","data":{"code":"c"}}' }));
    for (const path of ["/load", "/ingest", "/load/ndjson"]) {
      const [hidden, missing] = [await send(actor, load(path, SECRET)), await send(actor, load(path, "project/osprey"))];
      expect([path, hidden.status, hidden.text.replaceAll(SECRET, "…")]).toEqual([path, 403, missing.text.replaceAll("project/osprey", "…")]);
    }
  });
});

describe("commits", () => {
  test("§5.4 changes of a commit that may not be read are those of an unknown one, whatever else is asked", async () => {
    for (const suffix of ["", "?limit=1", "?limit=0", "?limit=99999", "?page_token=x", "?kind=table", "?surprise=1"]) {
      const [hidden, missing] = [await send("mia", get(`/commits/${secretCommit}/changes${suffix}`)), await send("mia", get(`/commits/${UNKNOWN_COMMIT}/changes${suffix}`))];
      expect([suffix, hidden.status, hidden.text.replaceAll(secretCommit, "…"), hidden.headers]).toEqual([suffix, missing.status, missing.text.replaceAll(UNKNOWN_COMMIT, "…"), missing.headers]);
    }
    for (const spelled of [` ${secretCommit}`, secretCommit.toLowerCase(), `${secretCommit}%00`, `manifest:${SECRET}:v3`]) {
      const { status, text } = await send("mia", get(`/commits/${encodeURIComponent(spelled)}/changes`));
      expect([status, text]).toEqual([404, expect.stringContaining(`commit '${spelled}' not found`) as string]);
    }
  });

  test("a feed says of a commit elsewhere what it says of an unknown one", async () => {
    const answers = await Promise.all([secretCommit, UNKNOWN_COMMIT].map(async (id) => {
      const { status, text } = await send("mia", get(`/changes?start=after:${id}`));
      return [status, text.replaceAll(id, "…")];
    }));
    expect(answers[0]).toEqual(answers[1]);
  });

  test("a cursor of one branch opens no other one", async () => {
    const { text } = await send("owner", get(`/changes?${on(SECRET)}&start=beginning`));
    const { cursor } = JSON.parse(text) as { readonly cursor: string };
    const stolen = await send("mia", get(`/changes?branch=main&cursor=${cursor}`));
    expect([stolen.status, stolen.text]).toEqual([400, expect.not.stringContaining("kestrel") as string]);
  });
});
