import { Failpoints, must } from "@omnigraphdb/common";
import { findEntityType } from "@omnigraphdb/compiler";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import type { SnapshotEntry } from "../../src/manifest/snapshot.js";
import type { DatasetEffect, GraphStorage } from "../../src/storage/dataset-gateway.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { rowBatchOf } from "../../test-support/query-graph.js";
import { batchSource } from "../../test-support/row-batches.js";
import { hookGraphStorage } from "../../test-support/stores/faulty-graph-storage.js";
import { MergeGraph } from "./merge-fixture.js";

const SCHEMA = `
node Person {
  name: String @key
  age: I32?
  email: String? @unique
}
node Pair {
  key: String @key
  a: String
  b: String
  @unique(a, b)
}
edge Knows: Person -> Person { since: I32? }
edge Mentors: Person -> Person @card(0..1)
`;

const person = (name: string, age: number | null = null, email: string | null = null): object => ({ type: "Person", data: { name, age, email } });
const knows = (id: string, from: string, to: string, since: number | null = null): object => ({ edge: "Knows", from, to, data: { id, since } });
const mentors = (id: string, from: string, to: string): object => ({ edge: "Mentors", from, to, data: { id } });

async function people(graph: MergeGraph, branch = "main"): Promise<Readonly<Record<string, unknown>>> {
  const records = await graph.records(branch);
  return Object.fromEntries(records.filter(({ type }) => type === "Person").map(({ data }) => [(data as { name: string }).name, (data as { age: unknown }).age]));
}

/** A merge that calls `during` once it has captured its source. */
async function interrupted(during: (graph: MergeGraph) => Promise<unknown>): Promise<MergeGraph> {
  const failpoints = new Failpoints();
  const graph = await MergeGraph.create(SCHEMA, { failpoints });
  await graph.load("main", [person("ann", 1)]);
  await graph.graph.branchCreate("feature");
  await graph.load("feature", [person("dan", 4)]);
  failpoints.arm(FAILPOINT.mergePostAuthorityCapture, async () => {
    await during(graph);
  });
  return graph;
}

async function created(...records: readonly object[]): Promise<MergeGraph> {
  const graph = await MergeGraph.create(SCHEMA);
  await graph.load("main", records.length === 0 ? [person("ann", 1), person("bob", 2), person("cid", 3)] : records);
  await graph.graph.branchCreate("feature");
  return graph;
}

describe("preconditions and outcomes (§2.1)", () => {
  test("MG-1 MG-2 branches that cannot be merged", async () => {
    await using graph = await created();
    await expect(graph.graph.branchMerge("main")).rejects.toThrow("branch_merge requires distinct source and target branches");
    await expect(graph.graph.branchMerge(" feature ", "feature")).rejects.toThrow("branch_merge requires distinct source and target branches");
    await expect(graph.graph.branchMerge("nowhere")).rejects.toThrow("branch 'nowhere' not found");
    await expect(graph.graph.branchMerge("feature", "nowhere")).rejects.toThrow("branch 'nowhere' not found");
    await expect(graph.graph.branchMerge("feature", "__schema_apply_lock__")).rejects.toThrow("branch_merge does not allow internal system refs");
  });

  test("MG-6 MG-10 a merge is one commit with two parents and the merge's actor", async () => {
    await using graph = await created();
    await graph.load("feature", [person("dan")]);
    await graph.load("main", [person("eve")]);
    const [source, target] = [await graph.graph.headCommitId("feature"), await graph.graph.headCommitId("main")];
    const receipt = await graph.graph.branchMerge("feature", "main", { actor: "act-maria" });
    expect(receipt).toMatchObject({ source: "feature", target: "main", outcome: "merged", actorId: "act-maria" });
    expect(receipt.commit).toMatchObject({ parentCommitId: target, mergedParentCommitId: source, actorId: "act-maria" });
    expect(await graph.graph.headCommitId("main")).toBe(receipt.commit?.graphCommitId);
    expect((await graph.graph.branchMerge("feature")).commit).toBeNull();
  });

  test("MG-7 what the source gets after it was captured is not merged, and the captured commit is the second parent", async () => {
    await using graph = await interrupted((it) => it.load("feature", [person("late", 9)]));
    const captured = await graph.graph.headCommitId("feature");
    const { commit } = await graph.graph.branchMerge("feature");
    expect(commit?.mergedParentCommitId).toBe(captured);
    expect(await people(graph)).toEqual({ ann: 1, dan: 4 });
    expect(await people(graph, "feature")).toEqual({ ann: 1, dan: 4, late: 9 });
  });

  test("MG-7 OCC-2 a target that moves after it was captured is a conflict, not merged over", async () => {
    await using graph = await interrupted((it) => it.load("main", [person("late", 9)]));
    await expect(graph.graph.branchMerge("feature")).rejects.toMatchObject({ category: "conflict", effects: "none" });
    expect(await people(graph)).toEqual({ ann: 1, late: 9 });
  });

  test("MG-11 the source is deleted after every outcome, and a refusal does not fail the merge", async () => {
    await using graph = await created();
    await graph.graph.branchCreateFrom("feature", "deeper");
    const kept = await graph.graph.branchMerge("feature", "main", { deleteBranch: true });
    expect(kept).toMatchObject({ outcome: "already_up_to_date", branchDeleted: false });
    expect(kept.branchDeleteError).toContain("deeper");
    expect(await graph.graph.branchMerge("deeper", "feature", { deleteBranch: true })).toMatchObject({ branchDeleted: true });
    await graph.load("feature", [person("dan")]);
    expect(await graph.graph.branchMerge("feature", "main", { deleteBranch: true })).toMatchObject({ outcome: "fast_forward", branchDeleted: true });
    expect(await graph.graph.branchList()).toEqual(["main"]);
    expect(await people(graph)).toHaveProperty("dan");
  });

  test("MG-41 changes that cancel out publish their commit and move no dataset", async () => {
    await using graph = await created();
    await graph.load("feature", [person("dan")]);
    await graph.mutate("feature", `delete Person where name = "dan"`);
    const before = await graph.graph.snapshot();
    const { outcome, commit } = await graph.graph.branchMerge("feature");
    const after = await graph.graph.snapshot();
    expect(outcome).toBe("fast_forward");
    expect(commit?.graphManifestVersion).toBe(before.graphManifestVersion + 1);
    expect([...after.entries.values()]).toEqual([...before.entries.values()]);
  });
});

describe("structure and adoption (§2.3, §2.4)", () => {
  test("MG-8 main into a feature, and between features, nested ones too (MG-85)", async () => {
    await using graph = await created();
    await graph.load("feature", [person("dan", 4)]);
    await graph.graph.branchCreateFrom("feature", "nested");
    await graph.graph.branchCreate("other");
    await graph.load("nested", [person("ann", 10)]);
    await graph.load("other", [person("eve", 5)]);
    await graph.load("main", [person("fay", 6)]);
    expect((await graph.graph.branchMerge("main", "feature")).outcome).toBe("merged");
    expect((await graph.graph.branchMerge("nested", "feature")).outcome).toBe("merged");
    expect((await graph.graph.branchMerge("feature", "other")).outcome).toBe("merged");
    const all = { ann: 10, bob: 2, cid: 3, dan: 4, eve: 5, fay: 6 };
    expect(await people(graph, "other")).toEqual(all);
    expect((await graph.graph.branchMerge("other")).outcome).toBe("fast_forward");
    expect(await people(graph)).toEqual(all);
    expect((await graph.graph.branchMerge("main", "nested")).outcome).toBe("fast_forward");
    expect(await people(graph, "nested")).toEqual(all);
  });

  test("MG-32 a branch adopts what main has by showing the same version; unchanged rows keep their revision (MG-40)", async () => {
    await using graph = await created();
    await graph.load("main", [person("dan", 4)]);
    await graph.graph.branchMerge("main", "feature");
    const [main, feature] = [await graph.graph.snapshot(), await graph.graph.snapshot({ branch: "feature" })];
    expect(feature.entries.get("node:Person")).toEqual(main.entries.get("node:Person"));
    await graph.load("feature", [person("eve", 5)]);
    expect(await people(graph)).not.toHaveProperty("eve");
  });

  test("§2.4 a branch without a fork of its own takes over a branch's state, and both go on independently", async () => {
    await using graph = await created();
    await graph.graph.branchCreate("other");
    await graph.load("feature", [person("ann", 10), person("bob", 20), person("cid", 30), person("dan", 4)]);
    await graph.graph.branchMerge("feature", "other");
    expect(await people(graph, "other")).toEqual({ ann: 10, bob: 20, cid: 30, dan: 4 });
    await graph.load("other", [person("ann", 11)]);
    await graph.load("feature", [person("bob", 21)]);
    expect(await people(graph, "feature")).toMatchObject({ ann: 10, bob: 21 });
    expect((await graph.graph.branchMerge("feature", "other")).outcome).toBe("merged");
    expect(await people(graph, "other")).toEqual({ ann: 11, bob: 21, cid: 30, dan: 4 });
  });

  test("MG-44 deletions on one side reach the other, after merges in both directions and a compaction", async () => {
    await using graph = await created();
    await graph.load("feature", [person("dan", 4)]);
    await graph.graph.branchMerge("feature");
    await graph.mutate("main", `delete Person where name = "bob"`);
    await graph.graph.optimize();
    await graph.mutate("feature", `delete Person where name = "cid"`);
    expect((await graph.graph.branchMerge("main", "feature")).outcome).toBe("merged");
    expect(await people(graph, "feature")).toEqual({ ann: 1, dan: 4 });
    await graph.graph.branchMerge("feature");
    expect(await people(graph)).toEqual({ ann: 1, dan: 4 });
  });

  test("BR-6 a deleted and re-created source is another branch", async () => {
    await using graph = await created();
    await graph.load("feature", [person("dan", 4)]);
    await graph.graph.branchMerge("feature", "main", { deleteBranch: true });
    await graph.graph.branchCreate("feature");
    expect((await graph.graph.branchMerge("feature")).outcome).toBe("already_up_to_date");
    await graph.mutate("feature", `delete Person where name = "dan"`);
    expect((await graph.graph.branchMerge("feature")).outcome).toBe("fast_forward");
    expect(await people(graph)).toEqual({ ann: 1, bob: 2, cid: 3 });
  });

  test("MG-23 what only a deleted branch showed stays as long as a merge starts from it, through cleanups", async () => {
    await using graph = await created(person("ann", 1));
    await graph.graph.branchCreate("other");
    await graph.load("feature", [person("ann", 2), person("dan", 4)]);
    await graph.load("other", [person("eve", 5)]);
    await graph.load("main", [person("fay", 6)]);
    await graph.graph.branchMerge("feature", "other");
    await graph.graph.branchMerge("feature", "main", { deleteBranch: true });
    // Back to what the oldest common ancestor has: seen from there, the target alone would have changed it.
    await graph.load("other", [person("ann", 1), person("dan", 7)]);
    await graph.graph.cleanup({ keepVersions: 1 });
    await graph.graph.branchMerge("other");
    expect(await people(graph)).toEqual({ ann: 1, dan: 7, eve: 5, fay: 6 });
    const { location } = (await graph.graph.snapshot({ branch: "other" })).entries.get("node:Person") as { location: { directory: string } };
    const { administration } = openGraphStorage(graph.graph.uri);
    expect(await administration.listForks(location.directory)).toHaveLength(2);
    await graph.graph.cleanup({ keepVersions: 1 });
    expect(await administration.listForks(location.directory)).toHaveLength(1);
  });
});

describe("entities (§2.5, §2.6)", () => {
  test("MG-50 MG-51 different properties of one entity conflict, and all conflicts of all types are reported in order (MG-73)", async () => {
    await using graph = await created(person("ann", 1), person("bob", 2), knows("k1", "ann", "bob", 1));
    await graph.load("feature", [person("ann", 1, "a@x"), person("zed", 1), knows("k1", "ann", "bob", 2)]);
    await graph.mutate("feature", `delete Person where name = "bob"`);
    await graph.load("main", [person("ann", 9), person("zed", 2), person("bob", 3), knows("k1", "bob", "ann", 3)]);
    const conflicts = await graph.conflicts("feature", "main");
    expect(conflicts.map(({ typeName, entityId, kind }) => [typeName, entityId, kind])).toEqual([
      ["Knows", "k1", "delete_vs_update"],
      ["Person", "ann", "divergent_update"],
      ["Person", "bob", "delete_vs_update"],
      ["Person", "zed", "divergent_insert"],
    ]);
    expect(conflicts.map(({ message }) => message)).toEqual([
      "delete/update conflict for id 'k1'",
      "divergent update for id 'ann'",
      "delete/update conflict for id 'bob'",
      "divergent insert for id 'zed'",
    ]);
  });

  test("MG-43 branches that only insert: the same entity is no conflict, another one of that id is", async () => {
    await using graph = await created();
    await graph.load("feature", [person("dan", 4), person("eve", 5)], "append");
    await graph.load("main", [person("dan", 4), person("fay", 6)], "append");
    expect((await graph.graph.branchMerge("feature")).outcome).toBe("merged");
    expect(await people(graph)).toEqual({ ann: 1, bob: 2, cid: 3, dan: 4, eve: 5, fay: 6 });
    await graph.load("feature", [person("gus", 7)], "append");
    await graph.load("main", [person("gus", 8)], "append");
    expect(await graph.conflicts("feature", "main")).toMatchObject([{ entityId: "gus", kind: "divergent_insert" }]);
  });

  test("MG-56 properties whose names begin like those of system columns are compared", async () => {
    await using graph = await MergeGraph.create("node Item {\n  key: String @key\n  _row: I32?\n  _row_note: String?\n}\n");
    const item = (key: string, row: number, note: string): object => ({ type: "Item", data: { key, _row: row, _row_note: note } });
    await graph.load("main", [item("a", 1, "x"), item("b", 1, "x")]);
    await graph.graph.branchCreate("feature");
    await graph.load("feature", [item("a", 1, "y"), item("b", 2, "x")]);
    await graph.load("main", [item("c", 3, "z")]);
    await graph.graph.branchMerge("feature");
    expect((await graph.records("main")).map(({ data }) => data)).toMatchObject([
      { key: "a", _row: 1, _row_note: "y" },
      { key: "b", _row: 2, _row_note: "x" },
      { key: "c", _row: 3, _row_note: "z" },
    ]);
    await graph.load("feature", [item("a", 1, "left")]);
    await graph.load("main", [item("a", 1, "right")]);
    expect(await graph.conflicts("feature", "main")).toMatchObject([{ entityId: "a", kind: "divergent_update" }]);
  });

  test("MG-80 the same edit on both sides is no conflict", async () => {
    await using graph = await created();
    for (const branch of ["feature", "main"]) await graph.load(branch, [person("ann", 10), person("dan", 4)]);
    expect((await graph.graph.branchMerge("feature")).outcome).toBe("merged");
    expect(await people(graph)).toEqual({ ann: 10, bob: 2, cid: 3, dan: 4 });
  });

  test("MG-57 MG-86 blobs and vectors survive a merge, and decide where nothing else does", async () => {
    await using graph = await MergeGraph.create("node File {\n  path: String @key\n  body: Blob?\n  vec: Vector(2)?\n}\n");
    const file = (path: string, body: string | null, vec: readonly number[] | null): object => ({ type: "File", data: { path, body, vec } });
    await graph.load("main", [file("a", "base64:AAEC", [0, 1]), file("b", null, [0, 1]), file("c", "base64:", null)]);
    await graph.graph.branchCreate("feature");
    await graph.load("feature", [file("a", "base64:AAED", [0, 1]), file("b", null, [0, 2]), file("c", null, null), file("d", "base64:/w==", [3, 4])]);
    await graph.load("main", [file("a", "base64:AAEC", [0, 1]), file("e", null, null)]);
    expect((await graph.graph.branchMerge("feature")).outcome).toBe("merged");
    expect((await graph.records("main")).map(({ data }) => data)).toMatchObject([
      { path: "a", body: "base64:AAED", vec: [0, 1] },
      { path: "b", body: null, vec: [0, 2] },
      { path: "c", body: null, vec: null },
      { path: "d", body: "base64:/w==", vec: [3, 4] },
      { path: "e" },
    ]);
    await graph.load("feature", [file("a", "base64:AA==", [0, 1])]);
    await graph.load("main", [file("a", "base64:AQ==", [0, 1])]);
    expect(await graph.conflicts("feature", "main")).toMatchObject([{ entityId: "a", kind: "divergent_update" }]);
  });
});

describe("validation of the result (§2.7)", () => {
  test("MG-42 MG-60 a fast adoption is validated too: an edge of main whose end the branch has deleted", async () => {
    await using graph = await created();
    await graph.mutate("feature", `delete Person where name = "bob"`);
    await graph.load("main", [knows("k1", "ann", "bob")]);
    expect(await graph.conflicts("main", "feature")).toEqual([
      { entityKind: "edge", typeName: "Knows", entityId: "k1", kind: "orphan_edge", message: "dst 'bob' not found in Person" },
    ]);
  });

  test("MG-60 an edge the target added to a node that the source has deleted", async () => {
    await using graph = await created();
    await graph.mutate("feature", `delete Person where name = "bob"`);
    await graph.load("main", [knows("k1", "bob", "ann")]);
    expect(await graph.conflicts("feature", "main")).toMatchObject([{ entityId: "k1", message: "src 'bob' not found in Person" }]);
  });

  test("MG-81 MG-65 composite unique values are compared as tuples", async () => {
    await using graph = await created();
    await graph.load("feature", [{ type: "Pair", data: { key: "1", a: "a|b", b: "c" } }]);
    await graph.load("main", [{ type: "Pair", data: { key: "2", a: "a", b: "b|c" } }]);
    expect((await graph.graph.branchMerge("feature")).outcome).toBe("merged");
    await graph.load("feature", [{ type: "Pair", data: { key: "3", a: "x", b: "y" } }]);
    await graph.load("main", [{ type: "Pair", data: { key: "4", a: "x", b: "y" } }]);
    expect(await graph.conflicts("feature", "main")).toMatchObject([{ typeName: "Pair", entityId: "3", kind: "unique_violation" }]);
  });

  test("MG-83 a unique value on two ids; one that the source frees may be taken", async () => {
    await using graph = await created(person("ann", 1, "a@x"), person("bob", 2));
    await graph.load("feature", [person("bob", 2, "b@x")]);
    await graph.load("main", [person("dan", 4, "b@x")]);
    expect(await graph.conflicts("feature", "main")).toEqual([
      { entityKind: "node", typeName: "Person", entityId: "bob", kind: "unique_violation", message: "@unique violation on Person.email: value 'b@x' held by 'dan' and 'bob'" },
    ]);
    await expect(graph.graph.branchMerge("feature")).rejects.toMatchObject({ hint: expect.stringContaining("satisfies the schema") });
    await graph.mutate("main", `delete Person where name = "dan"`);
    await graph.mutate("feature", `delete Person where name = "ann"`);
    await graph.load("feature", [person("eve", 5, "a@x")]);
    expect((await graph.graph.branchMerge("feature")).outcome).toBe("merged");
    expect(await people(graph)).toEqual({ bob: 2, eve: 5 });
  });

  test("MG-82 MG-71 two edges where one is allowed name their source, and no edge", async () => {
    await using graph = await created();
    await graph.load("feature", [mentors("m1", "ann", "bob")]);
    await graph.load("main", [mentors("m2", "ann", "cid")]);
    expect(await graph.conflicts("feature", "main")).toEqual([
      { entityKind: "edge", typeName: "Mentors", entityId: null, kind: "cardinality_violation", message: "@card violation on edge Mentors: source 'ann' has 2 edges (max 1)" },
    ]);
  });

  test("MG-63 a row that breaks an enum, a range or a check, although its branch shows it", async () => {
    const schema = `node Sample {
  key: String @key
  state: enum(fresh, used)?
  mass: I32?
  tag: String?
  @range(mass, 0..100)
  @check(tag, "^S[0-9]+$")
}
`;
    await using graph = await MergeGraph.create(schema);
    await graph.graph.branchCreate("feature");
    await graph.load("feature", [{ type: "Sample", data: { key: "good" } }]);
    const { entries, catalog } = await graph.graph.snapshot({ branch: "feature" });
    const { location, publishedVersion } = entries.get("node:Sample") as SnapshotEntry;
    const broken = [
      { type: "Sample", id: "enum", cells: { key: "enum", state: "lost" } },
      { type: "Sample", id: "mass", cells: { key: "mass", mass: 101 } },
      { type: "Sample", id: "tag", cells: { key: "tag", tag: "T1" } },
    ];
    const source = batchSource(rowBatchOf(must(findEntityType(catalog, "node:Sample"), "declared above"), broken));
    await openGraphStorage(graph.graph.uri).datasets.applyEffect(location, { kind: "append", source }, publishedVersion);
    // An operator may adopt rows that break a declared rule; a merge hands them to nobody else.
    await graph.graph.repair({ branch: "feature", confirm: true, force: true });
    expect(await graph.content("feature")).toHaveLength(4);
    const conflicts = await graph.conflicts("feature", "main");
    expect(conflicts.map(({ typeName, entityId, kind }) => [typeName, entityId, kind])).toEqual(
      ["enum", "mass", "tag"].map((id) => ["Sample", id, "value_constraint_violation"]),
    );
    expect(await graph.content("main")).toEqual([]);
  });

  test("MG-9 MG-87 a traversal of the target sees merged edges at once", async () => {
    await using graph = await created();
    const friends = `query friends() { match { $a: Person { name: "ann" } $a knows $b } return { $b.name } }`;
    expect((await graph.graph.query(friends)).rowCount).toBe(0);
    await graph.load("feature", [knows("k1", "ann", "bob")]);
    await graph.graph.branchMerge("feature");
    expect((await graph.graph.query(friends)).rowCount).toBe(1);
  });
});

describe("effects (§2.11)", () => {
  /** A graph that notes what its merges do to the datasets. */
  async function observed(): Promise<{ readonly graph: MergeGraph; readonly effects: DatasetEffect[] }> {
    const effects: DatasetEffect[] = [];
    const wrapStorage = (storage: GraphStorage): GraphStorage => hookGraphStorage(storage, { beforeEffect: (effect) => void effects.push(effect) });
    const graph = await MergeGraph.create(SCHEMA, { wrapStorage });
    await graph.load("main", [person("ann", 1), person("bob", 2), person("cid", 3)]);
    await graph.graph.branchCreate("feature");
    return { graph, effects };
  }

  test("MG-103 inserts, then updates, then deletes", async () => {
    const { graph, effects } = await observed();
    await using _ = graph;
    await graph.mutate("feature", `delete Person where name = "ann"`);
    await graph.load("feature", [person("bob", 20), person("dan", 4)]);
    await graph.load("main", [person("eve", 5)]);
    effects.length = 0;
    await graph.graph.branchMerge("feature");
    expect(effects.map(({ kind }) => kind)).toEqual(["append", "upsert", "deleteByIds"]);
    expect(await people(graph)).toEqual({ bob: 20, cid: 3, dan: 4, eve: 5 });
  });
});
