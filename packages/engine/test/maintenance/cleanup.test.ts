import { mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failpoints } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import type { CleanedDataset, CleanupReport } from "../../src/maintenance/cleanup.js";
import { MaintainedGraph } from "./maintenance-fixture.js";

function of({ datasets }: CleanupReport, typeKey: string): CleanedDataset {
  const found = datasets.find((dataset) => dataset.typeKey === typeKey);
  if (found === undefined) throw new Error(`${typeKey} is not in the report`);
  return found;
}

async function versionsOf(graph: MaintainedGraph, typeKey: string, branch?: string): Promise<readonly number[]> {
  const { location } = await graph.pin(typeKey, branch);
  return (await graph.foreign.administration.listVersions(location)).map(({ version }) => version);
}

/** Names of the native branches of a type's dataset. */
async function forksOf(graph: MaintainedGraph, typeKey: string): Promise<readonly string[]> {
  const { location } = await graph.pin(typeKey);
  return (await graph.foreign.administration.listForks(location.directory)).map(({ nativeBranch }) => nativeBranch);
}

async function bytesBelow(directory: string): Promise<number> {
  const infos = await Promise.all((await readdir(directory, { recursive: true })).map((name) => stat(join(directory, name))));
  return infos.reduce((sum, info) => sum + (info.isFile() ? info.size : 0), 0);
}

describe("cleanup", () => {
  test("MT-60 says what is missing or cannot be meant", async () => {
    await using graph = await MaintainedGraph.create();
    await expect(graph.graph.cleanup({})).rejects.toThrow("cleanup requires at least one of keep_versions or older_than");
    for (const options of [{ keepVersions: -1 }, { keepVersions: 1.5 }, { olderThanMs: Number.NaN }]) {
      await expect(graph.graph.cleanup(options)).rejects.toMatchObject({ code: "INVALID_RETENTION" });
    }
  });

  test("MT-62 MT-69 MT-73 SN-9 keep 1: the head stays and works, removed versions are gone by name", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 6);
    await graph.shelve("s");
    const old = (await graph.graph.listCommits())[3]?.graphCommitId ?? "";
    const expected = await graph.authors();
    const report = await graph.graph.cleanup({ keepVersions: 1 });
    expect(report.datasets.map(({ typeKey, error }) => [typeKey, error])).toEqual(["edge:Wrote", "node:Author", "node:Shelf"].map((typeKey) => [typeKey, null]));
    expect(of(report, "node:Author").oldVersionsRemoved).toBeGreaterThan(5);
    expect(of(report, "node:Author").bytesRemoved).toBeGreaterThan(0);
    expect(await versionsOf(graph, "node:Author")).toEqual([(await graph.pin("node:Author")).publishedVersion]);
    expect(await graph.authors()).toEqual(expected);
    expect(await graph.graph.getCommit(old)).toMatchObject({ graphCommitId: old });
    await expect(graph.authors({ snapshot: old })).rejects.toMatchObject({ code: "HISTORICAL_VERSION_RECLAIMED" });
    await graph.run("age", { handle: "a0", age: 50 });
    expect((await graph.graph.optimize()).commit).not.toBeNull();
    expect(await graph.olderThan(50)).toEqual(["a0"]);
    await graph.graph.cleanup({ keepVersions: 1 });
    const before = await graph.graph.headCommitId();
    const again = await graph.graph.cleanup({ keepVersions: 1 });
    expect(again.datasets.every(({ oldVersionsRemoved, bytesRemoved }) => oldVersionsRemoved === 0 && bytesRemoved === 0)).toBe(true);
    expect(await graph.graph.headCommitId()).toBe(before);
  });

  test("MT-83 the report counts the versions that are gone, and bytes that were really freed", async () => {
    await using graph = await MaintainedGraph.create({ settings: { durability: "process" } });
    await graph.addMany("a", 6);
    await graph.graph.optimize();
    const { location } = await graph.pin("node:Author");
    const directory = join(graph.uri, `${location.directory}.lance`);
    const before = { versions: await versionsOf(graph, "node:Author"), bytes: await bytesBelow(directory) };
    const { oldVersionsRemoved, bytesRemoved } = of(await graph.graph.cleanup({ keepVersions: 1 }), "node:Author");
    expect(oldVersionsRemoved).toBe(before.versions.length - (await versionsOf(graph, "node:Author")).length);
    expect(bytesRemoved).toBeGreaterThan(0);
    expect(bytesRemoved).toBeLessThanOrEqual(before.bytes - (await bytesBelow(directory)));
  });

  test("MT-61 what is younger than the limit stays, whatever the number", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 4);
    const before = await versionsOf(graph, "node:Author");
    await graph.graph.cleanup({ keepVersions: 1, olderThanMs: 3_600_000 });
    expect(await versionsOf(graph, "node:Author")).toEqual(expect.arrayContaining([...before]));
  });

  test("MT-62 older than 0: the newest alone, however young the others", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 4);
    await graph.graph.cleanup({ keepVersions: 1, olderThanMs: 0 });
    expect(await versionsOf(graph, "node:Author")).toHaveLength(1);
    expect(await graph.authors()).toHaveLength(4);
  });

  test("MT-65 MT-84 a branch without writes keeps what it shows through many commits of main", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 3);
    await graph.graph.branchCreate("b");
    const shown = await graph.authors({ branch: "b" });
    await graph.addMany("m", 5);
    await graph.graph.optimize();
    await graph.graph.cleanup({ keepVersions: 1 });
    expect(await graph.authors({ branch: "b" })).toEqual(shown);
    await graph.add("b0", 1, "b");
    expect(await graph.authors({ branch: "b" })).toHaveLength(4);
    await graph.graph.branchDelete("b");
    await graph.graph.cleanup({ keepVersions: 1 });
    expect(await versionsOf(graph, "node:Author")).toHaveLength(1);
  });

  test("MT-63 MG-23 forks lose their old versions too, and merges still find where they start from", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 2);
    await graph.graph.branchCreate("b");
    await graph.addMany("b", 4, "b");
    await graph.addMany("m", 4);
    await graph.graph.cleanup({ keepVersions: 1 });
    expect((await versionsOf(graph, "node:Author", "b")).length).toBeLessThanOrEqual(2);
    await graph.graph.branchMerge("b");
    expect(await graph.authors()).toHaveLength(10);
    await graph.addMany("c", 3, "b");
    await graph.addMany("n", 3);
    await graph.graph.cleanup({ keepVersions: 1 });
    await graph.graph.branchMerge("b");
    await graph.graph.branchMerge("main", "b");
    expect(await graph.authors()).toHaveLength(16);
    expect(await graph.authors({ branch: "b" })).toEqual(await graph.authors());
  });

  test("MG-23 MT-65 what a merge starts from stays, also when the fork no longer reads a file of it", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 3);
    await graph.graph.branchCreate("b");
    await graph.graph.mutate("query all() { update Author set { age: 7 } where age < 7 }", { branch: "b" });
    for (let round = 0; round < 3; round++) {
      await graph.add(`m${round}`, round);
      await graph.graph.cleanup({ keepVersions: 1 });
    }
    await graph.graph.branchMerge("b");
    expect(await graph.authors()).toEqual(["a0=7", "a1=7", "a2=7", "m0=0", "m1=1", "m2=2"]);
  });

  test("MG-44 a merge does without the version a fork starts from: cleanup may leave its record and take its files", async () => {
    await using graph = await MaintainedGraph.create();
    const load = (branch: string, mode: "merge" | "overwrite", ...handles: readonly string[]): Promise<unknown> =>
      graph.graph.load(handles.map((handle) => JSON.stringify({ type: "Author", data: { handle, age: 1 } })).join("\n"), { mode, branch });
    for (const handle of ["a0", "a1", "a2"]) await load("main", "merge", handle);
    await graph.graph.branchCreate("b");
    await load("b", "overwrite", "a0", "a1", "a2");
    await graph.graph.cleanup({ keepVersions: 3 });
    await load("b", "merge", "b0");
    await load("main", "overwrite", "a0", "a1", "a2");
    await graph.graph.branchMerge("main", "b");
    await graph.graph.cleanup({ keepVersions: 3 });
    await load("b", "merge", "b1", "a0");
    await graph.graph.mutate('query one() { delete Author where handle = "a1" }', { branch: "b" });
    await graph.graph.branchMerge("b");
    expect(await graph.authors()).toEqual(["a0=1", "a2=1", "b0=1", "b1=1"]);
  });

  test("MT-70 MT-72 forks that nobody shows and what is left of half-created ones go; others stay", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.add("a", 1);
    await graph.graph.branchCreate("live");
    await graph.add("l", 2, "live");
    const { location, publishedVersion } = await graph.pin("node:Author");
    const { administration } = graph.foreign;
    const parent = `g${"0".repeat(25)}1_${"0".repeat(25)}2`;
    const child = `g${"0".repeat(25)}1_${"0".repeat(25)}3`;
    await administration.fork(location, publishedVersion, { ...location, nativeBranch: parent });
    await administration.fork({ ...location, nativeBranch: parent }, publishedVersion, { ...location, nativeBranch: child });
    const residue = join(graph.uri, `${location.directory}.lance`, "tree", "half-created");
    await mkdir(residue, { recursive: true });
    await writeFile(join(residue, "x"), "");
    const kept = (await graph.pin("node:Author", "live")).location.nativeBranch;
    await graph.graph.cleanup({ keepVersions: 100 });
    expect(await forksOf(graph, "node:Author")).toEqual([kept]);
    expect(await graph.authors({ branch: "live" })).toEqual(["a=1", "l=2"]);
  });

  test("MT-67 RC-84 refuses on drift, before anything is removed", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 4);
    const { location } = await graph.pin("node:Author");
    const { foreign } = graph;
    await foreign.datasets.applyEffect(location, { kind: "deleteByIds", ids: ["a0"] }, await foreign.datasets.headVersion(location));
    const before = await versionsOf(graph, "node:Author");
    await expect(graph.graph.cleanup({ keepVersions: 1 })).rejects.toMatchObject({ code: "DATASET_DRIFT", message: expect.stringContaining("omnigraph repair") });
    expect(await versionsOf(graph, "node:Author")).toEqual(before);
  });

  test("MT-5 MT-41 MT-67 RC-84 all three refuse while an interrupted write is pending", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 2);
    await mkdir(join(graph.uri, "__recovery"), { recursive: true });
    await writeFile(join(graph.uri, "__recovery", "01JZ0V9M3XK7B1N5Q8R2T4W6YZ.json"), "{}");
    const pending = { code: "RECOVERY_REQUIRED", message: expect.stringContaining("reopen the graph read-write") };
    await expect(graph.graph.optimize()).rejects.toMatchObject(pending);
    await expect(graph.graph.repair()).rejects.toMatchObject(pending);
    await expect(graph.graph.cleanup({ keepVersions: 1 })).rejects.toMatchObject(pending);
  });

  test("MT-66 a branch whose head cannot be read protects everything", async () => {
    const failpoints = new Failpoints();
    await using graph = await MaintainedGraph.create({ components: { failpoints } });
    await graph.addMany("a", 4);
    const before = await versionsOf(graph, "node:Author");
    failpoints.arm(FAILPOINT.cleanupResolveBranchSnapshot, () => {
      throw new Error("unreadable");
    });
    await expect(graph.graph.cleanup({ keepVersions: 1 })).rejects.toThrow("unreadable");
    expect(await versionsOf(graph, "node:Author")).toEqual(before);
  });

  test("MT-68 a failure on one dataset is in its row; the others go on, and running again converges", async () => {
    const failpoints = new Failpoints();
    await using graph = await MaintainedGraph.create({ components: { failpoints } });
    await graph.addMany("a", 3);
    await graph.shelve("s1");
    await graph.shelve("s2");
    let hits = 0;
    failpoints.arm(FAILPOINT.cleanupTableGc, () => {
      if (++hits === 2) throw new Error("disk trouble");
    });
    const report = await graph.graph.cleanup({ keepVersions: 1 });
    expect(report.datasets.map(({ error }) => error)).toEqual([null, "disk trouble", null]);
    expect(of(report, "node:Shelf").oldVersionsRemoved).toBeGreaterThan(0);
    failpoints.disarm(FAILPOINT.cleanupTableGc);
    expect(of(await graph.graph.cleanup({ keepVersions: 1 }), "node:Author")).toMatchObject({ error: null, oldVersionsRemoved: expect.any(Number) });
    expect(await versionsOf(graph, "node:Author")).toHaveLength(1);
  });

  test("MT-71 an orphan fork that cannot be removed now is left to the next run", async () => {
    const failpoints = new Failpoints();
    await using graph = await MaintainedGraph.create({ components: { failpoints } });
    await graph.add("a", 1);
    const { location, publishedVersion } = await graph.pin("node:Author");
    await graph.foreign.administration.fork(location, publishedVersion, { ...location, nativeBranch: "nobodys" });
    failpoints.arm(FAILPOINT.cleanupReconcileFork, () => {
      throw new Error("not now");
    });
    expect(of(await graph.graph.cleanup({ keepVersions: 1 }), "node:Author").error).toBeNull();
    expect(await forksOf(graph, "node:Author")).toEqual(["nobodys"]);
    failpoints.disarm(FAILPOINT.cleanupReconcileFork);
    await graph.graph.cleanup({ keepVersions: 1 });
    expect(await forksOf(graph, "node:Author")).toEqual([]);
  });

  test("BR-52 a fork that a sidecar names is left alone", async () => {
    const failpoints = new Failpoints();
    await using graph = await MaintainedGraph.create({ components: { failpoints } });
    await graph.graph.branchCreate("b");
    let whileForked: readonly string[] = [];
    let cleaning: Promise<unknown> | undefined;
    failpoints.arm(FAILPOINT.postForkPreCommit, async () => {
      // The fork exists, and only the sidecar knows it.
      cleaning ??= graph.graph.cleanup({ keepVersions: 1 });
      await new Promise((resolve) => setTimeout(resolve, 200));
      whileForked = await forksOf(graph, "node:Author");
    });
    await graph.add("b0", 1, "b");
    await cleaning;
    expect(whileForked).toHaveLength(1);
    expect(await graph.authors({ branch: "b" })).toEqual(["b0=1"]);
  });

  test("a read in progress keeps what it reads, also an old version", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 5);
    const old = (await graph.graph.listCommits())[2]?.graphCommitId ?? "";
    await graph.addMany("b", 3);
    const exporting = graph.graph.exportJsonl({ target: { snapshot: old } });
    const chunks: Uint8Array[] = [];
    const first = await exporting.next();
    if (first.done !== true) chunks.push(first.value);
    await graph.graph.cleanup({ keepVersions: 1 });
    expect((await versionsOf(graph, "node:Author")).length).toBeGreaterThan(6);
    for await (const chunk of exporting) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString().trim().split("\n")).toHaveLength(3);
    await graph.graph.cleanup({ keepVersions: 1 });
    expect(await versionsOf(graph, "node:Author")).toHaveLength(1);
  });

  test("MT-82 temporary files of killed writers go once they are an hour old", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.add("a", 1);
    const { location } = await graph.pin("node:Author");
    const data = join(graph.uri, `${location.directory}.lance`, "data");
    for (const [name, ageMs] of [[".tmp-old", 7_200_000], [".tmp-new", 0]] as const) {
      await writeFile(join(data, name), "12345");
      const changed = new Date(Date.now() - ageMs);
      await utimes(join(data, name), changed, changed);
    }
    expect(of(await graph.graph.cleanup({ keepVersions: 100 }), "node:Author").bytesRemoved).toBe(5);
    expect((await readdir(data)).filter((name) => name.startsWith(".tmp"))).toEqual([".tmp-new"]);
  });

  test("RC-84 a write at work is waited for: it is neither interrupted nor a drift", async () => {
    const failpoints = new Failpoints();
    await using graph = await MaintainedGraph.create({ components: { failpoints } });
    await graph.add("a", 1);
    for (const [name, maintain] of [
      ["b", () => graph.graph.optimize()],
      ["c", () => graph.graph.repair()],
      ["d", () => graph.graph.cleanup({ keepVersions: 1 })],
    ] as const) {
      let maintaining: Promise<string> | undefined;
      let early: unknown;
      failpoints.arm(FAILPOINT.postTableCommit, async () => {
        if (maintaining !== undefined) return;
        maintaining = maintain().then(
          () => "done",
          (error: unknown) => String(error),
        );
        early = await Promise.race([maintaining, new Promise((resolve) => setTimeout(resolve, 200, "waits"))]);
      });
      await graph.add(name, 1);
      failpoints.disarm(FAILPOINT.postTableCommit);
      expect([name, early, await maintaining]).toEqual([name, "waits", "done"]);
    }
    expect(await graph.authors()).toEqual(["a=1", "b=1", "c=1", "d=1"]);
  });

  test.each(["__lease", "__recovery", "__schemas"])("LAY-14 so do those of objects, in %s", async (directory) => {
    await using graph = await MaintainedGraph.create();
    const path = join(graph.uri, directory);
    await mkdir(path, { recursive: true });
    for (const [name, ageMs] of [["x.json.tmp.01JZ0V9M3XK7B1N5Q8R2T4W6YA", 7_200_000], ["x.json.tmp.01JZ0V9M3XK7B1N5Q8R2T4W6YB", 0]] as const) {
      await writeFile(join(path, name), "12345");
      const changed = new Date(Date.now() - ageMs);
      await utimes(join(path, name), changed, changed);
    }
    await graph.graph.cleanup({ keepVersions: 100 });
    expect((await readdir(path)).filter((name) => name.includes(".tmp"))).toEqual(["x.json.tmp.01JZ0V9M3XK7B1N5Q8R2T4W6YB"]);
  });

  test("CM-11 MT-74 no commit and no row of the manifest is removed", async () => {
    await using graph = await MaintainedGraph.create();
    await graph.addMany("a", 5);
    const before = await graph.graph.listCommits();
    await graph.graph.cleanup({ keepVersions: 0 });
    expect((await graph.graph.listCommits()).slice(-before.length)).toEqual(before);
  });
});
