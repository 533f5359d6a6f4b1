import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { forkOwner } from "../../src/manifest/fork-name.js";
import type { BranchState, DatasetPin } from "../../src/manifest/manifest.js";
import { ReadSetChangedError } from "../../src/manifest/errors.js";
import { SidecarStore } from "../../src/recovery/sidecar-store.js";
import type { Sidecar } from "../../src/recovery/sidecar.js";
import { StorageError } from "../../src/storage/errors.js";
import { expectAtRest, readGraph } from "../../test-support/writes/check-graph.js";
import { appendCompanies, appendPersons, appendWorksAt, stage, updatePersons } from "../../test-support/writes/direct-write.js";
import { seedGraph } from "../../test-support/writes/seeded-graph.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

async function makeGraph(root: string): Promise<string> {
  const uri = `${root}/graph`;
  await seedGraph(uri);
  return uri;
}

async function branchOff(process: SimulatedProcess, name: string, source = "main"): Promise<void> {
  await process.graph.writing?.branches.create(name, source);
}

function on(branch: string | null): { readonly branch: string | null; readonly actorId: null } {
  return { branch, actorId: null };
}

async function stateOf(process: SimulatedProcess, branch: string | null): Promise<BranchState> {
  return process.graph.access.manifest.readState(branch);
}

function pinOf(state: BranchState, typeKey: string): DatasetPin {
  const pin = state.commit.pins.get(typeKey);
  if (pin === undefined) throw new Error(`no pin of ${typeKey}`);
  return pin;
}

function sidecarsOf(process: SimulatedProcess): SidecarStore {
  const { objects, layout, components } = process.graph.access;
  return new SidecarStore(objects, layout, components.failpoints);
}

describe("lazy forks", () => {
  test("BR-2 BR-3 BR-9 the first write of a type forks that dataset only, later ones write to the fork", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "review");
    const main = await stateOf(process, null);
    expect((await stateOf(process, "review")).commit).toEqual(main.commit);
    const { commit } = await process.writer.write(on("review"), stage("Mutation", appendPersons({ name: "cleo", age: 3 })));
    expect(commit).toMatchObject({ graphBranch: "review", graphManifestVersion: main.head.version + 1, parentCommitId: main.head.commitId });
    const first = await stateOf(process, "review");
    const fork = pinOf(first, "node:Person");
    expect(forkOwner(fork.location.nativeBranch ?? "")).toBe(first.head.incarnation);
    expect(fork.location.directory).toBe(pinOf(main, "node:Person").location.directory);
    expect(fork.publishedVersion).toBe(pinOf(main, "node:Person").publishedVersion + 1);
    expect(pinOf(first, "node:Company")).toEqual(pinOf(main, "node:Company"));
    expect(pinOf(first, "edge:WorksAt")).toEqual(pinOf(main, "edge:WorksAt"));
    await process.writer.write(on("review"), stage("Mutation", updatePersons({ name: "cleo", age: 4 })));
    const second = await stateOf(process, "review");
    expect(pinOf(second, "node:Person").location).toEqual(fork.location);
    expect((await readGraph(process.graph, "review"))["node:Person"]).toEqual([["ann", 1], ["bob", 2], ["cleo", 4]]);
    await expectAtRest(process.graph);
  });

  test("BR-4 G-6 a branch, its child and main do not see each other's writes", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "parent");
    await process.writer.write(on("parent"), stage("Mutation", appendPersons({ name: "cleo", age: 3 })));
    await branchOff(process, "child", "parent");
    await process.writer.write(on("child"), stage("Mutation", appendPersons({ name: "dora", age: 4 }), appendCompanies("acme")));
    await process.writer.write(on("parent"), stage("Mutation", updatePersons({ name: "ann", age: 9 })));
    await process.writer.write(on(null), stage("Mutation", appendPersons({ name: "emil", age: 5 })));
    const persons = async (branch: string | null): Promise<unknown> => (await readGraph(process.graph, branch))["node:Person"];
    expect(await persons(null)).toEqual([["ann", 1], ["bob", 2], ["emil", 5]]);
    expect(await persons("parent")).toEqual([["ann", 9], ["bob", 2], ["cleo", 3]]);
    expect(await persons("child")).toEqual([["ann", 1], ["bob", 2], ["cleo", 3], ["dora", 4]]);
    expect((await readGraph(process.graph, "parent"))["node:Company"]).toEqual([["initech", "initech"]]);
    const child = await stateOf(process, "child");
    expect(forkOwner(pinOf(child, "node:Person").location.nativeBranch ?? "")).toBe(child.head.incarnation);
    await expectAtRest(process.graph);
  });

  test("DG-7 RC-20 a fork of a fork needs its confirmation, and keyed writes find their rows in it", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "parent");
    await process.writer.write(on("parent"), stage("Mutation", appendPersons({ name: "cleo", age: 3 })));
    await branchOff(process, "child", "parent");
    let seen: Sidecar | undefined;
    process.failpoints.arm(FAILPOINT.postFinalizePrePublisher, async () => {
      const sidecars = sidecarsOf(process);
      seen = await sidecars.find((await sidecars.list())[0] ?? "");
    });
    await process.writer.write(on("child"), stage("Mutation", updatePersons({ name: "cleo", age: 30 })));
    const parent = pinOf(await stateOf(process, "parent"), "node:Person");
    const child = await stateOf(process, "child");
    expect(seen).toMatchObject({
      branch: "child",
      incarnation: child.head.incarnation,
      requiresConfirmation: true,
      phase: "effects_confirmed",
      pins: [{ forkedFrom: { nativeBranch: parent.location.nativeBranch, version: parent.publishedVersion }, expectedVersion: parent.publishedVersion }],
    });
    expect(seen?.pins[0]?.confirmedVersion).toBe(pinOf(child, "node:Person").publishedVersion);
    expect((await readGraph(process.graph, "child"))["node:Person"]).toEqual([["ann", 1], ["bob", 2], ["cleo", 30]]);
    await expectAtRest(process.graph);
  });

  test("Q-6 BR-3 siblings fork one dataset side by side, and main goes on writing to it", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const names = ["a", "b", "c", "d"];
    for (const name of names) await branchOff(process, name);
    await Promise.all(
      [null, ...names].flatMap((branch) =>
        [1, 2, 3].map((age) => process.writer.write(on(branch), stage("Mutation", appendPersons({ name: `${branch ?? "main"}${age}`, age })))),
      ),
    );
    for (const branch of [null, ...names]) {
      const persons = (await readGraph(process.graph, branch))["node:Person"] as readonly (readonly [string, number])[];
      expect(persons.map(([name]) => name)).toEqual(["ann", "bob", ...[1, 2, 3].map((age) => `${branch ?? "main"}${age}`)].sort());
    }
    const forks = await Promise.all(names.map(async (name) => pinOf(await stateOf(process, name), "node:Person").location.nativeBranch));
    expect(new Set(forks).size).toBe(names.length);
    await expectAtRest(process.graph);
  });

  test("BR-50 of two first writes to a type on a branch the second goes to the fork of the first", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "review");
    let forkCount = 0;
    process.failpoints.arm(FAILPOINT.postSidecarPreFork, async () => {
      const sidecars = sidecarsOf(process);
      const sidecar = await sidecars.find((await sidecars.list())[0] ?? "");
      forkCount += sidecar?.pins.filter((pin) => pin.forkedFrom !== null).length ?? 0;
    });
    let arrived = 0;
    let open: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (open = resolve));
    const write = (name: string): Promise<unknown> =>
      process.writer.write(on("review"), async (view) => {
        if (++arrived === 2) open();
        await both;
        return stage("Mutation", appendPersons({ name, age: 1 }))(view);
      });
    await Promise.all([write("x"), write("y")]);
    expect(forkCount).toBe(1);
    expect((await readGraph(process.graph, "review"))["node:Person"]).toHaveLength(4);
    await expectAtRest(process.graph);
  });

  test("OCC-20 a dataset that moved ahead on main does not keep a branch from forking it", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "review");
    await process.writer.write(on(null), stage("Mutation", appendPersons({ name: "emil", age: 5 })));
    const { location, publishedVersion } = pinOf(await stateOf(process, null), "node:Person");
    await process.graph.access.storage.administration.restore(location, publishedVersion);
    await process.writer.write(on("review"), stage("Mutation", appendPersons({ name: "cleo", age: 3 })));
    expect((await readGraph(process.graph, "review"))["node:Person"]).toEqual([["ann", 1], ["bob", 2], ["cleo", 3]]);
    await expect(process.writer.write(on(null), stage("Mutation", appendPersons({ name: "x", age: 1 })))).rejects.toThrow(/ahead of manifest version/);
  });

  test("BR-51 a fresh name that is taken is replaced by another one, and the sidecar knows it first", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "review");
    const { administration } = process.graph.access.storage;
    let taken: string | null = null;
    process.failpoints.arm(FAILPOINT.postSidecarPreFork, async () => {
      const sidecars = sidecarsOf(process);
      const pin = (await sidecars.find((await sidecars.list())[0] ?? ""))?.pins[0];
      if (pin === undefined) throw new Error("no sidecar");
      taken = pin.nativeBranch;
      await administration.fork({ directory: pin.directory, nativeBranch: null }, pin.expectedVersion, { directory: pin.directory, nativeBranch: taken });
    });
    await process.writer.write(on("review"), stage("Mutation", appendPersons({ name: "cleo", age: 3 })));
    const { location } = pinOf(await stateOf(process, "review"), "node:Person");
    expect(taken).not.toBeNull();
    expect(location.nativeBranch).not.toBe(taken);
    await administration.deleteFork({ ...location, nativeBranch: taken });
    await expectAtRest(process.graph);
  });

  test("BR-6 a prepared write does not reach a branch that was re-created under its name", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "review");
    const write = process.writer.write(on("review"), async (view) => {
      await process.graph.writing?.branches.delete("review", null);
      await branchOff(process, "review");
      return stage("Mutation", updatePersons({ name: "ann", age: 5 }))(view);
    });
    await expect(write).rejects.toBeInstanceOf(ReadSetChangedError);
    await expect(write).rejects.toMatchObject({ member: "branch_incarnation:review" });
    await expectAtRest(process.graph);
  });
});

describe("pointers", () => {
  const pointTo =
    (pin: DatasetPin, mergedParentCommitId?: string) =>
    (): Promise<{ staged: { writerKind: "BranchMerge"; datasets: []; pointers: DatasetPin[]; mergedParentCommitId?: string }; result: undefined }> =>
      Promise.resolve({
        staged: { writerKind: "BranchMerge", datasets: [], pointers: [pin], ...(mergedParentCommitId === undefined ? {} : { mergedParentCommitId }) },
        result: undefined,
      });

  test("MG-6 RC-3 an entry is switched to another version by the publish alone, with both parents", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "review");
    await process.writer.write(on(null), stage("Mutation", appendPersons({ name: "emil", age: 5 })));
    const main = await stateOf(process, null);
    process.dieAt(FAILPOINT.sidecarWrite);
    const { commit } = await process.writer.write(on("review"), pointTo(pinOf(main, "node:Person"), main.head.commitId));
    expect(commit).toMatchObject({ graphBranch: "review", mergedParentCommitId: main.head.commitId });
    expect(await readGraph(process.graph, "review")).toEqual(await readGraph(process.graph));
    await expectAtRest(process.graph);
  });

  test("MG-41 MAN-7 a pointer to what is shown already is left out, and the lineage commit stays", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "review");
    const before = await stateOf(process, "review");
    const { commit } = await process.writer.write(on("review"), pointTo(pinOf(before, "node:Person"), before.head.commitId));
    expect(commit?.graphManifestVersion).toBe(before.head.version + 1);
    expect((await stateOf(process, "review")).commit.pins).toEqual(before.commit.pins);
  });

  test("BR-4 an entry cannot be switched to a fork of another branch", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "a");
    await branchOff(process, "b");
    await process.writer.write(on("a"), stage("Mutation", appendPersons({ name: "cleo", age: 3 })));
    const foreign = pinOf(await stateOf(process, "a"), "node:Person");
    await expect(process.writer.write(on("b"), pointTo(foreign))).rejects.toMatchObject({ code: "MANIFEST_INVARIANT_VIOLATION" });
    await expect(process.writer.write(on(null), pointTo(foreign))).rejects.toMatchObject({ code: "MANIFEST_INVARIANT_VIOLATION" });
    await expectAtRest(process.graph);
  });

  test("merge §2.4 a branch adopts the state of another one by a fork of its own, without any other effect", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await branchOff(process, "a");
    await branchOff(process, "b");
    await process.writer.write(on("a"), stage("Mutation", appendPersons({ name: "cleo", age: 3 })));
    const source = await stateOf(process, "a");
    const forkFrom = pinOf(source, "node:Person");
    await process.writer.write(on("b"), () =>
      Promise.resolve({
        staged: {
          writerKind: "BranchMerge",
          mergedParentCommitId: source.head.commitId,
          datasets: [{ typeKey: "node:Person", strictness: "strict", effects: [], entityCountAfter: forkFrom.entityCount, forkFrom }],
        },
        result: undefined,
      }),
    );
    const target = await stateOf(process, "b");
    expect(forkOwner(pinOf(target, "node:Person").location.nativeBranch ?? "")).toBe(target.head.incarnation);
    await process.writer.write(on("b"), stage("Mutation", updatePersons({ name: "cleo", age: 33 })));
    expect((await readGraph(process.graph, "b"))["node:Person"]).toEqual([["ann", 1], ["bob", 2], ["cleo", 33]]);
    expect((await readGraph(process.graph, "a"))["node:Person"]).toEqual([["ann", 1], ["bob", 2], ["cleo", 3]]);
    await expectAtRest(process.graph);
  });
});

describe("failures around a fork", () => {
  test("RC-17 the sidecar names the fork before it exists, and a failed fork is left to recovery", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    {
      await using process = await SimulatedProcess.start(uri);
      await branchOff(process, "review");
      const { administration } = process.graph.access.storage;
      const fork = administration.fork.bind(administration);
      let armed: Sidecar | undefined;
      administration.fork = async () => {
        const sidecars = sidecarsOf(process);
        armed = await sidecars.find((await sidecars.list())[0] ?? "");
        throw new StorageError("Permanent", "disk full");
      };
      const write = process.writer.write(on("review"), stage("Mutation", appendPersons({ name: "cleo", age: 3 })));
      await expect(write).rejects.toMatchObject({ code: "RECOVERY_REQUIRED", effects: "possible", cause: { message: "disk full" } });
      administration.fork = fork;
      const { head } = await stateOf(process, "review");
      expect(forkOwner(armed?.pins[0]?.nativeBranch ?? "")).toBe(head.incarnation);
      expect(armed?.pins[0]?.forkedFrom).toEqual({ nativeBranch: null, version: armed?.pins[0]?.expectedVersion });
    }
    await using reopened = await SimulatedProcess.start(uri);
    await reopened.writer.write(on("review"), stage("Mutation", appendPersons({ name: "dora", age: 4 }), appendWorksAt({ id: "e9", person: "dora", company: "initech" })));
    expect((await readGraph(reopened.graph, "review"))["node:Person"]).toEqual([["ann", 1], ["bob", 2], ["dora", 4]]);
    await expectAtRest(reopened.graph);
  });

  test("LE-8 BR-50 without leases two processes that fork one type at once lose no acknowledged row", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const leaseless = { lease: { isEnabled: false } };
    const acknowledged: string[] = ["ann", "bob"];
    {
      await using first = await SimulatedProcess.start(uri, leaseless);
      await using second = await SimulatedProcess.start(uri, leaseless);
      await branchOff(first, "review");
      const work = async (process: SimulatedProcess, prefix: string): Promise<void> => {
        for (let age = 0; age < 4; age++) {
          try {
            await process.writer.write(on("review"), stage("Mutation", appendPersons({ name: `${prefix}${age}`, age })));
            acknowledged.push(`${prefix}${age}`);
          } catch (error) {
            expect((error as { code?: string }).code).toMatch(/READ_SET_CHANGED|WRITER_BUSY|MISMATCH|RECOVERY|DATASET|CONTENTION|STORAGE/);
          }
        }
      };
      await Promise.all([work(first, "a"), work(second, "b")]);
    }
    await using after = await SimulatedProcess.start(uri);
    await expectAtRest(after.graph);
    const persons = (await readGraph(after.graph, "review"))["node:Person"] as readonly (readonly [string, number])[];
    expect(persons.map(([name]) => name)).toEqual(expect.arrayContaining(acknowledged));
    expect((await readGraph(after.graph))["node:Person"]).toHaveLength(2);
  });
});
