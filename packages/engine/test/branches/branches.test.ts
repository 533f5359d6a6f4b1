import { rm } from "node:fs/promises";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import type { SnapshotEntry } from "../../src/manifest/snapshot.js";
import { openGraph } from "../../src/open/open-graph.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { addPerson, PEOPLE, persons, removePerson } from "./branch-fixture.js";

const SCHEMA_LOCK = "__schema_apply_lock__";

test("BR-1 BR-2 BR-20 BR-23 a branch starts as an exact copy of its source, and creating it adds no commit and copies no data", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await addPerson(graph, "ann");
  const before = await graph.snapshot();
  expect(await graph.branchCreate("review")).toEqual({ uri: graph.uri, from: "main", name: "review", actorId: null });
  const branch = await graph.snapshot({ branch: "review" });
  expect(branch.entries).toEqual(before.entries);
  expect(branch).toMatchObject({ branch: "review", graphManifestVersion: before.graphManifestVersion, graphCommitId: before.graphCommitId });
  expect(await graph.listCommits("review")).toEqual(await graph.listCommits());
  expect(await graph.headCommitId("review")).toBe(before.graphCommitId);
});

test("BR-3 BR-4 BR-9 writes on a branch fork only the type they touch, and nobody else sees them", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await addPerson(graph, "ann");
  await graph.branchCreate("review");
  await addPerson(graph, "bob", { branch: "review" });
  await graph.branchCreateFrom("review", "deeper");
  await addPerson(graph, "cid", { branch: "deeper" });
  await removePerson(graph, "ann", "deeper");
  await addPerson(graph, "dan");
  expect(await persons(graph)).toEqual(["ann", "dan"]);
  expect(await persons(graph, { branch: "review" })).toEqual(["ann", "bob"]);
  expect(await persons(graph, { branch: "deeper" })).toEqual(["bob", "cid"]);
  const entries = async (branch: string): Promise<Record<string, string | null>> => {
    const snapshot = await graph.snapshot({ branch });
    return Object.fromEntries([...snapshot.entries].map(([key, entry]) => [key, entry.location.nativeBranch]));
  };
  const review = await entries("review");
  const deeper = await entries("deeper");
  expect(review["node:City"]).toBeNull();
  expect(review["edge:LivesIn"]).toBeNull();
  expect(review["node:Person"]).toMatch(/^g[0-9A-Z]{26}_[0-9A-Z]{26}$/);
  expect(deeper["node:Person"]).toMatch(/^g/);
  expect(deeper["node:Person"]).not.toBe(review["node:Person"]);
  expect((await entries("main"))["node:Person"]).toBeNull();
});

test("BR-21 names that cannot be created say why", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await graph.branchCreate("review");
  await expect(graph.branchCreate("main")).rejects.toMatchObject({ code: "MAIN_BRANCH", message: "cannot create branch 'main'" });
  await expect(graph.branchCreate("review")).rejects.toMatchObject({ code: "BRANCH_EXISTS", category: "conflict", retryable: false, message: "branch 'review' already exists" });
  await expect(graph.branchCreateFrom("reviw", "x")).rejects.toMatchObject({ code: "BRANCH_NOT_FOUND", message: "branch 'reviw' not found", hint: "Did you mean 'review'?" });
  const { graphCommitId } = await graph.snapshot();
  for (const id of [graphCommitId, "manifest:main:v1", "@2026-07-01T12:00:00Z"]) {
    await expect(graph.branchCreateFrom(id, "x")).rejects.toMatchObject({ category: "invalid", message: `cannot create a branch from snapshot '${id}'` });
  }
  expect(await graph.branchList()).toEqual(["main", "review"]);
});

test("BR-21 BR-30 BR-40 while a schema apply is registered, branches cannot be created or deleted, and it is not listed", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await graph.branchCreate("review");
  const opened = await openGraph(dir.path, { mode: "rw" });
  const { writing, access, resources } = opened;
  if (writing === undefined) throw new Error("opened for reading");
  const main = await access.manifest.readState(null);
  await writing.registry.create({ name: SCHEMA_LOCK, incarnation: access.components.ids.ulid(), parent: null }, main, () => undefined);
  for (const [call, operation] of [
    [() => graph.branchCreate("x"), "branch_create"],
    [() => graph.branchDelete("review"), "branch_delete"],
  ] as const) {
    await expect(call()).rejects.toMatchObject({ category: "conflict", message: `${operation} is unavailable while schema apply is in progress` });
  }
  expect(await graph.branchList()).toEqual(["main", "review"]);
  expect((await access.manifest.readStates()).map(({ branch }) => branch)).toEqual([null, SCHEMA_LOCK, "review"]);
  await resources.dispose();
});

test("BR-7 BR-60 SN-13 another handle sees branches and their commits at its next call", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await using reader = await Graph.open(dir.path, { mode: "ro" });
  await graph.branchCreate("review");
  expect(await reader.branchList()).toEqual(["main", "review"]);
  await addPerson(graph, "bob", { branch: "review" });
  expect(await persons(reader, { branch: "review" })).toEqual(["bob"]);
  await addPerson(graph, "cid", { branch: "review" });
  expect(await persons(reader, { branch: "review" })).toEqual(["bob", "cid"]);
  await graph.branchDelete("review");
  await expect(persons(reader, { branch: "review" })).rejects.toMatchObject({ code: "BRANCH_NOT_FOUND" });
});

test("OP-7 a read-only handle creates and deletes no branch", async () => {
  await using dir = await makeTempDir();
  await (await Graph.init(dir.path, PEOPLE)).close();
  await using reader = await Graph.open(dir.path, { mode: "ro" });
  await expect(reader.branchCreate("x")).rejects.toMatchObject({ code: "READ_ONLY_GRAPH" });
  await expect(reader.branchDelete("x")).rejects.toMatchObject({ code: "READ_ONLY_GRAPH" });
});

test("BR-30 main first, then by name", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  for (const name of ["z", "a/2", "a/10", "M"]) await graph.branchCreate(name);
  expect(await graph.branchList()).toEqual(["main", "M", "a/10", "a/2", "z"]);
});

test("BR-40 what cannot be deleted says why, and stays", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await graph.branchCreate("review");
  await addPerson(graph, "bob", { branch: "review" });
  await graph.branchCreateFrom("review", "deeper");
  await graph.branchCreateFrom("deeper", "deepest");
  await expect(graph.branchDelete("main")).rejects.toMatchObject({ code: "MAIN_BRANCH", message: "cannot delete branch 'main'" });
  await expect(graph.branchDelete("reviev")).rejects.toMatchObject({ code: "BRANCH_NOT_FOUND", message: "branch 'reviev' not found", hint: "Did you mean 'review'?" });
  await expect(graph.branchDelete("review")).rejects.toMatchObject({ code: "BRANCH_IN_USE", category: "conflict", retryable: false, dependent: "deeper" });
  await expect(graph.branchDelete("review")).rejects.toThrow("because descendant branch 'deeper' still depends on it");
  await expect(graph.branchDelete("deeper")).rejects.toThrow("because descendant branch 'deepest' still depends on it");
  expect(await graph.branchList()).toEqual(["main", "deeper", "deepest", "review"]);
  for (const name of ["deepest", "deeper", "review"]) await graph.branchDelete(name);
  expect(await graph.branchList()).toEqual(["main"]);
});

test("BR-60 SN-12 a handle bound to a branch means it when a call names none, and cannot delete it", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await graph.branchCreate("review");
  await using bound = await Graph.open(dir.path, { mode: "rw", branch: "review" });
  await addPerson(bound, "bob");
  expect(await persons(bound)).toEqual(["bob"]);
  expect(await persons(graph)).toEqual([]);
  expect((await bound.listCommits())[0]?.graphBranch).toBe("review");
  await expect(bound.branchDelete("review")).rejects.toMatchObject({ code: "BRANCH_IN_USE", message: "cannot delete currently active branch 'review'" });
  await bound.syncBranch("main");
  expect(await persons(bound)).toEqual([]);
  await bound.branchDelete("review");
  await expect(Graph.open(dir.path, { mode: "rw", branch: "review" })).rejects.toMatchObject({ code: "BRANCH_NOT_FOUND" });
});

test("BR-6 BR-60 a bound handle notices that its branch was deleted, and never reads one that has its name now", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await graph.branchCreate("review");
  await using bound = await Graph.open(dir.path, { mode: "rw", branch: "review" });
  await addPerson(bound, "bob");
  await graph.branchDelete("review");
  await expect(persons(bound)).rejects.toMatchObject({ code: "BRANCH_NOT_FOUND", message: "branch 'review' not found" });
  await expect(addPerson(bound, "cid")).rejects.toMatchObject({ code: "BRANCH_NOT_FOUND" });
  await graph.branchCreate("review");
  await expect(persons(bound)).rejects.toMatchObject({ code: "READ_SET_CHANGED", member: "branch_incarnation:review" });
  await expect(addPerson(bound, "cid")).rejects.toMatchObject({ code: "READ_SET_CHANGED" });
  expect(await persons(graph, { branch: "review" })).toEqual([]);
  await bound.syncBranch("review");
  await addPerson(bound, "cid");
  expect(await persons(bound)).toEqual(["cid"]);
});

test("BR-41 BR-42 BR-43 deleting removes the forks the branch owned; main and its snapshots go on", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await addPerson(graph, "ann");
  await graph.branchCreate("review");
  await addPerson(graph, "bob", { branch: "review" });
  const held = await graph.snapshot({ branch: "review" });
  expect(await persons(graph, { snapshot: held })).toEqual(["ann", "bob"]);
  const directory = held.entries.get("node:Person")?.location.directory ?? "";
  const opened = await openGraph(dir.path, { mode: "rw" });
  const { administration } = opened.access.storage;
  expect((await administration.listForks(directory)).map(({ nativeBranch }) => nativeBranch)).toEqual([held.entries.get("node:Person")?.location.nativeBranch]);
  await graph.branchDelete("review");
  expect(await administration.listForks(directory)).toEqual([]);
  expect(await persons(graph)).toEqual(["ann"]);
  await opened.resources.dispose();
});

test("BR-42 a fork that a merge took the branch off goes with it as well", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await addPerson(graph, "ann");
  await graph.branchCreate("review");
  await addPerson(graph, "bob", { branch: "review" });
  await graph.branchMerge("review");
  await addPerson(graph, "cid");
  await graph.branchMerge("main", "review");
  expect(await persons(graph, { branch: "review" })).toEqual(["ann", "bob", "cid"]);
  const entry = (await graph.snapshot({ branch: "review" })).entries.get("node:Person");
  expect(entry?.location.nativeBranch).toBeNull();
  const { access, resources } = await openGraph(dir.path, { mode: "ro" });
  expect(await access.storage.administration.listForks(entry?.location.directory ?? "")).toHaveLength(1);
  await graph.branchDelete("review");
  expect(await access.storage.administration.listForks(entry?.location.directory ?? "")).toEqual([]);
  await resources.dispose();
});

test("CM-12 MG-20 what a merge brought from a branch stays when the branch is deleted; its own history goes", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await graph.branchCreate("review");
  const made = await addPerson(graph, "bob", { branch: "review" });
  await graph.branchMerge("review");
  await graph.branchDelete("review");
  expect(await persons(graph)).toEqual(["bob"]);
  expect((await graph.listCommits())[0]).toMatchObject({ mergedParentCommitId: made });
  await expect(graph.getCommit(made)).rejects.toMatchObject({ code: "COMMIT_NOT_FOUND" });
});

test("SN-1 a snapshot held of a branch that was deleted still describes itself", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await addPerson(graph, "ann");
  await graph.branchCreate("review");
  const held = await graph.snapshot({ branch: "review" });
  await graph.branchDelete("review");
  expect(await persons(graph, { snapshot: held })).toEqual(["ann"]);
  expect(await graph.snapshotInfo({ snapshot: held })).toMatchObject({ graphBranch: "review", graphManifestVersion: 2 });
});

test("LD-2 LD-4 a load with a base creates a missing branch first, once, and it stays when the load fails", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE);
  await addPerson(graph, "ann");
  const record = (name: string): string => `{"type":"Person","data":{"name":"${name}"}}`;
  await expect(graph.load(record("x"), { mode: "append", branch: "staging" })).rejects.toMatchObject({ code: "BRANCH_NOT_FOUND" });
  expect(await graph.branchList()).toEqual(["main"]);
  const first = await graph.load(record("bob"), { mode: "append", branch: "staging", base: "main" });
  expect(first).toMatchObject({ branch: "staging", baseBranch: "main", branchCreated: true, totalEntities: 1 });
  const second = await graph.load(record("cid"), { mode: "append", branch: "staging", base: "main" });
  expect(second).toMatchObject({ baseBranch: "main", branchCreated: false });
  expect(await persons(graph, { branch: "staging" })).toEqual(["ann", "bob", "cid"]);
  expect(await graph.load(record("dan"), { mode: "append" })).toMatchObject({ baseBranch: null, branchCreated: false });
  await expect(graph.load("{", { mode: "append", branch: "broken", base: "staging" })).rejects.toMatchObject({ category: "invalid" });
  expect(await graph.branchList()).toEqual(["main", "broken", "staging"]);
  await expect(graph.load(record("x"), { mode: "append", branch: "other", base: "nope" })).rejects.toMatchObject({ code: "BRANCH_NOT_FOUND" });
});

test("MT-14 MAN-24 the manifest is compacted after many branches as after many commits", { timeout: 60_000 }, async () => {
  await using dir = await makeTempDir();
  const graph = await Graph.init(dir.path, PEOPLE);
  const { access, resources } = await openGraph(dir.path, { mode: "ro" });
  let compactCount = 0;
  await using watched = await Graph.open(dir.path, {
    mode: "rw",
    components: {
      wrapStorage: (storage) => ({
        ...storage,
        datasets: storage.datasets,
        administration: storage.administration,
        manifest: new Proxy(storage.manifest, {
          get(target, name) {
            if (name === "compact") compactCount++;
            const member: unknown = Reflect.get(target, name, target);
            return typeof member === "function" ? (member as (...args: unknown[]) => unknown).bind(target) : member;
          },
        }),
        close: () => storage.close(),
      }),
    },
  });
  for (let index = 0; index < 51; index++) {
    await watched.branchCreate("brief");
    await watched.branchDelete("brief");
  }
  await watched.close();
  expect(compactCount).toBe(1);
  expect((await access.manifest.readRegistry()).registry.sequence).toBeGreaterThan(100);
  await resources.dispose();
  await graph.close();
});

test("BR-8 WR-4 several writes that belong together are made on a branch, looked at, and merged or thrown away as one", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE, { settings: { durability: "process" } });
  await addPerson(graph, "ann");
  const before = await graph.headCommitId();
  for (const isAccepted of [false, true]) {
    await graph.branchCreate("work");
    await addPerson(graph, "bob", { branch: "work" });
    await removePerson(graph, "ann", "work");
    await graph.load('{"type":"City","data":{"name":"rome"}}\n{"edge":"LivesIn","from":"bob","to":"rome"}', { mode: "append", branch: "work" });
    expect(await persons(graph, { branch: "work" })).toEqual(["bob"]);
    expect([await persons(graph), await graph.headCommitId()]).toEqual([["ann"], before]);
    if (isAccepted) await graph.branchMerge("work", "main", { deleteBranch: true });
    else await graph.branchDelete("work");
  }
  expect(await persons(graph)).toEqual(["bob"]);
  expect((await graph.listCommits())[0]).toMatchObject({ parentCommitId: before });
  expect((await graph.snapshot()).entries.get("edge:LivesIn")?.entityCount).toBe(1);
  expect(await graph.branchList()).toEqual(["main"]);
});

test("BR-47 MAN-1 what is missing in storage is no missing branch, and what is there unpublished is none either", async () => {
  await using dir = await makeTempDir();
  await using graph = await Graph.init(dir.path, PEOPLE, { settings: { durability: "process" } });
  await graph.branchCreate("review");
  await addPerson(graph, "ann", { branch: "review" });
  const { location } = (await graph.snapshot({ branch: "review" })).entries.get("node:Person") as SnapshotEntry;
  const dataset = `${dir.path}/${location.directory}.lance`;
  await openGraphStorage(dir.path).administration.fork({ ...location, nativeBranch: null }, 1, { ...location, nativeBranch: "stray" });
  await rm(`${dataset}/tree/${String(location.nativeBranch)}`, { recursive: true });
  await rm(`${dataset}/_refs/branches/${String(location.nativeBranch)}.json`);
  await using reader = await Graph.open(dir.path, { mode: "ro" });
  expect(await reader.branchList()).toEqual(["main", "review"]);
  const error = await persons(reader, { branch: "review" }).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: expect.not.stringMatching(/^BRANCH_NOT_FOUND$/) });
  await expect(persons(reader, { branch: "stray" })).rejects.toMatchObject({ code: "BRANCH_NOT_FOUND" });
  expect(await persons(reader)).toEqual([]);
});
