import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp, type TestApp } from "../app-fixture.js";

let app: TestApp;
let commits: readonly string[];

interface Block {
  readonly cause: { readonly graph_commit_id: string };
  readonly changes: readonly { readonly id: string; readonly op: string }[];
}

interface Page {
  readonly blocks: readonly Block[];
  readonly next_page_token?: string;
  readonly cursor?: string;
  readonly caught_up?: boolean;
}

beforeAll(async () => {
  app = await startApp();
  for (const code of ["c1", "c2"]) await app.graph.mutate(`query w() { insert Account { code: "${code}" } }`, { actor: "owner" });
  commits = (await app.graph.listCommits()).map(({ graphCommitId }) => graphCommitId);
});
afterAll(() => app[Symbol.asyncDispose]());

async function poll(query: string): Promise<Page> {
  const answer = await app.json("GET", `/graphs/crm/changes?${query}`, { actor: "owner" });
  expect([query, answer.status]).toEqual([query, 200]);
  return answer.body as unknown as Page;
}

const ids = (page: Page): readonly string[] => page.blocks.flatMap(({ changes }) => changes.map(({ id }) => id));

describe("§26.12 the change feed over HTTP", () => {
  test("18.4, 18.4.3, H8 now delivers nothing, beginning everything but the first commit, after: what follows", async () => {
    expect(await poll("start=now")).toMatchObject({ blocks: [], caught_up: true });
    const all = await poll("start=beginning");
    expect(all.blocks.map(({ cause }) => cause.graph_commit_id)).toEqual([...commits].reverse().slice(1));
    expect(ids(await poll(`start=after:${commits[1] as string}`))).toEqual(["c2"]);
    expect(all).toMatchObject({ caught_up: true, cursor: expect.stringMatching(/^[A-Za-z0-9_-]{1,4096}$/) as string });
  });

  test("pages inside a block, and a cursor on the last page only", async () => {
    const found: string[] = [];
    let page = await poll("start=beginning&limit=1");
    for (;;) {
      found.push(...ids(page));
      if (page.next_page_token === undefined) break;
      expect(page.cursor).toBeUndefined();
      page = await poll(`limit=1&page_token=${page.next_page_token}`);
    }
    expect(found.filter((id) => ["a", "b", "c1", "c2"].includes(id))).toEqual(["a", "b", "c1", "c2"]);
    expect(await poll(`cursor=${page.cursor as string}`)).toMatchObject({ blocks: [], caught_up: true });
  });

  test("18.4.4, 18.5 filters are repeatable alternatives, and part of what a cursor is bound to", async () => {
    expect(ids(await poll("start=beginning&kind=node&op=insert&op=delete&type=Account"))).toEqual(["a", "b", "c1", "c2"]);
    expect((await poll("start=beginning&type=Ghost")).blocks.flatMap(({ changes }) => changes)).toEqual([]);
    const { cursor } = await poll("start=now&kind=node");
    expect(await app.json("GET", `/graphs/crm/changes?cursor=${cursor as string}`, { actor: "owner" })).toMatchObject({
      status: 400,
      body: { code: "bad_request", error: expect.stringMatching(/^change cursor rejected:/) as string },
    });
  });

  test.each([
    ["limit=8193", 413, { resource_limit: { limit: 8192, actual: 8193 } }],
    ["limit=0", 400, {}],
    ["branch=ghost", 404, { error: expect.stringContaining("branch 'ghost' not found") as string }],
    ["start=after:01J8Z5W6T4Q8M3N2K1H0G9F8E7", 400, {}],
    ["page_token=zzz", 400, { error: expect.stringMatching(/^change cursor rejected:/) as string }],
    ["limit=1&limit=2", 400, {}],
  ])("18.6 %s", async (query, status, body) => {
    expect(await app.json("GET", `/graphs/crm/changes?${query}`, { actor: "owner" })).toMatchObject({ status, body });
  });

  test("18.3 the changes of a commit; the first one of a graph is refused", async () => {
    const path = (id: string | undefined): string => `/graphs/crm/commits/${id ?? ""}/changes`;
    expect((await app.json("GET", path(commits[0]), { actor: "owner" })).body).toMatchObject({
      cause: { graph_commit_id: commits[0], authored_branch: "main", actor_id: "owner" },
      changes: [{ kind: "node", type: { name: "Account" }, id: "c2", op: "insert", after: { properties: { code: "c2", name: null } } }],
    });
    expect(await app.json("GET", path(commits.at(-1)), { actor: "owner" })).toMatchObject({ status: 409, body: { change_diff_refusal: { reason: "parentless_commit", graph_commit_id: commits.at(-1) } } });
    expect(await app.json("GET", path("01J8Z5W6T4Q8M3N2K1H0G9F8E7"), { actor: "owner" })).toMatchObject({ status: 404, body: { error: "commit '01J8Z5W6T4Q8M3N2K1H0G9F8E7' not found" } });
  });

  test("a diff names the states it compares, by branch or snapshot", async () => {
    const { body } = await app.json("GET", `/graphs/crm/diff?from=${commits[1] as string}&to=main&op=insert&images=true`, { actor: "owner" });
    expect(body).toMatchObject({ graph_branch: null, changes: [{ kind: "node", type_name: "Account", id: "c2", op: "insert", after: {} }], stats: { inserts: 1, updates: 0, deletes: 0 } });
  });
});
