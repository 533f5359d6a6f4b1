import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { SCHEMA_LOCK_BRANCH } from "../../src/manifest/branch-names.js";
import { ReadSetChangedError, SchemaApplyInProgressError } from "../../src/manifest/errors.js";
import type { DatasetPin } from "../../src/manifest/manifest.js";
import { StorageError } from "../../src/storage/errors.js";
import { ForkNamesTakenError } from "../../src/transaction/errors.js";
import type { StagedWrite } from "../../src/transaction/staged-write.js";
import type { PreparedWrite, WriteView } from "../../src/transaction/write-coordinator.js";
import { expectAtRest, readGraph } from "../../test-support/writes/check-graph.js";
import { appendCompanies, appendPersons, stage, updatePersons } from "../../test-support/writes/direct-write.js";
import { seedGraph } from "../../test-support/writes/seeded-graph.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

const MAIN = { branch: null, actorId: null } as const;
const REVIEW = { branch: "review", actorId: null } as const;

async function makeGraph(root: string): Promise<string> {
  const uri = `${root}/graph`;
  await seedGraph(uri);
  return uri;
}

function pinOf(view: WriteView, typeKey: string): DatasetPin {
  const pin = view.state.commit.pins.get(typeKey);
  if (pin === undefined) throw new Error(`no pin of ${typeKey}`);
  return pin;
}

function staged(make: (view: WriteView) => StagedWrite): (view: WriteView) => Promise<PreparedWrite<undefined>> {
  return (view) => Promise.resolve({ staged: make(view), result: undefined });
}

/** Compacts the persons, whether there is anything to compact or not. */
const compactPersons = staged((view) => ({
  writerKind: "Optimize",
  datasets: [{ typeKey: "node:Person", strictness: "merge", effects: [{ kind: "compact" }], entityCountAfter: pinOf(view, "node:Person").entityCount }],
}));

describe("maintenance", () => {
  test("RC-22 MAN-7 an optimization that changed something is one commit, one that changed nothing is none", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    for (let age = 0; age < 3; age++) await process.writer.write(MAIN, stage("Mutation", appendPersons({ name: `p${age}`, age })));
    const before = await readGraph(process.graph);
    const { commit } = await process.writer.write(MAIN, compactPersons);
    expect(commit).not.toBeNull();
    await process.writer.write(MAIN, compactPersons);
    const idle = await process.writer.write(MAIN, compactPersons);
    expect(idle.commit).toBeNull();
    expect(await readGraph(process.graph)).toEqual(before);
    await expectAtRest(process.graph);
  });

  test("MT-43 RC-3 an entry that follows a version made by other hands is published without a sidecar", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const { access } = process.graph;
    const { commit } = await access.manifest.readState(null);
    const location = commit.pins.get("node:Person")?.location ?? { directory: "", nativeBranch: null };
    const headVersion = await access.storage.administration.restore(location, commit.pins.get("node:Person")?.publishedVersion ?? 0);
    process.dieAt(FAILPOINT.sidecarWrite);
    await process.writer.write(
      { branch: null, actorId: "omnigraph:repair:force" },
      staged((view) => ({
        writerKind: "Repair",
        datasets: [],
        pointers: [{ ...pinOf(view, "node:Person"), publishedVersion: headVersion, revisionFloor: headVersion }],
      })),
    );
    const repaired = await access.manifest.readState(null);
    expect(repaired.commit.pins.get("node:Person")).toMatchObject({ publishedVersion: headVersion, revisionFloor: headVersion });
    await expectAtRest(process.graph);
  });

  test("MAN-24 MT-14 a compaction of the manifest does not lose against writers, whatever their branches", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await process.graph.writing?.branches.create("review", "main");
    let isDone = false;
    const writeOn = async (options: typeof MAIN | typeof REVIEW): Promise<void> => {
      while (!isDone) await process.writer.write(options, stage("Load"));
    };
    const writers = Promise.all([writeOn(MAIN), writeOn(REVIEW)]);
    try {
      for (let round = 0; round < 3; round++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        expect(await process.graph.writing?.writer.compactManifest()).toMatchObject({ fragmentsAdded: 1 });
      }
    } finally {
      isDone = true;
      await writers;
    }
    await expectAtRest(process.graph);
  });
});

describe("a schema apply of another process", () => {
  test("SA-3 Q-3 keeps writers away with their own name for what they do, also one that had prepared before", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const { writing, access } = process.graph;
    const lock = async (): Promise<void> => {
      const main = await access.manifest.readState(null);
      await writing?.registry.create({ name: SCHEMA_LOCK_BRANCH, incarnation: "01JZ0V9M3XK7B1N5Q8R2T4W6YZ", parent: null }, main, () => undefined);
    };
    const late = process.writer.write({ ...MAIN, operation: "load" }, async (view) => {
      await lock();
      return stage("Load", appendCompanies("acme"))(view);
    });
    await expect(late).rejects.toBeInstanceOf(SchemaApplyInProgressError);
    await expect(late).rejects.toThrow("load is unavailable while schema apply is in progress");
    const next = process.writer.write({ ...MAIN, operation: "mutate" }, stage("Mutation", appendCompanies("acme")));
    await expect(next).rejects.toThrow("mutate is unavailable while schema apply is in progress");
    await writing?.registry.remove(SCHEMA_LOCK_BRANCH, "01JZ0V9M3XK7B1N5Q8R2T4W6YZ");
    await process.writer.write(MAIN, stage("Mutation", appendCompanies("acme")));
    await expectAtRest(process.graph);
  });
});

describe("branches", () => {
  test("BR-6 a write that means one incarnation does not reach another one of the same name", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const { writing, access } = process.graph;
    await writing?.branches.create("review", "main");
    const { head } = await access.manifest.readState("review");
    await writing?.branches.delete("review", null);
    await writing?.branches.create("review", "main");
    const write = process.writer.write({ ...REVIEW, incarnation: head.incarnation }, stage("Mutation", updatePersons({ name: "ann", age: 5 })));
    await expect(write).rejects.toBeInstanceOf(ReadSetChangedError);
    await expect(write).rejects.toMatchObject({ member: "branch_incarnation:review", expected: head.incarnation });
  });

  test("BR-51 when every fresh name is taken the error names cleanup, and nothing is lost", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    {
      await using process = await SimulatedProcess.start(uri);
      await process.graph.writing?.branches.create("review", "main");
      const { administration } = process.graph.access.storage;
      administration.fork = () => Promise.reject(new StorageError("Precondition", "the native branch exists"));
      const write = process.writer.write(REVIEW, stage("Mutation", appendPersons({ name: "cleo", age: 3 })));
      await expect(write).rejects.toMatchObject({ code: "RECOVERY_REQUIRED", cause: expect.any(ForkNamesTakenError) as unknown });
      await expect(write).rejects.toThrow("run `omnigraph cleanup`");
    }
    await using reopened = await SimulatedProcess.start(uri);
    await reopened.writer.write(REVIEW, stage("Mutation", appendPersons({ name: "cleo", age: 3 })));
    expect((await readGraph(reopened.graph, "review"))["node:Person"]).toEqual([["ann", 1], ["bob", 2], ["cleo", 3]]);
    await expectAtRest(reopened.graph);
  });
});
