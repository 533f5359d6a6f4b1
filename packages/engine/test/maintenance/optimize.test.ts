import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VECTOR_INDEX_ROWS_MIN } from "../../src/limits.js";
import type { OptimizedDataset } from "../../src/maintenance/optimize.js";
import { MaintainedGraph } from "./maintenance-fixture.js";

const PROCESS = { settings: { durability: "process" } } as const;
const NO_VECTORS = { property: "face", reason: "property has no non-null vectors to train on yet" };

function of(datasets: readonly OptimizedDataset[], typeKey: string): OptimizedDataset {
  const found = datasets.find((dataset) => dataset.typeKey === typeKey);
  if (found === undefined) throw new Error(`${typeKey} is not in the report`);
  return found;
}

async function indexedColumns(graph: MaintainedGraph, typeKey: string, branch?: string): Promise<readonly string[]> {
  const { location } = await graph.pin(typeKey, branch);
  return (await graph.foreign.administration.indexes(location)).map(({ column, kind, unindexedRowCount }) => `${column}:${kind}:${unindexedRowCount}`);
}

describe("ensureIndices", () => {
  test("IX-10 IX-21 IX-22 builds what is declared and missing, as one commit, and then nothing", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.load({ type: "Author", data: { handle: "ada", age: 30 } }, { type: "Shelf", data: { name: "s" } }, { edge: "Wrote", from: "ada", to: "s", data: { year: 2000 } });
    const report = await graph.graph.ensureIndices();
    expect(report).toMatchObject({
      built: ["age", "bio", "genre"].map((property) => ({ typeKey: "node:Author", property })),
      pending: [{ typeKey: "node:Author", ...NO_VECTORS }],
      skipped: [],
      commit: { actorId: null },
    });
    expect(await indexedColumns(graph, "node:Author")).toEqual(["__h:btree:1", "age:btree:0", "bio:fullText:0", "genre:btree:0", "id:btree:1"]);
    expect(await indexedColumns(graph, "edge:Wrote")).toEqual(["__dh:btree:1", "__sh:btree:1", "id:btree:1"]);
    const before = await graph.graph.headCommitId();
    expect(await graph.graph.ensureIndices()).toMatchObject({ built: [], commit: null });
    expect(await graph.graph.headCommitId()).toBe(before);
    expect(await readdir(join(graph.uri, "__recovery")).catch(() => [])).toEqual([]);
  });

  test("IX-13 LIM-15 a vector index from 10,000 vectors on; rows without one do not count", async () => {
    await using graph = await MaintainedGraph.create();
    const author = (index: number, face: readonly number[] | null): object => ({ type: "Author", data: { handle: `a${index}`, face } });
    const faces = Array.from({ length: VECTOR_INDEX_ROWS_MIN - 1 }, (_, index) => author(index, [index % 7, index % 11, 1, 0]));
    await graph.load(...faces, author(-1, null), author(-2, null));
    expect(await graph.graph.ensureIndices()).toMatchObject({ built: [{ property: "age" }, { property: "bio" }, { property: "genre" }], pending: [] });
    await graph.load(author(-3, [1, 2, 3, 4]));
    expect(await graph.graph.ensureIndices()).toMatchObject({ built: [{ property: "face" }], pending: [] });
    expect(await indexedColumns(graph, "node:Author")).toContain("face:vector:0");
    await graph.graph.optimize();
    expect(of((await graph.graph.optimize()).datasets, "node:Author").committed).toBe(false);
  });

  test("IX-23 BR-5 an inherited dataset is forked when there is work, and only then", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.add("ada", 1);
    await graph.graph.branchCreate("b");
    await graph.graph.ensureIndices("b");
    expect((await graph.pin("node:Author", "b")).location.nativeBranch).not.toBeNull();
    expect((await graph.pin("node:Shelf", "b")).location.nativeBranch).toBeNull();
    expect(await indexedColumns(graph, "node:Author", "b")).toContain("age:btree:0");
    expect(await indexedColumns(graph, "node:Author")).not.toContain("age:btree:0");
    expect(await graph.authors({ branch: "b" })).toEqual(["ada=1"]);
    expect((await graph.graph.ensureIndices("b")).commit).toBeNull();
  });
});

describe("where indexes are", () => {
  test("IX-4 a branch uses what it inherits until its first write of the type; a version is nothing to build on", async () => {
    await using graph = await MaintainedGraph.create(PROCESS);
    await graph.addMany("a", 3);
    await graph.graph.ensureIndices();
    await graph.graph.branchCreate("b");
    expect(await indexedColumns(graph, "node:Author", "b")).toContain("age:btree:0");
    expect((await graph.graph.ensureIndices("b")).commit).toBeNull();
    expect((await graph.pin("node:Author", "b")).location.nativeBranch).toBeNull();
    await graph.add("b0", 7, "b");
    expect((await graph.pin("node:Author", "b")).location.nativeBranch).not.toBeNull();
    expect(await graph.authors({ branch: "b" })).toEqual(["a0=0", "a1=1", "a2=2", "b0=7"]);
    await expect(graph.graph.ensureIndices("manifest:main:v1")).rejects.toMatchObject({ category: expect.stringMatching(/^(invalid|not_found)$/) });
  });

  test("IX-14 the index of a renamed property of a renamed type is found and kept up under the new names", async () => {
    const schema = (type: string, property: string): string => `node ${type} {\n  handle: String @key\n  ${property} @index\n}\n`;
    await using graph = await MaintainedGraph.create(PROCESS, schema("Author", "age: I32?"));
    await graph.load({ type: "Author", data: { handle: "ada", age: 30 } });
    await graph.graph.ensureIndices();
    await graph.graph.applySchema(schema('Writer @rename_from("Author")', 'years: I32? @rename_from("age")'));
    expect(await graph.graph.ensureIndices()).toMatchObject({ built: [], pending: [], commit: null });
    await graph.load({ type: "Writer", data: { handle: "bea", years: 40 } });
    await graph.graph.optimize();
    expect(await indexedColumns(graph, "node:Writer")).toContain("years:btree:0");
    const aged = await graph.graph.query("query aged() { match { $w: Writer $w.years >= 35 } return { $w.handle } }");
    expect(aged.rowCount).toBe(1);
  });

  test("IX-24 a dataset ahead of what is published is refused with the advice to repair, and nothing is built", async () => {
    await using graph = await MaintainedGraph.create(PROCESS);
    await graph.addMany("a", 2);
    const { location, publishedVersion } = await graph.pin("node:Author");
    await graph.foreign.administration.restore(location, publishedVersion - 1);
    const head = await graph.graph.headCommitId();
    await expect(graph.graph.ensureIndices()).rejects.toMatchObject({ code: "DATASET_DRIFT", hint: expect.stringContaining("omnigraph repair") });
    expect(await graph.graph.headCommitId()).toBe(head);
    await graph.graph.repair({ confirm: true, force: true });
    expect((await graph.graph.ensureIndices()).built).toContainEqual({ typeKey: "node:Author", property: "age" });
  });
});

describe("optimize", () => {
  test("MT-15 what is published is the newest version of the dataset", async () => {
    await using graph = await MaintainedGraph.create(PROCESS);
    await graph.addMany("a", 4);
    for (const name of ["s1", "s2", "s3"]) await graph.shelve(name);
    await graph.graph.optimize();
    for (const typeKey of ["node:Author", "node:Shelf", "edge:Wrote"]) {
      const { location, publishedVersion } = await graph.pin(typeKey);
      expect(await graph.foreign.datasets.headVersion(location)).toBe(publishedVersion);
    }
    expect((await graph.graph.repair()).datasets.every(({ classification }) => classification === "no_drift")).toBe(true);
  });

  test("MT-1 MT-3 MT-8 MT-16 one commit for everything that had work; the second run finds none", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 12);
    const before = await graph.graph.listCommits();
    const { datasets, commit } = await graph.graph.optimize({ actor: "op" });
    expect(datasets.map(({ typeKey }) => typeKey)).toEqual(["__manifest", "edge:Wrote", "node:Author", "node:Shelf"]);
    expect(of(datasets, "node:Author")).toEqual({
      typeKey: "node:Author",
      fragmentsRemoved: 12,
      fragmentsAdded: 1,
      committed: true,
      skipped: null,
      publishedDatasetVersion: null,
      headVersion: null,
      pendingIndexes: [NO_VECTORS],
    });
    expect(await graph.graph.listCommits()).toHaveLength(before.length + 1);
    expect(commit).toMatchObject({ actorId: "op" });
    expect(await indexedColumns(graph, "node:Author")).toEqual(["__h:btree:0", "age:btree:0", "bio:fullText:0", "genre:btree:0", "id:btree:0"]);
    const again = await graph.graph.optimize();
    expect(again.commit).toBeNull();
    expect(again.datasets.every(({ committed }) => !committed)).toBe(true);
  });

  test("MT-2 IX-1 G-8 afterwards everything works, and nothing reads differently", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 5);
    const before = await graph.graph.headCommitId();
    const expected = await graph.authors();
    await graph.graph.optimize();
    expect(await graph.authors()).toEqual(expected);
    expect(await graph.olderThan(3)).toEqual(["a3", "a4"]);
    await graph.run("age", { handle: "a0", age: 77 });
    await graph.run("remove", { handle: "a1" });
    await graph.add("b", 3);
    expect(await graph.authors()).toEqual(["a0=77", "a2=2", "a3=3", "a4=4", "b=3"]);
    expect(await graph.olderThan(3)).toEqual(["a0", "a3", "a4", "b"]);
    // MT-4: time travel to every version from before.
    expect(await graph.authors({ snapshot: before })).toEqual(expected);
    await graph.graph.optimize();
    expect(await graph.olderThan(3)).toEqual(["a0", "a3", "a4", "b"]);
  });

  test("MT-13 an empty graph: every type, nothing done", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.graph.ensureIndices();
    const { datasets, commit } = await graph.graph.optimize();
    expect(commit).toBeNull();
    for (const typeKey of ["edge:Wrote", "node:Author", "node:Shelf"]) {
      expect(of(datasets, typeKey)).toMatchObject({ fragmentsRemoved: 0, fragmentsAdded: 0, committed: false, skipped: null });
    }
  });

  test("MT-1 rows deleted from their files are work", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.load(...Array.from({ length: 10 }, (_, index) => ({ type: "Author", data: { handle: `a${index}` } })));
    await graph.graph.optimize();
    for (const handle of ["a0", "a1", "a2"]) await graph.run("remove", { handle });
    expect(of((await graph.graph.optimize()).datasets, "node:Author")).toMatchObject({ committed: true, fragmentsRemoved: 1, fragmentsAdded: 1 });
    expect((await graph.graph.optimize()).commit).toBeNull();
  });

  test("MT-6 drift is reported and skipped; the others proceed", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 3);
    await graph.shelve("s1");
    await graph.shelve("s2");
    const shelf = await graph.pin("node:Shelf");
    const head = await graph.foreign.administration.restore(shelf.location, shelf.publishedVersion - 1);
    const { datasets } = await graph.graph.optimize();
    expect(of(datasets, "node:Shelf")).toMatchObject({
      skipped: "drift_needs_repair",
      committed: false,
      publishedDatasetVersion: shelf.publishedVersion,
      headVersion: head,
    });
    expect(of(datasets, "node:Author").committed).toBe(true);
    expect(await graph.pin("node:Shelf")).toEqual(shelf);
  });

  test("MT-9 writers of the same handle wait and none is lost", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 6);
    await Promise.all([graph.graph.optimize(), graph.addMany("b", 4), graph.shelve("s"), graph.graph.optimize()]);
    expect(await graph.authors()).toHaveLength(10);
  });

  test("MT-14 the manifest is compacted without losing a row", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 6);
    const history = await graph.graph.listCommits();
    const { datasets } = await graph.graph.optimize();
    const manifest = of(datasets, "__manifest");
    expect(manifest.fragmentsRemoved).toBeGreaterThan(1);
    expect(manifest).toMatchObject({ committed: false, skipped: null });
    expect((await graph.graph.listCommits()).slice(1)).toEqual(history);
  });

  test.each(["optimize", "cleanup"] as const)("MT-2 DG-7 after %s a branch that rewrote inherited rows can still be searched and written", async (command) => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 10);
    await graph.graph.optimize();
    await graph.graph.branchCreate("b");
    const setAge = (key: string, age: number): Promise<unknown> =>
      graph.graph.mutate("query age($key: String, $age: I32) { update Author set { age: $age } where handle = $key }", { params: { key, age }, branch: "b" });
    for (const key of ["a0", "a1", "a2"]) await setAge(key, 105);
    const before = await graph.authors({ branch: "b" });
    for (let round = 0; round < 2; round++) {
      if (command === "optimize") await graph.graph.optimize({ branch: "b" });
      else await graph.graph.cleanup({ keepVersions: 1 });
      expect(await graph.authors({ branch: "b" })).toEqual(before);
      await setAge("a0", 100);
      await setAge("a0", 105);
    }
    await graph.graph.branchMerge("b");
    expect(await graph.olderThan(100)).toEqual(["a0", "a1", "a2"]);
  });

  test("BR-5 on a branch: what it inherits is forked only for real work", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 3);
    await graph.graph.optimize();
    await graph.graph.branchCreate("b");
    expect((await graph.graph.optimize({ branch: "b" })).commit).toBeNull();
    await graph.addMany("b", 3, "b");
    const { commit } = await graph.graph.optimize({ branch: "b" });
    expect(commit).toMatchObject({ graphBranch: "b" });
    expect(await graph.authors({ branch: "b" })).toHaveLength(6);
    expect(await graph.authors()).toHaveLength(3);
  });
});
