import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { resultRows } from "../../src/result/result-rows.js";

const SCHEMA = "node Person {\n  name: String @key\n  age: I32?\n}\n";
const AGES = "query ages() { match { $p: Person } return { $p.name, $p.age } order { $p.name asc } }";

async function makeHistory(root: string): Promise<Graph> {
  const graph = await Graph.init(root, SCHEMA);
  await graph.load('{"type":"Person","data":{"name":"ann","age":1}}', { mode: "append", actor: "act-a" });
  await graph.mutate('query m() { insert Person { name: "bob", age: 2 } }', { actor: "act-b" });
  await graph.mutate('query m() { update Person set { age: 11 } where name = "ann" }');
  await graph.mutate('query m() { delete Person where name = "bob" }');
  return graph;
}

async function ages(graph: Graph, snapshot?: string): Promise<unknown> {
  const result = await graph.query(AGES, snapshot === undefined ? {} : { target: { snapshot } });
  return [...resultRows(result)].map((row) => [row["p.name"], row["p.age"]]);
}

test("SN-5 SN-7 G-8 every earlier version reads as it was, by version, commit id and synthetic id", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  const expected = [[], [["ann", 1]], [["ann", 1], ["bob", 2]], [["ann", 11], ["bob", 2]], [["ann", 11]]];
  const commits = [...(await graph.listCommits())].reverse();
  expect(commits).toHaveLength(5);
  for (const [index, commit] of commits.entries()) {
    const version = index + 1;
    expect(commit.graphManifestVersion).toBe(version);
    expect(await ages(graph, commit.graphCommitId)).toEqual(expected[index]);
    expect(await ages(graph, `manifest:main:v${version}`)).toEqual(expected[index]);
    expect(await ages(graph, `manifest:main:v${version}:tag`)).toEqual(expected[index]);
    expect((await graph.snapshotAtVersion(version)).graphCommitId).toBe(commit.graphCommitId);
  }
  expect(await ages(graph)).toEqual(expected[4]);
});

test("CM-5 CM-7 CM-8 CM-9 CM-10 commits are listed newest first, found by id, and one per successful write", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  const commits = await graph.listCommits("main");
  expect(commits.map((commit) => commit.graphManifestVersion)).toEqual([5, 4, 3, 2, 1]);
  expect(commits.map((commit) => commit.actorId)).toEqual([null, null, "act-b", "act-a", null]);
  expect(await graph.headCommitId()).toBe(commits[0]?.graphCommitId);
  expect(await graph.getCommit(commits[2]?.graphCommitId ?? "")).toEqual(commits[2]);
  await expect(graph.getCommit("01JZ0V9M3XK7B1N5Q8R2T4W6YZ")).rejects.toThrow("commit '01JZ0V9M3XK7B1N5Q8R2T4W6YZ' not found");
  const nothing = await graph.mutate('query m() { delete Person where name = "nobody" }');
  expect(nothing.commit).toBeNull();
  expect(await graph.headCommitId()).toBe(commits[0]?.graphCommitId);
});

test("CM-1 a commit says what it is, where, of whom and after which; times in microseconds", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  const ulid = expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/) as unknown;
  const [latest, before] = await graph.listCommits();
  expect(latest).toEqual({
    graphCommitId: ulid,
    graphBranch: null,
    graphManifestVersion: 5,
    parentCommitId: before?.graphCommitId,
    mergedParentCommitId: null,
    actorId: null,
    createdAt: expect.any(Number),
  });
  expect(Number.isSafeInteger(latest?.createdAt) && new Date((latest?.createdAt ?? 0) / 1000).getUTCFullYear()).toBeGreaterThan(2020);
});

test("SN-3 SN-13 a long-lived reader sees commits of another handle at its next call; SN-11 results name their commit", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  await using reader = await Graph.open(dir.path, { mode: "ro" });
  for (let index = 0; index < 5; index++) {
    const { commit } = await graph.mutate("query m($n: String) { insert Person { name: $n } }", { params: { n: `p${index}` } });
    const result = await reader.query(AGES);
    expect(result.graphCommitId).toBe(commit?.graphCommitId);
    expect(result.rowCount).toBe(2 + index);
  }
});

test("SN-1 SN-2 a snapshot in the hand stays what it was", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  const snapshot = await graph.snapshot();
  expect(await graph.snapshot()).toBe(snapshot);
  await graph.mutate('query m() { insert Person { name: "zoe" } }');
  expect((await graph.query(AGES, { target: { snapshot } })).rowCount).toBe(1);
  expect((await graph.query(AGES)).rowCount).toBe(2);
});

test("SN-6 one entity of a past version", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  expect(await graph.entityAt("node:Person", "ann", 2)).toEqual({ id: "ann", name: "ann", age: 1 });
  expect(await graph.entityAt("node:Person", "ann", 5)).toEqual({ id: "ann", name: "ann", age: 11 });
  expect(await graph.entityAt("node:Person", "bob", 5)).toBeNull();
  await expect(graph.entityAt("node:Robot", "x", 5)).rejects.toThrow("does not exist at this snapshot");
  expect(await graph.entityAtTarget({}, "node:Person", "ann")).toMatchObject({ age: 11 });
});

test.each([0, -1, 6, 1.5, Number.NaN])("SN-5 version %d never existed", async (version) => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  await expect(graph.snapshotAtVersion(version)).rejects.toMatchObject({ code: "GRAPH_VERSION_NOT_FOUND" });
});

test.each(["", "x", "manifest:main", "manifest:main:v0", "manifest:main:v-1", "01jz0v9m3xk7b1n5q8r2t4w6yz"])("SN-7 %j is no snapshot id", async (text) => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, SCHEMA);
  await expect(graph.resolveSnapshot(text)).rejects.toMatchObject({ code: "INVALID_SNAPSHOT_ID" });
});

test("SN-8 a branch and a snapshot exclude each other; an unknown branch is not found", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, SCHEMA);
  await expect(graph.query(AGES, { target: { branch: "main", snapshot: "manifest:main:v1" } })).rejects.toMatchObject({ code: "READ_TARGET_CONFLICT" });
  await expect(graph.query(AGES, { target: { branch: "nope" } })).rejects.toMatchObject({ code: "BRANCH_NOT_FOUND" });
  await expect(graph.query('query m() { insert Person { name: "x" } }')).rejects.toMatchObject({ code: "WRONG_QUERY_KIND" });
  await expect(graph.mutate(AGES)).rejects.toMatchObject({ code: "WRONG_QUERY_KIND" });
});

test("API-19 a prepared query follows the graph", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  const prepared = graph.prepare("query one($n: String) { match { $p: Person { name: $n } } return { $p.age } }");
  expect(prepared.name).toBe("one");
  expect([...resultRows(await prepared.run({ params: { n: "ann" } }))]).toEqual([{ "p.age": 11 }]);
  await graph.mutate('query m() { update Person set { age: 12 } where name = "ann" }');
  expect([...resultRows(await prepared.run({ params: { n: "ann" } }))]).toEqual([{ "p.age": 12 }]);
  await expect(prepared.run({})).rejects.toMatchObject({ code: "PARAMETER_ERROR" });
});

test("Q-4 OCC-1 two handles of one root in a process take turns; MU-31 only inserts are replayed", async () => {
  await using dir = await makeTempDir();
  await using first = await makeHistory(dir.path);
  await using second = await Graph.open(dir.path, { mode: "rw" });
  const inserts = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? first : second).mutate("query m($n: String) { insert Person { name: $n } }", { params: { n: `q${i}` } }));
  const versions = (await Promise.all(inserts)).map(({ commit }) => commit?.graphManifestVersion ?? 0);
  expect([...versions].sort((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, i) => 6 + i));
  const updates = await Promise.allSettled([first, second].map((graph) => graph.mutate('query m() { update Person set { age: 5 } where name = "ann" }')));
  const refused = updates.filter((outcome) => outcome.status === "rejected").map((outcome) => (outcome.reason as { category: string }).category);
  expect(refused.every((category) => category === "conflict")).toBe(true);
  expect(updates.some(({ status }) => status === "fulfilled")).toBe(true);
});

test("SN-4 a branch name and a snapshot id name the same snapshot; SN-12 a refresh keeps nothing old", async () => {
  await using dir = await makeTempDir();
  await using graph = await makeHistory(dir.path);
  const head = await graph.snapshot({ branch: "main" });
  expect((await graph.snapshot({ snapshot: head.graphCommitId })).entries).toEqual(head.entries);
  await using other = await Graph.open(dir.path, { mode: "rw" });
  await other.mutate('query m() { insert Person { name: "new" } }');
  await graph.refresh();
  expect((await graph.snapshot()).graphManifestVersion).toBe(head.graphManifestVersion + 1);
});
