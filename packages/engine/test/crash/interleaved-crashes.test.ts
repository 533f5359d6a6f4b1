import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { openGraph } from "../../src/open/open-graph.js";
import { SnapshotReader } from "../../src/open/snapshot-reader.js";
import { SidecarStore } from "../../src/recovery/sidecar-store.js";
import { DELETE_IDS_PER_CALL_MAX } from "../../src/storage/dataset-gateway.js";
import type { WriteView } from "../../src/transaction/write-coordinator.js";
import { expectAtRest, readGraph } from "../../test-support/writes/check-graph.js";
import { appendPersons, type DirectWrite, stage } from "../../test-support/writes/direct-write.js";
import { seedGraph } from "../../test-support/writes/seeded-graph.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";
import { SimulatedCrash } from "../../test-support/writes/storage-changes.js";

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
  await seedGraph(uri);
  return uri;
}

async function stateOf(uri: string): Promise<unknown> {
  await using process = await SimulatedProcess.start(uri);
  return await readGraph(process.graph);
}

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
    {
      await using process = await SimulatedProcess.start(uri);
      process.dieAt(FAILPOINT.sidecarConfirm);
      await expect(process.writer.write({ branch: null, actorId: null }, stage("Mutation", deleteCrowd(names)))).rejects.toThrow();
    }
    await using process = await SimulatedProcess.start(uri);
    await expectAtRest(process.graph);
    expect(await readGraph(process.graph)).toEqual(before);
  });
});
