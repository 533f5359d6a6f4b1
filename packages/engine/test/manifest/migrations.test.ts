import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failpoints } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { Graph } from "../../src/graph.js";
import { CURRENT_FORMAT_VERSION, FormatGuard } from "../../src/manifest/format-version.js";
import { decodeGraphRow, decodeRegistryRow, encodeRegistryRow } from "../../src/manifest/manifest-codec.js";
import { BRANCHES_KEY, GRAPH_KEY } from "../../src/manifest/manifest-keys.js";
import { ManifestStore } from "../../src/manifest/manifest-store.js";
import type { RegisteredBranch } from "../../src/manifest/manifest.js";
import { initGraph } from "../../src/open/init-graph.js";
import { openGraph } from "../../src/open/open-graph.js";
import type { GraphStorage, ManifestRow, ManifestTable } from "../../src/storage/dataset-gateway.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { hookGraphStorage } from "../../test-support/stores/faulty-graph-storage.js";

const SCHEMA = "node Person {\n  name: String @key\n}\n";

async function row(table: ManifestTable, key: string): Promise<ManifestRow> {
  const found = (await table.readRows([key])).get(key);
  if (found === undefined) throw new Error(`no row ${key}`);
  return found;
}

async function rewrite(table: ManifestTable, key: string, payload: string): Promise<void> {
  const stored = await row(table, key);
  await table.conditionalMerge([{ ...stored, seq: stored.seq + 1, base: stored.seq, payload }]);
}

/** A graph of an older format: the stamp lowered, with the branches a retired feature left behind. */
async function makeOlderGraph(root: string, stamp: 1 | 2, extraBranches: readonly string[]): Promise<string> {
  const uri = `${root}/graph`;
  await initGraph(uri, SCHEMA);
  const { manifest: table } = openGraphStorage(uri);
  const stored = await row(table, BRANCHES_KEY);
  const branches = new Map<string, RegisteredBranch>(decodeRegistryRow(stored).branches);
  for (const name of extraBranches) branches.set(name, { incarnation: `inc-${name}`, parent: "main", forkVersion: 1 });
  await rewrite(table, BRANCHES_KEY, encodeRegistryRow({ sequence: 1, branches }, { txId: "t", createdAt: 0 }).payload);
  const payload = JSON.parse((await row(table, GRAPH_KEY)).payload) as Record<string, unknown>;
  if (stamp === 1) delete payload["internal_schema_version"];
  else payload["internal_schema_version"] = 2;
  await rewrite(table, GRAPH_KEY, JSON.stringify(payload));
  return uri;
}

async function stampAndBranches(uri: string): Promise<{ stamp: number; branches: readonly string[] }> {
  const { manifest: table } = openGraphStorage(uri);
  const { graph, registry } = await new ManifestStore(table).readRegistry();
  return { stamp: graph.formatVersion, branches: [...registry.branches.keys()].sort() };
}

async function openAndClose(uri: string): Promise<void> {
  const graph = await openGraph(uri, { mode: "rw" });
  await graph.resources.dispose();
}

const RUNS = ["__run__a", "__run__b", "__run__c"];

test.each([1, 2] as const)("MIG-3 MIG-6 MIG-20 MIG-21 MIG-22 a read-write open migrates stamp %i and sweeps the run branches", async (stamp) => {
  await using dir = await makeTempDir();
  const uri = await makeOlderGraph(dir.path, stamp, []);
  await openAndClose(uri);
  expect(await stampAndBranches(uri)).toEqual({ stamp: CURRENT_FORMAT_VERSION, branches: ["main"] });
});

test("MIG-22 MIG-25 MIG-3 the sweep spares user branches, repeats after a crash, and runs concurrently", async () => {
  await using dir = await makeTempDir();
  const uri = await makeOlderGraph(dir.path, 2, [...RUNS, "review"]);
  const migrate = async (): Promise<void> => {
    const { manifest: table } = openGraphStorage(uri);
    await new FormatGuard(table).ensureWritable(decodeGraphRow(await row(table, GRAPH_KEY)));
  };
  await Promise.all([migrate(), migrate(), migrate()]);
  expect(await stampAndBranches(uri)).toEqual({ stamp: CURRENT_FORMAT_VERSION, branches: ["main", "review"] });
  await migrate();
  expect((await stampAndBranches(uri)).branches).toEqual(["main", "review"]);
});

test("MIG-23 from stamp 3 on __run__x is an ordinary name", async () => {
  await using dir = await makeTempDir();
  const uri = await makeOlderGraph(dir.path, 2, []);
  await openAndClose(uri);
  const { manifest: table } = openGraphStorage(uri);
  const registry = decodeRegistryRow(await row(table, BRANCHES_KEY));
  const branches = new Map<string, RegisteredBranch>([...registry.branches, ["__run__x", { incarnation: "x", parent: "main", forkVersion: 1 }]]);
  await rewrite(table, BRANCHES_KEY, encodeRegistryRow({ sequence: 1, branches }, { txId: "t", createdAt: 0 }).payload);
  await new FormatGuard(table).ensureWritable(decodeGraphRow(await row(table, GRAPH_KEY)));
  expect((await stampAndBranches(uri)).branches).toContain("__run__x");
});

test("MIG-5 MIG-24 G-13 a read-only open of an older graph works and writes nothing", async () => {
  await using dir = await makeTempDir();
  const uri = await makeOlderGraph(dir.path, 2, RUNS);
  const before = await fingerprint(uri);
  const graph = await openGraph(uri, { mode: "ro" });
  await graph.resources.dispose();
  expect(await fingerprint(uri)).toEqual(before);
  expect((await stampAndBranches(uri)).branches).toEqual([...RUNS, "main"]);
});

test("MIG-4 a publish through a handle that never reopened migrates first", async () => {
  await using dir = await makeTempDir();
  const uri = await makeOlderGraph(dir.path, 1, []);
  const { manifest: table } = openGraphStorage(uri);
  const format = new FormatGuard(table);
  const graph = decodeGraphRow(await row(table, GRAPH_KEY));
  expect(graph.formatVersion).toBe(1);
  expect(await format.ensureWritable(graph)).toBe(true);
  expect((await stampAndBranches(uri)).stamp).toBe(CURRENT_FORMAT_VERSION);
});

test("MIG-7 a snapshot names the stamp the graph has, which a read-write open makes the current one", async () => {
  await using dir = await makeTempDir();
  const uri = await makeOlderGraph(dir.path, 2, []);
  const stampShown = async (mode: "ro" | "rw"): Promise<number> => {
    await using graph = await Graph.open(uri, { mode });
    return (await graph.snapshotInfo()).internalSchemaVersion;
  };
  expect(await stampShown("ro")).toBe(2);
  expect(await stampShown("rw")).toBe(CURRENT_FORMAT_VERSION);
  expect(await stampShown("ro")).toBe(CURRENT_FORMAT_VERSION);
});

test("MIG-26 LAY-13 datasets a retired feature left behind are never a reason to fail", async () => {
  await using dir = await makeTempDir();
  const uri = await makeOlderGraph(dir.path, 1, RUNS);
  for (const name of ["_graph_runs.lance", "_graph_run_actors.lance"]) {
    await mkdir(join(uri, name, "_versions"), { recursive: true });
    await writeFile(join(uri, name, "_versions", "1.manifest"), "not a manifest");
  }
  await using graph = await Graph.open(uri, { mode: "rw" });
  await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
  expect(await stampAndBranches(uri)).toEqual({ stamp: CURRENT_FORMAT_VERSION, branches: ["main"] });
});

/** A graph that was used in the older format: run branches and a branch of a user, with writes of its own. */
async function makeUsedGraph(root: string): Promise<string> {
  const uri = `${root}/graph`;
  {
    await using graph = await Graph.init(uri, SCHEMA);
    await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
    for (const name of [...RUNS, "review"]) await graph.branchCreate(name);
    await graph.load('{"type":"Person","data":{"name":"bob"}}', { mode: "append", branch: "review" });
    await graph.load('{"type":"Person","data":{"name":"run"}}', { mode: "append", branch: "__run__a" });
  }
  await lowerStamp(uri);
  return uri;
}

async function lowerStamp(uri: string): Promise<void> {
  const { manifest: table } = openGraphStorage(uri);
  const payload = JSON.parse((await row(table, GRAPH_KEY)).payload) as Record<string, unknown>;
  await rewrite(table, GRAPH_KEY, JSON.stringify({ ...payload, internal_schema_version: 2 }));
}

async function countPersons(graph: Graph, branch: string): Promise<number | undefined> {
  return (await graph.snapshot({ branch })).entries.get("node:Person")?.entityCount;
}

test("MIG-3 MIG-21 MIG-22 two openers race: branches of users keep their data, and nothing blocks a schema apply but them", async () => {
  await using dir = await makeTempDir();
  const uri = await makeUsedGraph(dir.path);
  const graphs = await Promise.all([Graph.open(uri, { mode: "rw" }), Graph.open(uri, { mode: "rw" })]);
  for (const graph of graphs) {
    expect(await graph.branchList()).toEqual(["main", "review"]);
    expect([await countPersons(graph, "main"), await countPersons(graph, "review")]).toEqual([1, 2]);
  }
  const [first, second] = graphs;
  await first.load('{"type":"Person","data":{"name":"cleo"}}', { mode: "append", branch: "review" });
  const wider = SCHEMA.replace("name: String @key", "name: String @key\n  age: I32?");
  await expect(second.applySchema(wider)).rejects.toThrow("found non-main branches: review");
  await second.branchDelete("review");
  expect(await second.applySchema(wider)).toMatchObject({ applied: true });
  for (const graph of graphs) await graph.close();
});

test("MIG-25 a crash between the sweep and the stamp: the next open repeats it and converges", async () => {
  await using dir = await makeTempDir();
  const uri = await makeUsedGraph(dir.path);
  let mergeCount = 0;
  const hooks = {
    beforeMerge(): void {
      mergeCount++;
      if (mergeCount === 2) throw new Error("the process dies");
    },
  };
  const components = { wrapStorage: (storage: GraphStorage) => hookGraphStorage(storage, hooks) };
  await expect(openGraph(uri, { mode: "rw", components })).rejects.toThrow("the process dies");
  expect(await stampAndBranches(uri)).toEqual({ stamp: 2, branches: ["main", "review"] });
  await using graph = await Graph.open(uri, { mode: "rw" });
  expect(await stampAndBranches(uri)).toEqual({ stamp: CURRENT_FORMAT_VERSION, branches: ["main", "review"] });
  expect(await countPersons(graph, "review")).toBe(2);
});

test("MIG-24 a read-only open lists the run branches of an older graph and reads all others", async () => {
  await using dir = await makeTempDir();
  const uri = await makeUsedGraph(dir.path);
  await using graph = await Graph.open(uri, { mode: "ro" });
  expect(await graph.branchList()).toEqual(["main", ...RUNS, "review"]);
  expect(await countPersons(graph, "review")).toBe(2);
});

test("MIG-3 RC-82 an interrupted write of an older graph is recovered after the migration", async () => {
  await using dir = await makeTempDir();
  const uri = await makeUsedGraph(dir.path);
  const failpoints = new Failpoints();
  {
    await using graph = await Graph.open(uri, { mode: "rw", components: { failpoints } });
    failpoints.arm(FAILPOINT.publishBeforeCommit, () => {
      throw new Error("the publish fails");
    });
    await expect(graph.load('{"type":"Person","data":{"name":"cleo"}}', { mode: "append", branch: "review" })).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
  }
  await lowerStamp(uri);
  await using graph = await Graph.open(uri, { mode: "rw" });
  expect(await countPersons(graph, "review")).toBe(3);
  expect((await graph.listRecoveryAudits()).map((audit) => audit.recoveryKind)).toEqual(["RolledForward"]);
  expect((await stampAndBranches(uri)).stamp).toBe(CURRENT_FORMAT_VERSION);
});

/** Every file below `root` with its bytes and times. */
export async function fingerprint(root: string): Promise<readonly string[]> {
  const names = await readdir(root, { recursive: true });
  const lines = await Promise.all(
    names.sort().map(async (name) => {
      const path = join(root, name);
      const info = await stat(path);
      return `${name} ${info.mtimeMs} ${info.isFile() ? (await readFile(path)).toString("base64").length : "directory"}`;
    }),
  );
  return lines;
}
