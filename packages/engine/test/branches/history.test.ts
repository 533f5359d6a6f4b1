import { type Clock, systemClock } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { CommitGraph } from "../../src/commit-graph/commit-graph.js";
import { Graph } from "../../src/graph.js";
import { openGraph } from "../../src/open/open-graph.js";
import { addPerson, PEOPLE, persons } from "./branch-fixture.js";

/** main: 1 ann 2; review from there: bob 3, cid 4; deeper from review at 3: dan 4; main goes on: eve 3. */
async function makeHistory(root: string): Promise<Graph> {
  const graph = await Graph.init(root, PEOPLE);
  await addPerson(graph, "ann");
  await graph.branchCreate("review");
  await addPerson(graph, "bob", { branch: "review" });
  await graph.branchCreateFrom("review", "deeper");
  await addPerson(graph, "cid", { branch: "review", actor: "act-c" });
  await addPerson(graph, "dan", { branch: "deeper" });
  await addPerson(graph, "eve");
  return graph;
}

/** Stands still between steps, so that tests know each commit's microsecond. */
function steppedClock(startMs: number): Clock & { advance(ms: number): void } {
  let ms = startMs;
  return {
    ...systemClock,
    nowMs: () => ms,
    nowMicros: () => ms * 1000,
    advance(by: number): void {
      ms += by;
    },
  };
}

const versionsOf = async (graph: Graph, branch?: string): Promise<readonly string[]> =>
  (await graph.listCommits(branch)).map((commit) => `${commit.graphBranch ?? "main"}:${commit.graphManifestVersion}`);

test("CM-7 CM-8 MAN-21 a branch lists its own commits, then what it inherited up to its fork, newest first", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  expect(await versionsOf(graph)).toEqual(["main:3", "main:2", "main:1"]);
  expect(await versionsOf(graph, "review")).toEqual(["review:4", "review:3", "main:2", "main:1"]);
  expect(await versionsOf(graph, "deeper")).toEqual(["deeper:4", "review:3", "main:2", "main:1"]);
  for (const branch of ["main", "review", "deeper"]) {
    const commits = await graph.listCommits(branch);
    expect(commits.map(({ parentCommitId }) => parentCommitId)).toEqual([...commits.slice(1).map(({ graphCommitId }) => graphCommitId), null]);
    expect(await graph.headCommitId(branch)).toBe(commits[0]?.graphCommitId);
  }
  await graph.branchCreateFrom("deeper", "empty");
  expect(await versionsOf(graph, "empty")).toEqual(await versionsOf(graph, "deeper"));
  expect(await graph.headCommitId("empty")).toBe(await graph.headCommitId("deeper"));
});

test("SN-5 SN-7 G-8 every version a branch ever had reads as it was, its inherited ones too", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  const expected: readonly (readonly [string, number, readonly string[]])[] = [
    ["main", 1, []],
    ["main", 2, ["ann"]],
    ["main", 3, ["ann", "eve"]],
    ["review", 1, []],
    ["review", 2, ["ann"]],
    ["review", 3, ["ann", "bob"]],
    ["review", 4, ["ann", "bob", "cid"]],
    ["deeper", 3, ["ann", "bob"]],
    ["deeper", 4, ["ann", "bob", "dan"]],
  ];
  for (const [branch, version, names] of expected) {
    expect(await persons(graph, { snapshot: `manifest:${branch}:v${version}` })).toEqual(names);
    const snapshot = await graph.snapshotAtVersion(version, branch);
    expect(snapshot).toMatchObject({ branch: branch === "main" ? null : branch, graphManifestVersion: version });
    expect(await persons(graph, { snapshot: snapshot.graphCommitId })).toEqual(names);
  }
  for (const version of [0, 5, 1.5]) await expect(graph.snapshotAtVersion(version, "review")).rejects.toMatchObject({ code: "GRAPH_VERSION_NOT_FOUND" });
  expect(await graph.entityAt("node:Person", "bob", 3, "review")).toMatchObject({ name: "bob" });
  expect(await graph.entityAt("node:Person", "bob", 2, "review")).toBeNull();
  expect(await graph.entityAtTarget({ branch: "deeper" }, "node:Person", "dan")).toMatchObject({ name: "dan" });
});

test("CM-9 CM-12 a commit is found whichever live branch made it; those of a deleted branch are not", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  const head = await graph.headCommitId("deeper");
  expect(await graph.getCommit(head)).toMatchObject({ graphBranch: "deeper", graphManifestVersion: 4 });
  await graph.branchDelete("deeper");
  await expect(graph.getCommit(head)).rejects.toMatchObject({ code: "COMMIT_NOT_FOUND" });
  await expect(graph.getCommit(head)).rejects.toThrow(`commit '${head}' not found`);
  await expect(persons(graph, { snapshot: head })).rejects.toMatchObject({ code: "COMMIT_NOT_FOUND" });
  await graph.branchCreate("deeper");
  await expect(graph.getCommit(head)).rejects.toMatchObject({ code: "COMMIT_NOT_FOUND" });
  expect(await versionsOf(graph, "deeper")).toEqual(["main:3", "main:2", "main:1"]);
  await using other = await Graph.open(dir.path, { mode: "ro" });
  await expect(other.getCommit(head)).rejects.toMatchObject({ code: "COMMIT_NOT_FOUND" });
  expect((await other.getCommit(await graph.headCommitId("review"))).actorId).toBe("act-c");
});

test("MG-20 the lines of deleted branches can still be located, for merge bases", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  const [head, parent] = await graph.listCommits("deeper");
  await graph.branchDelete("deeper");
  const { access, resources } = await openGraph(dir.path, { mode: "ro" });
  const commits = new CommitGraph(access.manifest);
  const located = await commits.locate(head?.graphCommitId ?? "");
  expect(located?.commit).toEqual(head);
  const line = await commits.readLine(located?.incarnation ?? "");
  expect(line.commits).toEqual([head]);
  expect((await commits.locate(parent?.graphCommitId ?? ""))?.commit).toEqual(parent);
  expect(await commits.locate("01JZ0V9M3XK7B1N5Q8R2T4W6YZ")).toBeUndefined();
  expect((await commits.readLine("no-such-incarnation")).commits).toEqual([]);
  await resources.dispose();
});

test("CM-7 a listing is continued, not read again: it follows every commit of other handles", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  await using reader = await Graph.open(dir.path, { mode: "ro" });
  expect(await versionsOf(reader, "review")).toHaveLength(4);
  for (let index = 0; index < 3; index++) {
    const id = await addPerson(graph, `p${index}`, { branch: "review" });
    expect((await reader.listCommits("review"))[0]?.graphCommitId).toBe(id);
    expect(await reader.getCommit(id)).toMatchObject({ graphManifestVersion: 5 + index });
  }
  expect(await versionsOf(reader, "review")).toHaveLength(7);
});

test("§1 the newest version at an instant, on any branch, by several spellings", async () => {
  await using dir = await makeTempDir();
  const clock = steppedClock(Date.parse("2026-07-01T12:00:00Z"));
  await using graph = await Graph.init(dir.path, PEOPLE, { components: { clock } });
  for (const name of ["ann", "bob"]) {
    clock.advance(60_000);
    await addPerson(graph, name);
  }
  await graph.branchCreate("review");
  clock.advance(60_000);
  await addPerson(graph, "cid", { branch: "review" });
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["@2026-07-01T12:00:00Z", []],
    ["@2026-07-01T12:00:59.999Z", []],
    ["@2026-07-01T12:01:00Z", ["ann"]],
    ["@2026-07-01T14:01:30+02:00", ["ann"]],
    ["@2026-07-01t12:02:00z", ["ann", "bob"]],
    ["@2026-07-01 12:03:00Z", ["ann", "bob"]],
    ["@2999-01-01T00:00:00Z", ["ann", "bob"]],
    ["manifest:main:@2026-07-01T12:03:00Z", ["ann", "bob"]],
    ["manifest:review:@2026-07-01T12:03:00Z", ["ann", "bob", "cid"]],
    ["manifest:review:@2026-07-01T12:01:00Z", ["ann"]],
    [`@${Date.parse("2026-07-01T12:01:00Z") * 1000}`, ["ann"]],
    [`@${Date.parse("2026-07-01T12:01:00Z") * 1000 - 1}`, []],
  ];
  for (const [snapshot, names] of cases) expect(await persons(graph, { snapshot }), snapshot).toEqual(names);
  expect(await persons(graph, { branch: "review", snapshot: "@2026-07-01T12:03:00Z" })).toEqual(["ann", "bob", "cid"]);
  expect(await persons(graph, { branch: "review", snapshot: "@2026-07-01T12:02:59.999999Z" })).toEqual(["ann", "bob"]);
  const { target } = await graph.query("query q() { match { $p: Person } return { count($p) as n } }", { target: { branch: "review", snapshot: "@2026-07-01T12:03:00Z" } });
  expect(target).toEqual({ branch: null, snapshot: "manifest:review:@2026-07-01T12:03:00Z" });
  const created = (await graph.listCommits("review"))[0];
  expect((await graph.snapshot({ branch: "review", snapshot: `@${created?.createdAt ?? 0}` })).graphCommitId).toBe(created?.graphCommitId);
  await expect(persons(graph, { snapshot: "@2026-07-01T11:59:59Z" })).rejects.toMatchObject({
    code: "BEFORE_FIRST_COMMIT",
    category: "not_found",
    message: "branch 'main' has no commit at or before 2026-07-01T11:59:59.000Z",
    hint: "Its first commit is of 2026-07-01T12:00:00.000Z.",
  });
});

test("SN-8 a branch goes with an instant that names none, and with no other snapshot", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  const snapshot = await graph.snapshot();
  for (const other of [snapshot, snapshot.graphCommitId, "manifest:main:v1", "manifest:main:@2999-01-01T00:00:00Z"]) {
    await expect(graph.snapshot({ branch: "main", snapshot: other })).rejects.toMatchObject({ code: "READ_TARGET_CONFLICT" });
  }
  expect((await graph.snapshot({ branch: "main", snapshot: "@2999-01-01T00:00:00Z" })).graphCommitId).toBe(snapshot.graphCommitId);
});

test.each(["@", "@yesterday", "@2026-07-01", "@2026-07-01T12:00:00", "@20260701", "@2026-13-01T00:00:00Z", "manifest:main:@", "main@2026-07-01T12:00:00Z", "@-1"])(
  "SN-7 %j is no instant",
  async (snapshot) => {
    await using dir = await makeTempDir();
    await using graph = await Graph.init(dir.path, PEOPLE);
    await expect(graph.snapshot({ snapshot })).rejects.toMatchObject({ code: "INVALID_SNAPSHOT_ID" });
  },
);

test("MAN-24 a branch whose commits store differences of a complete row of its source", async () => {
  await using dir = await makeTempDir();
  const schema = Array.from({ length: 70 }, (_, index) => `node T${index} {\n  name: String @key\n}\n`).join("\n");
  await using graph = await Graph.init(dir.path, schema);
  const add = (type: string, branch: string): Promise<unknown> => graph.mutate(`query m() { insert ${type} { name: "x" } }`, { branch });
  await add("T0", "main");
  await graph.branchCreate("review");
  await add("T1", "review");
  await add("T2", "review");
  await using reader = await Graph.open(dir.path, { mode: "ro" });
  const { entries } = await reader.snapshot({ branch: "review" });
  expect(entries.size).toBe(70);
  expect([0, 1, 2, 3].map((index) => entries.get(`node:T${index}`)?.entityCount)).toEqual([1, 1, 1, 0]);
  const { entries: earlier } = await reader.snapshotAtVersion(3, "review");
  expect([0, 1, 2, 3].map((index) => earlier.get(`node:T${index}`)?.entityCount)).toEqual([1, 1, 0, 0]);
});
