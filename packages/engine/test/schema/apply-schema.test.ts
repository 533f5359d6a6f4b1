import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isOmniError } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { Graph } from "../../src/graph.js";
import type { GraphComponents } from "../../src/graph-components.js";
import { ReadSetChangedError, SchemaApplyInProgressError } from "../../src/manifest/errors.js";
import { openGraph } from "../../src/open/open-graph.js";
import type { DatasetEffect } from "../../src/storage/dataset-gateway.js";
import { REVISION_COLUMN } from "../../src/storage/dataset-schema.js";
import { hookGraphStorage } from "../../test-support/stores/faulty-graph-storage.js";
import { valuesOf } from "../../test-support/row-batches.js";
import { expectAtRest } from "../../test-support/writes/check-graph.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";
import { exportRecords } from "./migration-fixture.js";

const SCHEMA = `node Person { name: String @key age: I32? }
node Place { label: String @key }
edge Lives: Person -> Place`;
const WITH_CITY = SCHEMA.replace("age: I32?", "age: I32? city: String?");
const RENAMED = `node Human @rename_from("Person") { name: String @key years: I32? @rename_from("age") }
node Place { label: String @key }
edge Lives: Human -> Place`;
const DATA = [
  '{"type":"Person","data":{"name":"ann","age":1}}',
  '{"type":"Person","data":{"name":"bob","age":2}}',
  '{"type":"Place","data":{"label":"rome"}}',
  '{"edge":"Lives","from":"ann","to":"rome","data":{"id":"l1"}}',
].join("\n");
const LEASELESS = { lease: { isEnabled: false } } as const;
const AGES = "query q() { match { $p: Person } return { $p.name, $p.age } order { $p.name asc } }";
const YEARS = "query q() { match { $p: Human } return { $p.name, $p.years } order { $p.name asc } }";

interface Rig {
  readonly graph: Graph;
  readonly root: string;
}

async function withGraph(run: (rig: Rig) => Promise<void>, components: Partial<GraphComponents> = {}): Promise<void> {
  await using directory = await makeTempDir();
  const root = `${directory.path}/graph`;
  await using graph = await Graph.init(root, SCHEMA, { components });
  await graph.load(DATA, { mode: "append" });
  await run({ graph, root });
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Parks whoever reaches `failpoint` until `release` is called. */
function park(process: SimulatedProcess, failpoint: string): { readonly reached: Promise<void>; readonly release: () => void } {
  const reached = deferred();
  const released = deferred();
  process.failpoints.arm(failpoint, () => {
    reached.resolve();
    return released.promise;
  });
  return { reached: reached.promise, release: released.resolve };
}

/** Code of the error that `call` ends with; "none" when it succeeds. */
async function refusalOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "none",
    (error: unknown) => (isOmniError(error) ? error.code : String(error)),
  );
}

describe("§16.1 order of checks", () => {
  test("A05 SA-2 MG-90 branches are named, before the source is looked at", () =>
    withGraph(async ({ graph }) => {
      await graph.branchCreate("review");
      await graph.branchCreate("draft");
      await expect(graph.applySchema("nonsense")).rejects.toMatchObject({
        category: "conflict",
        message: "schema apply requires a graph with only main; found non-main branches: draft, review",
      });
      await graph.branchDelete("review");
      await graph.branchDelete("draft");
      expect(await graph.applySchema(WITH_CITY)).toMatchObject({ applied: true });
    }));

  test("A03 OP-11 a changed source locks schema evolution down", () =>
    withGraph(async ({ graph, root }) => {
      writeFileSync(join(root, "_schema.pg"), WITH_CITY);
      await expect(graph.applySchema(WITH_CITY)).rejects.toMatchObject({
        category: "conflict",
        message: expect.stringMatching(/schema evolution is locked down.*_schema\.pg no longer matches/) as string,
      });
    }));

  test("SA-8 a caller may veto before anything happens", () =>
    withGraph(async ({ graph }) => {
      const commits = await graph.listCommits();
      const seen: string[] = [];
      const veto = graph.applySchema(WITH_CITY, {
        validateCatalog(catalog) {
          seen.push(...(catalog.nodeTypeByName.get("Person")?.properties ?? []).map((property) => property.name));
          throw new Error("query 'old' fails the schema check");
        },
      });
      await expect(veto).rejects.toThrow("query 'old' fails the schema check");
      expect(seen).toEqual(["age", "city", "name"]);
      expect(await graph.listCommits()).toEqual(commits);
      await graph.branchCreate("free");
    }));

  test("OP-7 a handle opened for reading refuses", () =>
    withGraph(async ({ root }) => {
      await using reader = await Graph.open(root, { mode: "ro" });
      await expect(reader.applySchema(WITH_CITY)).rejects.toMatchObject({ code: "READ_ONLY_GRAPH" });
    }));
});

describe("the schema is new for everybody at once", () => {
  test("OP-13 other handles read and write under the new schema without being told", () =>
    withGraph(async ({ graph, root }) => {
      await using other = await Graph.open(root, { mode: "rw" });
      await using reader = await Graph.open(root, { mode: "ro" });
      const prepared = reader.prepare("query q() { match { $p: Place } return { $p.label } }");
      await graph.applySchema(RENAMED);
      const add = 'query q() { insert Human { name: "cy", years: 3 } }';
      expect(await other.mutate(add)).toMatchObject({ affectedNodes: 1 });
      await expect(other.mutate('query q() { insert Person { name: "dee" } }')).rejects.toMatchObject({ code: "COMPILE_ERROR" });
      await other.load('{"type":"Human","data":{"name":"dee","years":4}}', { mode: "append" });
      expect((await reader.query(YEARS)).rowCount).toBe(4);
      expect(reader.schema.source).toBe(RENAMED);
      expect((await prepared.run()).rowCount).toBe(1);
      await expect(reader.query(AGES)).rejects.toMatchObject({ code: "COMPILE_ERROR" });
    }));

  test("SN-10 an older snapshot is queried and read with the names of its time, by a handle that never saw them", () =>
    withGraph(async ({ graph, root }) => {
      const before = await graph.headCommitId();
      await graph.applySchema(RENAMED);
      await graph.applySchema(RENAMED.replace("node Place { label: String @key }", "node Place { label: String @key x: I32? }"));
      await using reader = await Graph.open(root, { mode: "ro" });
      expect((await reader.query(AGES, { target: { snapshot: before } })).rowCount).toBe(2);
      await expect(reader.query(YEARS, { target: { snapshot: before } })).rejects.toMatchObject({ code: "COMPILE_ERROR" });
      expect(await reader.entityAt("node:Person", "ann", 2)).toEqual({ id: "ann", age: 1, name: "ann" });
      expect(await reader.entityAt("node:Human", "ann", 3)).toEqual({ id: "ann", years: 1, name: "ann" });
      await expect(reader.entityAt("node:Person", "ann", 3)).rejects.toThrow("does not exist at this snapshot");
      expect(await exportRecords(reader, { snapshot: `manifest:main:v2` })).toEqual(await exportRecords(graph, { snapshot: before }));
      // Looking back does not change what the handle takes for the present.
      expect((await reader.query(YEARS)).rowCount).toBe(2);
    }));

  test("SN-10 without its archived schema an older version is refused, and nothing else", () =>
    withGraph(async ({ graph, root }) => {
      await graph.applySchema(RENAMED);
      rmSync(join(root, "__schemas"), { recursive: true });
      await using reader = await Graph.open(root, { mode: "ro" });
      await expect(reader.query(AGES, { target: { snapshot: "manifest:main:v2" } })).rejects.toMatchObject({ code: "SCHEMA_HISTORY_DAMAGED", category: "corrupt" });
      expect((await reader.query(YEARS)).rowCount).toBe(2);
    }));

  test("§13.3 dropped and added again is a new type and a new property", () =>
    withGraph(async ({ graph }) => {
      const before = await graph.snapshot();
      await graph.applySchema("node Person { name: String @key } node Other { z: I32? }");
      await graph.applySchema(SCHEMA);
      const after = await graph.snapshot();
      expect(after.entries.get("node:Place")?.typeId).not.toBe(before.entries.get("node:Place")?.typeId);
      expect(await exportRecords(graph)).toEqual([
        { type: "Person", data: { id: "ann", age: null, name: "ann" } },
        { type: "Person", data: { id: "bob", age: null, name: "bob" } },
      ]);
      expect(await exportRecords(graph, { snapshot: before })).toHaveLength(4);
      await graph.load(DATA, { mode: "merge" });
      expect(await exportRecords(graph)).toHaveLength(4);
    }));

  test("§14.4 a widened enum takes effect for all writes at once", async () => {
    await using directory = await makeTempDir();
    await using graph = await Graph.init(`${directory.path}/g`, "node A { k: String @key e: enum(x) }");
    const add = 'query q() { insert A { k: "a", e: "y" } }';
    await expect(graph.mutate(add)).rejects.toThrow();
    await graph.applySchema("node A { k: String @key e: enum(x, y) }");
    expect(await graph.mutate(add)).toMatchObject({ affectedNodes: 1 });
  });
});

describe("ADR 0009 the cost does not follow the rows", () => {
  const MIGRATED = RENAMED.replace("years: I32? @rename_from(\"age\")", "city: String? v: Vector(8)?");

  async function migrate(rowCount: number): Promise<{ readonly effects: readonly string[]; readonly byteCount: number; readonly revisions: readonly unknown[] }> {
    const effects: string[] = [];
    await using directory = await makeTempDir();
    const root = `${directory.path}/graph`;
    const wrapStorage: GraphComponents["wrapStorage"] = (storage) => hookGraphStorage(storage, { beforeEffect: (effect: DatasetEffect) => void effects.push(effect.kind) });
    await using graph = await Graph.init(root, SCHEMA, { components: { wrapStorage } });
    const lines = Array.from({ length: rowCount }, (_, row) => `{"type":"Person","data":{"name":"p${row}","age":${row}}}`);
    await graph.load(lines.join("\n"), { mode: "append" });
    effects.length = 0;
    const bytesBefore = bytesBelow(root);
    await graph.applySchema(MIGRATED);
    const byteCount = bytesBelow(root) - bytesBefore;
    await using opened = await openGraph(root, { mode: "ro" }).then((result) => Object.assign(result, { [Symbol.asyncDispose]: () => result.resources.dispose() }));
    const entry = (await graph.snapshot()).entries.get("node:Human");
    if (entry === undefined) throw new Error("Human is shown");
    const dataset = await opened.access.storage.datasets.openPinned(entry.location, entry.publishedVersion);
    const revisions = new Set<unknown>();
    for await (const batch of dataset.scan({ columns: [REVISION_COLUMN] })) for (const value of valuesOf(batch, REVISION_COLUMN)) revisions.add(value);
    expect((await graph.query("query q() { match { $p: Human } return { count($p) } }")).rowCount).toBe(1);
    return { effects, byteCount, revisions: [...revisions] };
  }

  test("50,000 rows move as few bytes as 50, and no row is rewritten", async () => {
    const [few, many] = [await migrate(50), await migrate(50_000)];
    expect(few.effects).toEqual(["dropColumns", "addColumns"]);
    expect(many.effects).toEqual(few.effects);
    expect(many.byteCount).toBeLessThan(few.byteCount + 16_384);
    // SA-11: `__rev` still says which version wrote the row, since none wrote it now.
    expect(many.revisions).toEqual(few.revisions);
    expect(few.revisions).toHaveLength(1);
  }, 30_000);

  function bytesBelow(directory: string): number {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  }
});

describe("§16.4 drops", () => {
  const DROPPED = "node Person { name: String @key } node Other { z: I32? }";

  test("soft: the version before still shows everything", () =>
    withGraph(async ({ graph }) => {
      const before = { id: await graph.headCommitId(), records: await exportRecords(graph) };
      const { steps } = await graph.applySchema(DROPPED);
      expect(steps.filter((step) => "mode" in step).map((step) => "mode" in step && step.mode)).toEqual(["soft", "soft", "soft"]);
      expect(await exportRecords(graph, { snapshot: before.id })).toEqual(before.records);
    }));

  test("SA-7 SN-9 hard: dropped data is gone from earlier versions too, everything else works", () =>
    withGraph(async ({ graph, root }) => {
      const before = await graph.headCommitId();
      const { steps } = await graph.applySchema(DROPPED, { allowDataLoss: true });
      expect(steps.filter((step) => "mode" in step).map((step) => "mode" in step && step.mode)).toEqual(["hard", "hard", "hard"]);
      await graph.close();

      await using reopened = await Graph.open(root, { mode: "rw" });
      const old = { target: { snapshot: before } };
      await expect(reopened.query(AGES, old)).rejects.toMatchObject({ code: "HISTORICAL_VERSION_RECLAIMED", category: "gone" });
      await expect(reopened.query("query q() { match { $p: Place } return { $p.label } }", old)).rejects.toMatchObject({ category: "gone" });
      expect(await exportRecords(reopened)).toHaveLength(2);
      await reopened.load('{"type":"Person","data":{"name":"cy"}}', { mode: "append" });
      const opened = await openGraph(root, { mode: "rw" });
      await expectAtRest(opened);
      await opened.resources.dispose();
      await reopened.branchCreate("after");
      await reopened.mutate('query q() { insert Person { name: "dee" } }', { branch: "after" });
      expect(await exportRecords(reopened, { branch: "after" })).toHaveLength(4);
    }));

  test("SA-7 a failing removal does not fail the apply", () =>
    withGraph(
      async ({ graph }) => {
        expect(await graph.applySchema(DROPPED, { allowDataLoss: true })).toMatchObject({ applied: true });
        expect(await exportRecords(graph)).toHaveLength(2);
        await graph.load('{"type":"Person","data":{"name":"cy"}}', { mode: "append" });
      },
      {
        wrapStorage: (storage) => ({
          ...storage,
          administration: new Proxy(storage.administration, {
            get(target, name): unknown {
              if (name === "prune" || name === "drop") return () => Promise.reject(new Error("no space"));
              const member: unknown = Reflect.get(target, name);
              return typeof member === "function" ? (member.bind(target) as unknown) : member;
            },
          }),
          close: () => storage.close(),
        }),
      },
    ));
});

describe("SA-3 beside others", () => {
  async function withProcesses(run: (rig: Rig & { readonly process: SimulatedProcess }) => Promise<void>): Promise<void> {
    await withGraph(async ({ graph, root }) => {
      await graph.close();
      await using process = await SimulatedProcess.start(root, LEASELESS);
      await run({ graph: await process.handle(), root, process });
    });
  }

  test("writers of the same process wait, and meet the new schema; reads go on", () =>
    withProcesses(async ({ graph, process }) => {
      const other = await process.handle();
      const { reached, release } = park(process, FAILPOINT.schemaAfterStagingWrite);
      const applying = graph.applySchema(WITH_CITY);
      await reached;
      let isLoaded = false;
      const loading = other.load('{"type":"Person","data":{"name":"cy","city":"rome"}}', { mode: "append" }).then(() => (isLoaded = true));
      const again = other.applySchema(WITH_CITY);
      expect((await other.query(AGES)).rowCount).toBe(2);
      expect(isLoaded).toBe(false);
      release();
      expect(await applying).toMatchObject({ applied: true, graphManifestVersion: 3 });
      await loading;
      expect(await again).toMatchObject({ applied: false });
      expect(await exportRecords(other)).toHaveLength(5);
    }));

  test("SA-3 those of another process are refused by name, and succeed afterwards", () =>
    withProcesses(async ({ graph, root, process }) => {
      await using other = await SimulatedProcess.start(root, LEASELESS);
      const foreign = await other.handle();
      const { reached, release } = park(process, FAILPOINT.sidecarWrite);
      const applying = graph.applySchema(WITH_CITY);
      await reached;
      await expect(foreign.load(DATA, { mode: "merge" })).rejects.toThrow("load is unavailable while schema apply is in progress");
      await expect(foreign.branchCreate("b")).rejects.toThrow(/^branch.create is unavailable while schema apply is in progress/);
      expect((await foreign.query(AGES)).rowCount).toBe(2);
      const second = await foreign.applySchema(WITH_CITY).catch((error: unknown) => error);
      expect(second).toBeInstanceOf(SchemaApplyInProgressError);
      expect(second).toMatchObject({ message: "schema apply is already in progress", category: "conflict" });
      process.failpoints.disarm(FAILPOINT.sidecarWrite);
      release();
      expect(await applying).toMatchObject({ applied: true });
      await foreign.mutate('query q() { insert Person { name: "dee" } }');
      expect(await exportRecords(foreign)).toHaveLength(5);
    }));

  test("SA-3 OCC-21 those of another process that meet its sidecar are refused at once", () =>
    withProcesses(async ({ graph, root, process }) => {
      await using other = await SimulatedProcess.start(root, LEASELESS);
      const foreign = await other.handle();
      const { reached, release } = park(process, FAILPOINT.schemaAfterStagingWrite);
      const applying = graph.applySchema(WITH_CITY);
      await reached;
      const startMs = performance.now();
      const refusals = [
        await refusalOf(foreign.load(DATA, { mode: "merge" })),
        await refusalOf(foreign.mutate('query q() { insert Person { name: "dee" } }')),
        await refusalOf(foreign.applySchema(WITH_CITY)),
        await refusalOf(foreign.branchCreate("b")),
      ];
      const waitedMs = performance.now() - startMs;
      expect((await foreign.query(AGES)).rowCount).toBe(2);
      // Before anything is expected: an apply that stays parked would keep the processes from ending.
      release();
      expect(await applying).toMatchObject({ applied: true });
      expect(refusals).toEqual(["WRITER_BUSY", "WRITER_BUSY", "WRITER_BUSY", "SCHEMA_APPLY_IN_PROGRESS"]);
      expect(waitedMs).toBeLessThan(5_000);
      await foreign.mutate('query q() { insert Person { name: "dee" } }');
      expect(await exportRecords(foreign)).toHaveLength(5);
    }));

  test.each([FAILPOINT.sidecarWrite, FAILPOINT.schemaAfterStagingWrite])("SA-1b opening beside a live apply (%s) leaves its lock alone", (failpoint) =>
    withProcesses(async ({ graph, root, process }) => {
      const { reached, release } = park(process, failpoint);
      const applying = graph.applySchema(WITH_CITY);
      await reached;
      await using other = await SimulatedProcess.start(root, LEASELESS);
      const foreign = await other.handle();
      const refusal = await refusalOf(foreign.branchCreate("b"));
      process.failpoints.disarm(failpoint);
      release();
      expect(await applying).toMatchObject({ applied: true });
      expect(refusal).toBe("SCHEMA_APPLY_IN_PROGRESS");
      await foreign.branchCreate("b");
      expect(await foreign.query(AGES, { target: { branch: "b" } })).toMatchObject({ rowCount: 2 });
    }));

  test("SA-1a A09 a commit of another process in between is a conflict, and the next try succeeds", () =>
    withProcesses(async ({ graph, root }) => {
      await using other = await SimulatedProcess.start(root, LEASELESS);
      const foreign = await other.handle();
      const outrun = graph.applySchema(WITH_CITY, {
        validateCatalog: async () => {
          await foreign.load('{"type":"Place","data":{"label":"oslo"}}', { mode: "append" });
        },
      });
      const error: unknown = await outrun.catch((cause: unknown) => cause);
      expect(error).toMatchObject({ category: "conflict", effects: "none", details: { read_set_conflict: { member: "graph_head:main" } } });
      expect((error as Error).message).toMatch(/^schema apply lost its write lease: main was at version 2 and is now at version 3/);
      expect(error).not.toBeInstanceOf(ReadSetChangedError);
      expect(await graph.applySchema(WITH_CITY)).toMatchObject({ applied: true, graphManifestVersion: 4 });
    }));

  test.each([FAILPOINT.schemaAfterManifestCommit, FAILPOINT.schemaBeforePromotionRename])(
    "OP-9 published but not promoted (%s): opening for reading asks for recovery, opening for writing gives new and new",
    (failpoint) =>
      withGraph(async ({ graph, root }) => {
        await graph.close();
        {
          await using process = await SimulatedProcess.start(root);
          process.dieAt(failpoint, failpoint === FAILPOINT.schemaAfterManifestCommit ? 1 : 3);
          const handle = await process.handle();
          await expect(handle.applySchema(WITH_CITY)).rejects.toThrow();
        }
        await expect(Graph.open(root, { mode: "ro" })).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
        await using process = await SimulatedProcess.start(root);
        const healed = await process.handle();
        expect(healed.schema.source).toBe(WITH_CITY);
        expect(await healed.applySchema(WITH_CITY)).toMatchObject({ applied: false });
        await expectAtRest(process.graph);
      }),
  );

  test("SA-1b a lock left by a dead process ends with the next opening for writing", () =>
    withGraph(async ({ graph, root }) => {
      await graph.close();
      {
        await using process = await SimulatedProcess.start(root);
        process.dieAt(FAILPOINT.sidecarWrite);
        const handle = await process.handle();
        await expect(handle.applySchema(WITH_CITY)).rejects.toThrow();
      }
      await using process = await SimulatedProcess.start(root);
      const next = await process.handle();
      expect(next.schema.source).toBe(SCHEMA);
      expect(await next.branchList()).toEqual(["main"]);
      expect(await next.applySchema(WITH_CITY)).toMatchObject({ applied: true });
    }));

  describe("Q14 a text that differs in comments or layout only", () => {
    const COMMENTED = `// people and places\n${SCHEMA}`;

    test("is stored on request: no commit, no version, and open handles go on", () =>
      withGraph(async ({ graph, root }) => {
        const { graphManifestVersion } = await graph.snapshot();
        await using reader = await Graph.open(root, { mode: "ro" });
        const receipt = await graph.applySchema(COMMENTED, { storesEveryText: true });
        expect(receipt).toMatchObject({ applied: false, commit: null, graphManifestVersion });
        await using reopened = await Graph.open(root, { mode: "ro" });
        expect(reopened.schema.source).toBe(COMMENTED);
        for (const handle of [graph, reader, reopened]) expect((await handle.query(AGES)).rowCount).toBe(2);
        expect(await graph.applySchema(WITH_CITY, { storesEveryText: true })).toMatchObject({ applied: true });
      }));

    test("is not stored otherwise, and the stored text is not written again", () =>
      withGraph(async ({ graph, root }) => {
        const { mtimeNs } = statSync(join(root, "_schema.pg"), { bigint: true });
        await graph.applySchema(COMMENTED);
        await graph.applySchema(SCHEMA, { storesEveryText: true });
        await using reopened = await Graph.open(root, { mode: "ro" });
        expect(reopened.schema.source).toBe(SCHEMA);
        expect(statSync(join(root, "_schema.pg"), { bigint: true }).mtimeNs).toBe(mtimeNs);
      }));

    test("cannot slip in between another schema's stages", () =>
      withGraph(async ({ graph, root }) => {
        writeFileSync(join(root, "_schema.pg.staging"), "left by somebody");
        await expect(graph.applySchema(COMMENTED, { storesEveryText: true })).rejects.toMatchObject({ code: "SCHEMA_APPLY_IN_PROGRESS" });
      }));
  });
});
