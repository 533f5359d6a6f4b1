import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { initGraph } from "../../src/open/init-graph.js";
import { openGraph } from "../../src/open/open-graph.js";
import { SnapshotReader } from "../../src/open/snapshot-reader.js";
import { RecoveryAuditLog } from "../../src/recovery/recovery-audit.js";
import { SidecarStore } from "../../src/recovery/sidecar-store.js";
import { DELETE_IDS_PER_CALL_MAX } from "../../src/storage/dataset-gateway.js";
import type { WriteView } from "../../src/transaction/write-coordinator.js";
import { expectAtRest, readGraph } from "../../test-support/writes/check-graph.js";
import {
  appendCompanies,
  appendPersons,
  appendPersonsInBatches,
  appendWorksAt,
  deletePersons,
  DIRECT_SCHEMA,
  type DirectWrite,
  overwritePersons,
  stage,
  updatePersons,
} from "../../test-support/writes/direct-write.js";
import { SimulatedCrash, SimulatedProcess } from "../../test-support/writes/simulated-process.js";

interface WriterCase {
  readonly kind: "Mutation" | "Load";
  readonly datasetCount: number;
  readonly writes: readonly DirectWrite[];
}

const WRITERS: Readonly<Record<string, WriterCase>> = {
  "mutation insert": { kind: "Mutation", datasetCount: 1, writes: [appendPersons({ name: "cleo", age: 7 })] },
  "mutation update": { kind: "Mutation", datasetCount: 1, writes: [updatePersons({ name: "ann", age: 99 })] },
  "mutation delete": { kind: "Mutation", datasetCount: 1, writes: [deletePersons("bob")] },
  "load append of two types": {
    kind: "Load",
    datasetCount: 2,
    writes: [appendPersons({ name: "cleo", age: 7 }), appendCompanies("acme")],
  },
  "load merge of three types": {
    kind: "Load",
    datasetCount: 3,
    writes: [
      updatePersons({ name: "ann", age: 50 }),
      appendCompanies("acme"),
      appendWorksAt({ id: "e2", person: "ann", company: "acme" }),
    ],
  },
  "load overwrite of two types": {
    kind: "Load",
    datasetCount: 2,
    writes: [overwritePersons({ name: "dora", age: 1 }), appendCompanies("acme")],
  },
  "load of several batches": {
    kind: "Load",
    datasetCount: 2,
    writes: [appendPersonsInBatches({ name: "cleo", age: 7 }, { name: "dora", age: 8 }), appendCompanies("acme")],
  },
};

/** Crash points of a write with how often a write of `datasetCount` datasets passes them. */
function crashPoints(datasetCount: number): readonly (readonly [string, number])[] {
  const once = [
    FAILPOINT.leaseAcquire,
    FAILPOINT.sidecarList,
    FAILPOINT.postStagePreEffectGate,
    FAILPOINT.sidecarWrite,
    FAILPOINT.postSidecarPreFork,
    FAILPOINT.sidecarConfirm,
    FAILPOINT.postFinalizePrePublisher,
    FAILPOINT.publishBeforeCommit,
    FAILPOINT.publishAfterCommit,
    FAILPOINT.sidecarDelete,
  ] as const;
  const perDataset = [FAILPOINT.postForkPreCommit, FAILPOINT.postTableCommit] as const;
  const occurrences = Array.from({ length: datasetCount }, (_, index) => index + 1);
  return [...once.map((name) => [name, 1] as const), ...perDataset.flatMap((name) => occurrences.map((occurrence) => [name, occurrence] as const))];
}

/** A point at which a test holds a writer. */
class Gate {
  readonly reached: Promise<void>;
  open: () => void = () => undefined;
  #reach: () => void = () => undefined;

  constructor() {
    this.reached = new Promise((resolve) => (this.#reach = resolve));
  }

  pause(): Promise<void> {
    this.#reach();
    return new Promise((resolve) => (this.open = resolve));
  }
}

async function makeGraph(root: string): Promise<string> {
  const uri = `${root}/graph`;
  await initGraph(uri, DIRECT_SCHEMA);
  await using process = await SimulatedProcess.start(uri);
  await process.writer.write(
    { branch: null, actorId: null },
    stage("Load", appendPersons({ name: "ann", age: 1 }, { name: "bob", age: 2 }), appendCompanies("initech"), appendWorksAt({ id: "e1", person: "ann", company: "initech" })),
  );
  return uri;
}

async function stateOf(uri: string): Promise<unknown> {
  await using process = await SimulatedProcess.start(uri);
  return await readGraph(process.graph);
}

/** Runs the write until it dies; @returns whether the write was acknowledged */
async function crash(uri: string, writer: WriterCase, failpoint: string, occurrence: number): Promise<boolean> {
  await using process = await SimulatedProcess.start(uri);
  process.dieAt(failpoint, occurrence);
  try {
    await process.writer.write({ branch: null, actorId: "act-a" }, stage(writer.kind, ...writer.writes));
    return true;
  } catch (error) {
    // A crash after effects is reported as RecoveryRequired, one before them as itself.
    expect([error, (error as Error).cause].some((item) => item instanceof SimulatedCrash)).toBe(true);
    return false;
  } finally {
    expect(process.failpoints.hitCount(failpoint)).toBeGreaterThanOrEqual(occurrence);
  }
}

describe.each(Object.entries(WRITERS))("RC-1 G-1 G-3 %s", (_name, writer) => {
  test.each(crashPoints(writer.datasetCount))("dies at %s (%i) and is recovered by reopening", async (failpoint, occurrence) => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const before = await stateOf(uri);
    const isAcknowledged = await crash(uri, writer, failpoint, occurrence);
    let state: unknown;
    {
      await using process = await SimulatedProcess.start(uri);
      await expectAtRest(process.graph);
      state = await readGraph(process.graph);
    }
    if (isAcknowledged) expect(state).not.toEqual(before);
    await using again = await SimulatedProcess.start(uri);
    expect(await readGraph(again.graph)).toEqual(state);
    await expectAtRest(again.graph);
    // Whole or not at all: if it is not there, doing it again gives what it would have been.
    const isApplied = JSON.stringify(state) !== JSON.stringify(before);
    if (!isApplied) await again.writer.write({ branch: null, actorId: "act-a" }, stage(writer.kind, ...writer.writes));
    expect(await readGraph(again.graph)).toEqual(await expectedState(writer));
  });

  test.each(crashPoints(writer.datasetCount))("dies at %s (%i) and is recovered by the next writer process", async (failpoint, occurrence) => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    // This process was open all the time, so no open-time sweep helps it; it takes the dead one's lease over (LE-7).
    await using survivor = await SimulatedProcess.start(uri);
    const before = await readGraph(survivor.graph);
    await crash(uri, writer, failpoint, occurrence);
    await survivor.writer.write({ branch: null, actorId: "act-b" }, stage("Mutation", appendCompanies("after")));
    await expectAtRest(survivor.graph);
    const state = (await readGraph(survivor.graph)) as Record<string, [string, unknown][]>;
    const companies = state["node:Company"] ?? [];
    expect(companies.map(([id]) => id)).toContain("after");
    const withoutOwn = { ...state, "node:Company": companies.filter(([id]) => id !== "after") };
    expect([before, await expectedState(writer)]).toContainEqual(withoutOwn);
  });
});

const expectedStates = new Map<WriterCase, unknown>();

async function expectedState(writer: WriterCase): Promise<unknown> {
  const known = expectedStates.get(writer);
  if (known !== undefined) return known;
  await using dir = await makeTempDir();
  const uri = await makeGraph(dir.path);
  await using process = await SimulatedProcess.start(uri);
  await process.writer.write({ branch: null, actorId: null }, stage(writer.kind, ...writer.writes));
  const state = await readGraph(process.graph);
  expectedStates.set(writer, state);
  return state;
}

describe("G-11 a crash during recovery", () => {
  const CRASHES = [
    { at: FAILPOINT.postTableCommit, recovery: [FAILPOINT.postListPreGates, FAILPOINT.rollBackPostRestore, FAILPOINT.publishBeforeCommit, FAILPOINT.publishAfterCommit, FAILPOINT.recordAudit, FAILPOINT.sidecarDelete], kind: "RolledBack" },
    { at: FAILPOINT.postFinalizePrePublisher, recovery: [FAILPOINT.postListPreGates, FAILPOINT.beforeRollForwardPublish, FAILPOINT.publishBeforeCommit, FAILPOINT.publishAfterCommit, FAILPOINT.recordAudit, FAILPOINT.sidecarDelete], kind: "RolledForward" },
  ] as const;
  const cases = CRASHES.flatMap(({ at, recovery, kind }) => recovery.map((point) => [at, point, kind] as const));

  test.each(cases)("RC-37 RC-48 RC-62 write dies at %s, recovery at %s: %s once", async (at, point, kind) => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await crash(uri, WRITERS["load append of two types"] as WriterCase, at, 1);
    const recovering = new SimulatedProcess();
    recovering.dieAt(point);
    await expect(recovering.open(uri)).rejects.toBeInstanceOf(SimulatedCrash);
    await using process = await SimulatedProcess.start(uri);
    await expectAtRest(process.graph);
    const { objects, layout } = process.graph.access;
    const audits = await new RecoveryAuditLog(objects, layout, process.failpoints).list();
    expect(audits.map((audit) => audit.recoveryKind)).toEqual([kind]);
    expect(audits[0]?.recoveryForActor).toBe("act-a");
    expect(audits[0]?.sidecarWriterKind).toBe("Load");
  });
});

describe("LE-8 two writers without leases that both die", () => {
  test("RC-20 neither is finished with the other's effects", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const leaseless = { lease: { isEnabled: false } };
    await using slow = await SimulatedProcess.start(uri, leaseless);
    await using fast = await SimulatedProcess.start(uri, leaseless);
    const slowArming = new Gate();
    const fastArmed = new Gate();
    slow.failpoints.arm(FAILPOINT.sidecarWrite, () => slowArming.pause());
    fast.failpoints.arm(FAILPOINT.postSidecarPreFork, () => fastArmed.pause());
    slow.dieAt(FAILPOINT.postSidecarPreFork);
    fast.dieAt(FAILPOINT.postTableCommit);
    const two = slow.writer.write({ branch: null, actorId: null }, stage("Mutation", appendPersons({ name: "x", age: 1 }, { name: "y", age: 2 })));
    await slowArming.reached;
    const one = fast.writer.write({ branch: null, actorId: null }, stage("Mutation", appendPersons({ name: "z", age: 3 })));
    await fastArmed.reached;
    slowArming.open();
    await expect(two).rejects.toThrow();
    fastArmed.open();
    await expect(one).rejects.toThrow();
    await using process = await SimulatedProcess.start(uri, leaseless);
    await expectAtRest(process.graph);
    expect((await readGraph(process.graph))["node:Person"]).toHaveLength(2);
  });

  test("WR-10 LE-8 a version that other hands made is undone, not published as the write it stopped", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const before = await stateOf(uri);
    {
      await using intruder = await SimulatedProcess.start(uri);
      await using process = await SimulatedProcess.start(uri);
      const { access, schema } = intruder.graph;
      const snapshot = await new SnapshotReader(access, schema).head(null);
      const foreign = appendPersons({ name: "x", age: 1 }, { name: "y", age: 2 })({ snapshot } as WriteView);
      process.hooks.beforeEffect = async () => {
        const entry = snapshot.entries.get("node:Person");
        if (entry === undefined) throw new Error("the graph has persons");
        for (const effect of foreign.effects) await access.storage.datasets.applyEffect(entry.location, effect, entry.publishedVersion);
      };
      const stopped = process.writer.write({ branch: null, actorId: null }, stage("Mutation", appendPersons({ name: "z", age: 3 })));
      await expect(stopped).rejects.toMatchObject({ code: "RECOVERY_REQUIRED", effects: "possible" });
    }
    await using process = await SimulatedProcess.start(uri);
    expect(await readGraph(process.graph)).toEqual(before);
    await expectAtRest(process.graph);
  });
});

/** Ids of a delete whose writer dies when the adapter turns to those of the second native call: the first has happened. */
class FatalIds extends Array<string> {
  die: (() => void) | undefined;

  override slice(start?: number, end?: number): string[] {
    if (start === undefined || start === 0 || this.die === undefined) return Array.from(this).slice(start, end);
    this.die();
    throw new SimulatedCrash("between two native calls");
  }
}

describe("a delete of several native calls", () => {
  const names = Array.from({ length: DELETE_IDS_PER_CALL_MAX + 1 }, (_, index) => `p${index}`);

  async function makeCrowd(root: string): Promise<string> {
    const uri = await makeGraph(root);
    await using process = await SimulatedProcess.start(uri);
    await process.writer.write({ branch: null, actorId: null }, stage("Load", appendPersons(...names.map((name) => ({ name, age: 1 })))));
    return uri;
  }

  function deleteCrowd(ids: readonly string[]): DirectWrite {
    return (view) => ({
      typeKey: "node:Person",
      strictness: "strict",
      effects: [{ kind: "deleteByIds", ids }],
      entityCountAfter: (view.snapshot.entries.get("node:Person")?.entityCount ?? 0) - ids.length,
    });
  }

  test("RC-12 RC-20 SUB-1 interrupted between its native calls, it is undone by the next read-write open", async () => {
    await using dir = await makeTempDir();
    const uri = await makeCrowd(dir.path);
    const before = await stateOf(uri);
    {
      await using process = await SimulatedProcess.start(uri);
      const { access, schema } = process.graph;
      const entry = (await new SnapshotReader(access, schema).head(null)).entries.get("node:Person");
      if (entry === undefined) throw new Error("the graph has persons");
      const ids = FatalIds.from(names) as FatalIds;
      ids.die = () => process.die();
      const deletion = process.writer.write({ branch: null, actorId: "act-a" }, stage("Mutation", deleteCrowd(ids)));
      await expect(deletion).rejects.toMatchObject({ code: "RECOVERY_REQUIRED", effects: "possible" });
      // The first native call took place, and the sidecar had promised two.
      const observer = await openGraph(uri, { mode: "ro" });
      const { storage, objects, layout, components } = observer.access;
      expect(await storage.datasets.headVersion(entry.location)).toBe(entry.publishedVersion + 1);
      const sidecars = new SidecarStore(objects, layout, components.failpoints);
      const sidecar = await sidecars.find((await sidecars.list())[0] ?? "");
      await observer.resources.dispose();
      expect(sidecar).toMatchObject({
        branch: null,
        requiresConfirmation: true,
        phase: "armed",
        pins: [{ expectedVersion: entry.publishedVersion, plannedVersion: entry.publishedVersion + 2 }],
      });
    }
    await using process = await SimulatedProcess.start(uri);
    await expectAtRest(process.graph);
    expect(await readGraph(process.graph)).toEqual(before);
    await process.writer.write({ branch: null, actorId: null }, stage("Mutation", deleteCrowd(names)));
    await expectAtRest(process.graph);
    expect((await readGraph(process.graph))["node:Person"]).toHaveLength(2);
  });

  test("RC-20 RC-21 with all its native calls but no confirmation, it is undone too", async () => {
    await using dir = await makeTempDir();
    const uri = await makeCrowd(dir.path);
    const before = await stateOf(uri);
    expect(await crash(uri, { kind: "Mutation", datasetCount: 1, writes: [deleteCrowd(names)] }, FAILPOINT.sidecarConfirm, 1)).toBe(false);
    await using process = await SimulatedProcess.start(uri);
    await expectAtRest(process.graph);
    expect(await readGraph(process.graph)).toEqual(before);
  });
});
