import { cp, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failpoints, randomIds } from "@omnigraphdb/common";
import { type AcceptedSchema, CompileError } from "@omnigraphdb/compiler";
import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { Graph } from "../../src/graph.js";
import { CURRENT_FORMAT_VERSION, FormatGuard } from "../../src/manifest/format-version.js";
import { ManifestStore } from "../../src/manifest/manifest-store.js";
import { Publisher } from "../../src/manifest/publisher.js";
import { updateGraphRow } from "../../src/manifest/update-graph-row.js";
import {
  AlreadyInitializedError,
  GraphClosedError,
  GraphNotFoundError,
  GraphRelocatedError,
  InitializationClaimedError,
  InitializationCommittedError,
  ReadOnlyGraphError,
} from "../../src/open/errors.js";
import { initGraph } from "../../src/open/init-graph.js";
import { SchemaArtifactMissingError } from "../../src/schema/errors.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { commitKey } from "../../src/manifest/manifest-keys.js";

const SCHEMA = "node Person {\n  name: String @key\n}\n\nedge Knows: Person -> Person\n";

/** Every file below `root` with its size, time and content. */
async function fingerprint(root: string): Promise<readonly string[]> {
  const names = await readdir(root, { recursive: true });
  return Promise.all(
    names.sort().map(async (name) => {
      const path = join(root, name);
      const info = await stat(path);
      return `${name} ${info.mtimeMs} ${info.isFile() ? (await readFile(path)).toString("base64") : "directory"}`;
    }),
  );
}

async function rootNames(root: string): Promise<readonly string[]> {
  return readdir(root).catch(() => []);
}

async function writeSchema(root: string, { documents }: AcceptedSchema): Promise<void> {
  await writeFile(join(root, "_schema.pg"), documents.source);
  await writeFile(join(root, "_schema.ir.json"), documents.ir);
  await writeFile(join(root, "__schema_state.json"), documents.state);
}

/** Makes a schema without effect on datasets the accepted one, as another process would: contract files, then one commit. */
async function applySchema(graph: Graph, source: string): Promise<void> {
  const { desired } = graph.planSchema(source);
  if (desired === undefined) throw new Error("the change is not supported");
  const { manifest: table } = openGraphStorage(graph.uri);
  const store = new ManifestStore(table);
  const state = await store.readState(null);
  await writeSchema(graph.uri, desired);
  await new Publisher({ table, store, format: new FormatGuard(table), failpoints: new Failpoints() }).publish(
    {
      branch: null,
      txId: randomIds.ulid(),
      commit: { graphCommitId: randomIds.ulid(), mergedParentCommitId: null, actorId: null, createdAt: state.commit.commit.createdAt + 1 },
      updates: [],
      tombstones: [],
      schemaIdentity: desired.irHash,
      recovery: null,
      on: { kind: "exact", incarnation: state.head.incarnation, headCommitId: state.head.commitId },
    },
    state,
  );
}

describe("init", () => {
  test("OP-2 LAY-6 MAN-34 SN-20 a new graph is complete, at version 1, without a claim", async () => {
    await using dir = await makeTempDir();
    const uri = join(dir.path, "graph with space");
    await using graph = await Graph.init(uri, SCHEMA);
    expect(await graph.snapshotInfo()).toMatchObject({
      graphBranch: "main",
      graphManifestVersion: 1,
      internalSchemaVersion: CURRENT_FORMAT_VERSION,
      datasets: [
        { entityKind: "edge", typeName: "Knows", nativeDatasetBranch: null, entityCount: 0 },
        { entityKind: "node", typeName: "Person", nativeDatasetBranch: null, entityCount: 0 },
      ],
    });
    const [genesis, ...others] = await graph.listCommits();
    expect(others).toEqual([]);
    expect(genesis).toMatchObject({ parentCommitId: null, actorId: null, graphBranch: null });
    expect((await rootNames(uri)).filter((name) => !name.startsWith("__lease")).sort()).toEqual(
      ["__manifest.lance", "__schema_state.json", "_schema.ir.json", "_schema.pg", "edges", "nodes"].sort(),
    );
  });

  test("OP-10 the contract seal names the shape, the document, the identity model and the domain", async () => {
    await using dir = await makeTempDir();
    await using graph = await Graph.init(dir.path, SCHEMA, { settings: { durability: "process" } });
    const seal = JSON.parse(await readFile(join(dir.path, "__schema_state.json"), "utf8")) as Readonly<Record<string, unknown>>;
    expect(seal).toEqual({
      format_version: 2,
      schema_shape_hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      schema_source_hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      schema_ir_hash: graph.schema.irHash,
      schema_identity_version: 2,
      schema_identity_domain: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
    });
    expect(seal["schema_ir_hash"]).not.toBe(seal["schema_shape_hash"]);
  });

  test("LAY-9 LAY-10 LAY-11 commits, actors and branches are in the manifest: no table, claim or reference of their own", async () => {
    await using dir = await makeTempDir();
    const uri = join(dir.path, "graph");
    await using graph = await Graph.init(uri, SCHEMA, { settings: { durability: "process" } });
    await graph.branchCreate("review");
    await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append", branch: "review", actor: "act-a" });
    await graph.branchMerge("review", "main", { actor: "act-b" });
    await graph.optimize();
    expect((await rootNames(uri)).filter((name) => !["__lease", "__recovery"].includes(name)).sort()).toEqual(
      ["__manifest.lance", "__schema_state.json", "_schema.ir.json", "_schema.pg", "edges", "nodes"].sort(),
    );
  });

  test("OP-1 a schema error touches nothing; an existing graph is never replaced, even with force", async () => {
    await using dir = await makeTempDir();
    const uri = join(dir.path, "graph");
    await expect(initGraph(uri, "node {")).rejects.toBeInstanceOf(CompileError);
    expect(await rootNames(dir.path)).toEqual([]);
    await initGraph(uri, SCHEMA);
    const before = await fingerprint(uri);
    await expect(initGraph(uri, SCHEMA)).rejects.toBeInstanceOf(AlreadyInitializedError);
    await expect(initGraph(uri, SCHEMA, { force: true })).rejects.toBeInstanceOf(AlreadyInitializedError);
    expect(await fingerprint(uri)).toEqual(before);
  });

  test("OP-3 force replaces orphan schema files only", async () => {
    await using dir = await makeTempDir();
    await writeFile(join(dir.path, "_schema.pg"), "node Old {}");
    await expect(initGraph(dir.path, SCHEMA)).rejects.toThrow(/already initialized: _schema.pg exists/);
    await initGraph(dir.path, SCHEMA, { force: true });
    expect(await readFile(join(dir.path, "_schema.pg"), "utf8")).toBe(SCHEMA);
  });

  test.each([FAILPOINT.initAfterSchemaSource, FAILPOINT.initAfterSchemaContract])("OP-4 a failure at %s removes what it created and is reported itself", async (name) => {
    await using dir = await makeTempDir();
    const uri = join(dir.path, "graph");
    const failpoints = new Failpoints();
    failpoints.arm(name, () => {
      throw new Error("disk full");
    });
    await expect(initGraph(uri, SCHEMA, { components: { failpoints } })).rejects.toThrow("disk full");
    const left = await readdir(uri, { recursive: true }).catch(() => []);
    expect(left.filter((entry) => !["nodes", "edges"].includes(entry))).toEqual([]);
    await initGraph(uri, SCHEMA);
  });

  test("OP-5 a failure after the manifest exists keeps the graph", async () => {
    await using dir = await makeTempDir();
    const uri = join(dir.path, "graph");
    const failpoints = new Failpoints();
    failpoints.arm(FAILPOINT.initAfterGenesis, () => {
      throw new Error("crash");
    });
    await expect(initGraph(uri, SCHEMA, { components: { failpoints } })).rejects.toBeInstanceOf(InitializationCommittedError);
    await using graph = await Graph.open(uri, { mode: "rw" });
    expect(await graph.listCommits()).toHaveLength(1);
  });

  test("OP-5 a claim is respected; force takes over that of a dead process only", async () => {
    await using dir = await makeTempDir();
    const claim = join(dir.path, "__init_claim.json");
    const alive = { host: "h", pid: 1, isAlive: () => true };
    await writeFile(claim, JSON.stringify({ claim_id: "x", host: "h", pid: 77 }));
    await expect(initGraph(dir.path, SCHEMA, { components: { process: alive } })).rejects.toBeInstanceOf(InitializationClaimedError);
    await expect(initGraph(dir.path, SCHEMA, { force: true, components: { process: alive } })).rejects.toThrow("process 77 on h");
    await initGraph(dir.path, SCHEMA, { force: true, components: { process: { ...alive, isAlive: () => false } } });
  });

  test("OP-6 of eight concurrent inits exactly one succeeds", async () => {
    await using dir = await makeTempDir();
    const uri = join(dir.path, "graph");
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => initGraph(uri, SCHEMA)));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect((outcome.reason as { code: string }).code).toMatch(/ALREADY_INITIALIZED|INITIALIZATION_CLAIMED/);
    }
    await using graph = await Graph.open(uri, { mode: "rw" });
    expect(await graph.listCommits()).toHaveLength(1);
  });
});

describe("open", () => {
  test("a missing graph is not found, and stays missing", async () => {
    await using dir = await makeTempDir();
    for (const mode of ["ro", "rw"] as const) {
      await expect(Graph.open(join(dir.path, "none"), { mode })).rejects.toBeInstanceOf(GraphNotFoundError);
    }
    expect(await rootNames(dir.path)).toEqual([]);
  });

  test("OP-7 RC-83 LE-2 G-13 a read-only handle writes no byte and refuses writers", async () => {
    await using dir = await makeTempDir();
    const uri = join(dir.path, "graph");
    {
      await using graph = await Graph.init(uri, SCHEMA);
      await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
    }
    const before = await fingerprint(uri);
    {
      await using graph = await Graph.open(uri, { mode: "ro" });
      const result = await graph.query('query q() { match { $p: Person } return { $p.name } }');
      expect(result.rowCount).toBe(1);
      await expect(graph.load("", { mode: "append" })).rejects.toBeInstanceOf(ReadOnlyGraphError);
      await expect(graph.mutate('query m() { insert Person { name: "x" } }')).rejects.toBeInstanceOf(ReadOnlyGraphError);
      await graph.refresh();
    }
    expect(await fingerprint(uri)).toEqual(before);
  });

  test("LE-5 a read-write open with nothing to do writes nothing that stays", async () => {
    await using dir = await makeTempDir();
    const uri = join(dir.path, "graph");
    await initGraph(uri, SCHEMA);
    const before = await readdir(uri, { recursive: true });
    await using graph = await Graph.open(uri, { mode: "rw" });
    expect((await readdir(uri, { recursive: true })).sort()).toEqual(before.sort());
    expect(graph.uri).toBe(uri);
  });

  test.each([
    ["_schema.pg", true],
    ["_schema.ir.json", false],
    ["__schema_state.json", false],
  ])("OP-12 a missing %s is named and never made again", async (name, isSource) => {
    await using dir = await makeTempDir();
    await initGraph(dir.path, SCHEMA);
    await rename(join(dir.path, name), join(dir.path, "kept"));
    const opening = Graph.open(dir.path, { mode: "rw" });
    await expect(opening).rejects.toBeInstanceOf(SchemaArtifactMissingError);
    await expect(opening).rejects.toMatchObject({ category: isSource ? "not_found" : "corrupt", message: expect.stringContaining(name) as string });
    expect(await rootNames(dir.path)).not.toContain(name);
  });

  test("OP-11 comments may change; meaning may not, at open and at the next write of a long-lived handle", async () => {
    await using dir = await makeTempDir();
    await using graph = await Graph.init(dir.path, SCHEMA);
    const source = join(dir.path, "_schema.pg");
    await writeFile(source, `// a comment\n${SCHEMA}`);
    await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
    await writeFile(source, SCHEMA.replace("String", "I32"));
    await expect(graph.load('{"type":"Person","data":{"name":"bob"}}', { mode: "append" })).rejects.toThrow("_schema.pg no longer matches");
    await expect(Graph.open(dir.path, { mode: "ro" })).rejects.toThrow("_schema.pg no longer matches");
  });

  test("OP-13 a handle notices the schema another one applied, before it validates input", async () => {
    await using dir = await makeTempDir();
    const schema = "node Person {\n  name: String @key\n  role: enum(guest)?\n}\n";
    await using graph = await Graph.init(dir.path, schema);
    await using reader = await Graph.open(dir.path, { mode: "ro" });
    const hosts = 'query q() { match { $p: Person { role: "host" } } return { $p.name } }';
    const host = '{"type":"Person","data":{"name":"ann","role":"host"}}';
    await expect(graph.load(host, { mode: "append" })).rejects.toThrow("host");
    await expect(reader.query(hosts)).rejects.toBeInstanceOf(CompileError);
    await applySchema(graph, schema.replace("guest", "guest, host"));
    await graph.load(host, { mode: "append" });
    expect((await reader.query(hosts)).rowCount).toBe(1);
    expect(reader.schema.source).toContain("enum(guest, host)");
  });

  test("OP-14 OP-9 a version is never shown by a schema it was not written under", async () => {
    await using dir = await makeTempDir();
    await using graph = await Graph.init(dir.path, SCHEMA);
    await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
    const written = graph.schema.irHash;
    const { desired } = graph.planSchema(`${SCHEMA}\nnode Extra { name: String @key }\n`);
    if (desired === undefined) throw new Error("adding a type is supported");
    await writeSchema(dir.path, desired);
    // As after a crash between the contract files and the publish.
    for (const mode of ["ro", "rw"] as const) {
      await expect(Graph.open(dir.path, { mode })).rejects.toMatchObject({ code: "RECOVERY_REQUIRED", message: expect.stringContaining("schema") as string });
    }
    await expect(graph.load('{"type":"Person","data":{"name":"bob"}}', { mode: "append" })).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    const key = commitKey("main", 2);
    const commit = (await openGraphStorage(dir.path).manifest.readRows([key])).get(key);
    expect(commit?.payload).toContain(written);
  });

  test("OP-15 a graph without forks may be moved; its new root is recorded", async () => {
    await using dir = await makeTempDir();
    const [first, second] = [join(dir.path, "a"), join(dir.path, "b")];
    await initGraph(first, SCHEMA);
    await cp(first, second, { recursive: true });
    {
      await using graph = await Graph.open(second, { mode: "rw" });
      await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
    }
    await updateGraphRow(openGraphStorage(second).manifest, (graph) => {
      expect(graph.rootUri).toBe(second);
      return undefined;
    });
  });

  test("OP-15 GraphRelocated: a graph with forks refuses to be used elsewhere, and nothing is written", async () => {
    await using dir = await makeTempDir();
    const [first, second] = [join(dir.path, "a"), join(dir.path, "b")];
    await initGraph(first, SCHEMA);
    const { manifest } = openGraphStorage(first);
    const row = (await manifest.readRows([commitKey("main", 1)])).get(commitKey("main", 1));
    if (row === undefined) throw new Error("no genesis");
    // A commit row never changes; this one is made to look like one that pins a native branch.
    await manifest.conditionalMerge([{ ...row, base: row.seq, payload: row.payload.replace('"table_branch":null', '"table_branch":"g1"') }]);
    await cp(first, second, { recursive: true });
    const before = await fingerprint(second);
    for (const mode of ["ro", "rw"] as const) {
      const opening = Graph.open(second, { mode });
      await expect(opening).rejects.toBeInstanceOf(GraphRelocatedError);
      await expect(opening).rejects.toMatchObject({ recordedRoot: first, actualRoot: second, hint: expect.stringContaining("load") as string });
    }
    expect((await fingerprint(second)).filter((line) => !line.includes("probe"))).toHaveLength(before.length);
  });

  test("MIG-2 a newer graph is refused in both modes with both numbers", async () => {
    await using dir = await makeTempDir();
    await initGraph(dir.path, SCHEMA);
    await updateGraphRow(openGraphStorage(dir.path).manifest, (graph) =>
      graph.formatVersion === 9 ? undefined : { graph: { ...graph, formatVersion: 9 }, alongside: [] },
    );
    for (const mode of ["ro", "rw"] as const) {
      await expect(Graph.open(dir.path, { mode })).rejects.toThrow(/version 9.*up to 4.*upgrade omnigraph/);
    }
  });

  test("OP-8 an open that fails lets go of everything and may be repeated", async () => {
    await using dir = await makeTempDir();
    await initGraph(dir.path, SCHEMA);
    const failpoints = new Failpoints();
    const armed = failpoints.arm(FAILPOINT.openBeforeSchemaContract, () => {
      throw new Error("interrupted");
    });
    await expect(Graph.open(dir.path, { mode: "rw", components: { failpoints } })).rejects.toThrow("interrupted");
    armed[Symbol.dispose]();
    await using graph = await Graph.open(dir.path, { mode: "rw", components: { failpoints } });
    await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
  });

  test("a bad branch name rejects the call, whichever it is", async () => {
    await using dir = await makeTempDir();
    await using graph = await Graph.init(dir.path, SCHEMA);
    const calls = [
      () => graph.listCommits(" "),
      () => graph.snapshotAtVersion(1, " "),
      () => graph.entityAt("node:Person", "ann", 1, " "),
      () => graph.snapshot({ branch: " " }),
      () => graph.resolveSnapshot("manifest: :v1"),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "INVALID_BRANCH_NAME" });
  });

  test("API-17 close waits for running calls and is idempotent; later calls are refused", async () => {
    await using dir = await makeTempDir();
    const graph = await Graph.init(dir.path, SCHEMA);
    const loading = graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
    await Promise.all([graph.close(), graph.close()]);
    await expect(loading).resolves.toMatchObject({ totalEntities: 1 });
    await expect(graph.listCommits()).rejects.toBeInstanceOf(GraphClosedError);
    expect(await rootNames(join(dir.path, "__lease"))).toEqual([]);
  });
});
