import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { PEOPLE } from "./branch-fixture.js";

const LOCK = "__schema_apply_lock__";

async function withGraph(run: (graph: Graph) => Promise<void>): Promise<void> {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await run(graph);
}

test.each(["", "   ", "\t"])("BR-10 %j is no branch name, whatever it is given for", async (name) => {
  await withGraph(async (graph) => {
    const calls = [graph.branchCreate(name), graph.branchCreateFrom(name, "x"), graph.branchDelete(name), graph.snapshot({ branch: name }), graph.syncBranch(name)];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "INVALID_BRANCH_NAME", message: "branch name cannot be empty", category: "invalid" });
  });
});

test("BR-10 names are trimmed, and `main` is told from `Main`", async () => {
  await withGraph(async (graph) => {
    expect(await graph.branchCreate("  review ", { actor: "act-a" })).toEqual({ uri: graph.uri, from: "main", name: "review", actorId: "act-a" });
    await graph.branchCreate("Main");
    expect(await graph.branchList()).toEqual(["main", "Main", "review"]);
    expect((await graph.snapshot({ branch: " review " })).branch).toBe("review");
    expect(await graph.branchDelete(" review ")).toEqual({ uri: graph.uri, name: "review", actorId: null });
  });
});

test.each([
  ["a\\b", '"\\\\"'],
  ["a:b", '":"'],
  ["a@b", '"@"'],
  ["a*b", '"*"'],
  ["what?", '"?"'],
  ["a\nb", '"\\n"'],
  ["a\u0000b", '"\\u0000"'],
  ["a|b", '"|"'],
  ["/a", "begins or ends with '/'"],
  ["a/", "begins or ends with '/'"],
  ["a//b", "contains '//'"],
  ["a/../b", "contains '..'"],
  ["..", "contains '..'"],
  [".", "a part of it is '.'"],
  ["a/./b", "a part of it is '.'"],
  ["x".repeat(256), "longer than 255"],
  ["a\ud800b", "valid Unicode"],
])("BR-14 %j cannot be created", async (name, problem) => {
  await withGraph(async (graph) => {
    const created = graph.branchCreate(name);
    await expect(created).rejects.toMatchObject({ code: "INVALID_BRANCH_NAME", category: "invalid" });
    await expect(created).rejects.toThrow(problem);
    expect(await graph.branchList()).toEqual(["main"]);
  });
});

test.each(["review/2026-07", "etl/daily 1", "übung", "Straße/日本", "__run__x", "a.b", "-", "v1", "O'Brien", "100%"])("BR-11 BR-13 %j is an ordinary name", async (name) => {
  await withGraph(async (graph) => {
    await graph.branchCreate(name);
    expect(await graph.branchList()).toEqual(["main", name]);
    expect((await graph.snapshot({ branch: name })).branch).toBe(name);
    await graph.branchDelete(name);
    expect(await graph.branchList()).toEqual(["main"]);
  });
});

test.each([
  ["review", "review/2026-07"],
  ["review/2026-07", "review"],
  ["main", "main/x"],
])("BR-13 beside %s there can be no %s; the error names the first", async (first, second) => {
  await withGraph(async (graph) => {
    if (first !== "main") await graph.branchCreate(first);
    await expect(graph.branchCreate(second)).rejects.toMatchObject({ code: "BRANCH_NAME_CONFLICT", category: "conflict", existing: first });
    await expect(graph.branchCreate(second)).rejects.toThrow(`branch '${first}' exists`);
    await graph.branchCreate("reviews");
  });
});

describe("BR-12 internal refs", () => {
  test.each([
    ["branch_create", (graph: Graph) => graph.branchCreate(LOCK)],
    ["branch_create", (graph: Graph) => graph.branchCreateFrom(LOCK, "x")],
    ["branch_delete", (graph: Graph) => graph.branchDelete(LOCK)],
    ["load", (graph: Graph) => graph.load("", { mode: "append", branch: LOCK })],
    ["mutate", (graph: Graph) => graph.mutate('query m() { insert City { name: "x" } }', { branch: LOCK })],
    ["read", (graph: Graph) => graph.snapshot({ branch: LOCK })],
    ["read", (graph: Graph) => graph.resolveSnapshot(`manifest:${LOCK}:v1`)],
    ["read", (graph: Graph) => graph.listCommits(LOCK)],
    ["sync_branch", (graph: Graph) => graph.syncBranch(LOCK)],
  ])("%s does not allow one", async (operation, call) => {
    await withGraph(async (graph) => {
      const refused = call(graph);
      await expect(refused).rejects.toMatchObject({ code: "INTERNAL_BRANCH", category: "invalid" });
      await expect(refused).rejects.toThrow(`${operation} does not allow internal system ref '${LOCK}'`);
      expect(await graph.branchList()).toEqual(["main"]);
    });
  });
});
