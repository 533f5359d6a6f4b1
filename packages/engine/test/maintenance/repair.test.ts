import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RepairedDataset, RepairReport } from "../../src/maintenance/repair.js";
import { lance } from "../../src/storage/lance/arrow.js";
import { batchSource } from "../../test-support/row-batches.js";
import { MaintainedGraph } from "./maintenance-fixture.js";

function of({ datasets }: RepairReport, typeKey: string): RepairedDataset {
  const found = datasets.find((dataset) => dataset.typeKey === typeKey);
  if (found === undefined) throw new Error(`${typeKey} is not in the report`);
  return found;
}

/** Compacts behind the manifest's back. */
async function compact(graph: MaintainedGraph, typeKey: string): Promise<number> {
  const { location } = await graph.pin(typeKey);
  return graph.foreign.datasets.applyEffect(location, { kind: "compact" }, await graph.foreign.datasets.headVersion(location));
}

/** Deletes rows behind the manifest's back. */
async function remove(graph: MaintainedGraph, typeKey: string, ...ids: readonly string[]): Promise<number> {
  const { location } = await graph.pin(typeKey);
  return graph.foreign.datasets.applyEffect(location, { kind: "deleteByIds", ids }, await graph.foreign.datasets.headVersion(location));
}

describe("repair", () => {
  test("MT-40 without drift: nothing to do, with every flag", async () => {
    await using graph = await MaintainedGraph.create();
    for (const options of [{}, { confirm: true }, { confirm: true, force: true }]) {
      const report = await graph.graph.repair(options);
      expect(report.graphManifestVersion).toBeNull();
      expect(report.datasets.map(({ typeKey, classification, action }) => [typeKey, classification, action])).toEqual(
        ["edge:Wrote", "node:Author", "node:Shelf"].map((typeKey) => [typeKey, "no_drift", "no_op"]),
      );
    }
  });

  test("MT-40 --force requires --confirm", async () => {
    await using graph = await MaintainedGraph.create();
    await expect(graph.graph.repair({ force: true })).rejects.toMatchObject({ code: "FORCE_WITHOUT_CONFIRM", message: "repair --force requires --confirm" });
  });

  test("MT-42 MT-43 MT-44 a mixed run heals what is maintenance and refuses the rest, in one commit", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 4);
    await graph.shelve("s1");
    await graph.shelve("s2");
    await graph.graph.ensureIndices();
    await graph.graph.optimize();
    await graph.addMany("b", 4);
    await graph.graph.optimize();
    for (const handle of ["a0", "a1", "a2"]) await graph.run("remove", { handle });
    const published = (await graph.pin("node:Author")).publishedVersion;
    const head = await compact(graph, "node:Author");
    await remove(graph, "node:Shelf", "s2");
    const preview = await graph.graph.repair();
    expect(of(preview, "node:Author")).toEqual({
      typeKey: "node:Author",
      publishedDatasetVersion: published,
      headVersion: head,
      classification: "verified_maintenance",
      action: "preview",
      operations: ["ReserveFragments", "Rewrite"],
      error: null,
    });
    expect(of(preview, "node:Shelf")).toMatchObject({ classification: "suspicious", action: "preview", operations: ["Delete"] });
    await expect(graph.add("c")).rejects.toMatchObject({ code: "DATASET_DRIFT", message: expect.stringContaining("omnigraph repair") });

    const report = await graph.graph.repair({ confirm: true });
    expect(of(report, "node:Author").action).toBe("healed");
    expect(of(report, "node:Shelf")).toMatchObject({ action: "refused", operations: ["Delete"], error: null });
    const [commit] = await graph.graph.listCommits();
    expect(commit).toMatchObject({ actorId: "omnigraph:repair", graphManifestVersion: report.graphManifestVersion });
    expect((await graph.pin("node:Author")).publishedVersion).toBe(head);
    await graph.run("age", { handle: "a3", age: 9 });
    await expect(graph.shelve("s3")).rejects.toMatchObject({ code: "DATASET_DRIFT" });
  });

  test("MT-40 a forced repair shows what foreign hands left, counts it, and says so in its actor", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 3);
    const head = await remove(graph, "node:Author", "a1");
    const report = await graph.graph.repair({ confirm: true, force: true });
    expect(of(report, "node:Author")).toMatchObject({ classification: "suspicious", action: "forced", headVersion: head });
    expect((await graph.graph.listCommits())[0]).toMatchObject({ actorId: "omnigraph:repair:force" });
    expect(await graph.authors()).toEqual(["a0=0", "a2=2"]);
    expect((await graph.graph.snapshotInfo()).datasets.find(({ typeName }) => typeName === "Author")).toMatchObject({ entityCount: 2 });
    await graph.add("a1", 5);
    expect(await graph.authors()).toEqual(["a0=0", "a1=5", "a2=2"]);
    expect(of(await graph.graph.repair({ confirm: true, force: true }), "node:Author").action).toBe("no_op");
  });

  test("MT-45 versions whose record is missing are unverifiable, and only force adopts them", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 3);
    const { location } = await graph.pin("node:Author");
    await remove(graph, "node:Author", "a1");
    await remove(graph, "node:Author", "a2");
    // Takes the version between away.
    const { createdAtMs } = (await graph.foreign.administration.listVersions(location)).at(-1) as { createdAtMs: number };
    await graph.foreign.administration.prune(location, createdAtMs);
    const preview = await graph.graph.repair({ confirm: true });
    expect(of(preview, "node:Author")).toMatchObject({ classification: "unverifiable", action: "refused", error: expect.stringContaining("missing or unreadable") });
    expect(of(await graph.graph.repair({ confirm: true, force: true }), "node:Author").action).toBe("forced");
    expect(await graph.authors()).toEqual(["a0=0"]);
  });

  test("a forced repair never shows rows that would make reads lie: two rows of one id", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 2);
    const { location, publishedVersion } = await graph.pin("node:Author");
    const pinned = await graph.foreign.datasets.openPinned(location, publishedVersion);
    const columns = ["id", "handle", "age", "genre", "bio", "tags", "face", "__h"];
    for await (const batch of pinned.scan({ columns, rowCountMax: 1 })) {
      await graph.foreign.datasets.applyEffect(location, { kind: "append", source: batchSource(batch) }, publishedVersion);
    }
    const report = await graph.graph.repair({ confirm: true, force: true });
    expect(of(report, "node:Author")).toMatchObject({ classification: "suspicious", action: "refused", operations: ["Append"], error: "several rows have one id" });
    expect(report.graphManifestVersion).toBeNull();
    expect(await graph.authors()).toHaveLength(2);
  });

  test("a forced repair never shows rows that would make merges miss a deletion: revisions of the future", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 2);
    const { location } = await graph.pin("node:Author");
    const connection = await lance().connect(dirname(join(graph.uri, location.directory)));
    const table = await connection.openTable(basename(location.directory));
    await table.update({ where: "id = 'a0'", valuesSql: { __rev: "1000" } });
    connection.close();
    const report = await graph.graph.repair({ confirm: true, force: true });
    expect(of(report, "node:Author")).toMatchObject({ action: "refused", error: expect.stringContaining("1 hidden revisions") });
    expect(report.graphManifestVersion).toBeNull();
  });

  test("drift on a branch is that branch's: main is repaired by name", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 2);
    await graph.graph.branchCreate("b");
    await graph.add("b0", 1, "b");
    const { location } = await graph.pin("node:Author", "b");
    const { foreign } = graph;
    await foreign.datasets.applyEffect(location, { kind: "deleteByIds", ids: ["a0"] }, await foreign.datasets.headVersion(location));
    expect(of(await graph.graph.repair(), "node:Author").action).toBe("no_op");
    const report = await graph.graph.repair({ branch: "b", confirm: true, force: true });
    expect(report.datasets.map(({ typeKey, action }) => [typeKey, action])).toEqual([["node:Author", "forced"]]);
    expect(await graph.authors({ branch: "b" })).toEqual(["a1=1", "b0=1"]);
    expect(await graph.authors()).toHaveLength(2);
  });

  test("MT-47 MAN-1 while drift is unexplained nobody shows it, and writers of the dataset refuse before any effect", async () => {
    await using graph = await MaintainedGraph.create({ settings: { durability: "process" } });
    await graph.addMany("a", 3);
    await graph.graph.branchCreate("b");
    await graph.add("b0", 9, "b");
    const { location, publishedVersion } = await graph.pin("node:Author");
    const head = await remove(graph, "node:Author", "a0");
    const commit = await graph.graph.headCommitId();
    const shown = ["a0=0", "a1=1", "a2=2"];
    expect(await graph.authors()).toEqual(shown);
    const drift = { code: "DATASET_DRIFT", effects: "none", hint: expect.stringContaining("omnigraph repair") };
    await expect(graph.load({ type: "Author", data: { handle: "x" } })).rejects.toMatchObject(drift);
    await expect(graph.run("remove", { handle: "a1" })).rejects.toMatchObject(drift);
    await expect(graph.graph.branchMerge("b")).rejects.toMatchObject(drift);
    await graph.graph.branchDelete("b");
    const wider = graph.graph.schema.source.replace("bio: String? @index", "bio: String? @index\n  born: Date?");
    await expect(graph.graph.applySchema(wider)).rejects.toMatchObject(drift);
    const { datasets } = await graph.graph.optimize();
    expect(datasets.find(({ typeKey }) => typeKey === "node:Author")).toMatchObject({ skipped: "drift_needs_repair", committed: false });
    const cleaned = await graph.graph.cleanup({ keepVersions: 1 }).catch((error: unknown) => error);
    expect(JSON.stringify(cleaned)).toMatch(/repair/);
    expect(await graph.foreign.datasets.headVersion(location)).toBe(head);
    expect(await graph.pin("node:Author")).toMatchObject({ publishedVersion });
    expect(await graph.graph.headCommitId()).toBe(commit);
    expect(await graph.authors()).toEqual(shown);
  });
});
