import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { Graph } from "../../src/graph.js";
import { StorageError } from "../../src/storage/errors.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";
import { addPerson, PEOPLE, persons, removePerson } from "./branch-fixture.js";

const NO_LEASE = { lease: { isEnabled: false } } as const;
const PERSON = "node:Person";

async function makeGraph(root: string): Promise<void> {
  const graph = await Graph.init(root, PEOPLE);
  await addPerson(graph, "ann");
  await graph.close();
}

async function start(count: number, root: string, settings = {}): Promise<{ readonly processes: readonly SimulatedProcess[]; readonly graphs: readonly Graph[] } & AsyncDisposable> {
  const processes: SimulatedProcess[] = [];
  const graphs: Graph[] = [];
  for (let index = 0; index < count; index++) {
    const process = await SimulatedProcess.start(root, settings);
    processes.push(process);
    graphs.push(await process.handle());
  }
  return {
    processes,
    graphs,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const process of processes) await process[Symbol.asyncDispose]();
    },
  };
}

/** A crash point at which somebody waits until he may go on. */
function park(process: SimulatedProcess, name: string): { readonly reached: Promise<void>; release(): void } {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    process.failpoints.arm(name, () => {
      resolve();
      return released;
    });
  });
  return { reached, release };
}

async function forksOf(graph: Graph, process: SimulatedProcess): Promise<readonly string[]> {
  const directory = (await graph.snapshot()).entries.get(PERSON)?.location.directory ?? "";
  return (await process.graph.access.storage.administration.listForks(directory)).map(({ nativeBranch }) => nativeBranch);
}

const codes = (outcomes: readonly PromiseSettledResult<unknown>[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.status === "fulfilled" ? "done" : (outcome.reason as { code: string }).code)).sort();

describe("MAN-49 BR-24 8 racing creates and deletes of one name: one wins per round, and every branch has its head", () => {
  test.each([
    ["8 processes without lease", 8, NO_LEASE],
    ["2 processes with lease", 2, {}],
  ])("%s", { timeout: 60_000 }, async (_name, processCount, settings) => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(processCount, dir.path, settings);
    const racers = Array.from({ length: 8 }, (_, index) => peers.graphs[index % processCount] as Graph);
    const lost = (code: string): readonly string[] => [...Array.from({ length: 7 }, () => code), "done"].sort();
    for (let round = 0; round < 3; round++) {
      const created = await Promise.allSettled(racers.map((graph) => graph.branchCreate("race")));
      expect(codes(created)).toEqual(lost("BRANCH_EXISTS"));
      const [state] = await Promise.all(racers.map((graph) => persons(graph, { branch: "race" })));
      expect(state).toEqual(["ann"]);
      const deleted = await Promise.allSettled(racers.map((graph) => graph.branchDelete("race")));
      expect(codes(deleted)).toEqual(lost("BRANCH_NOT_FOUND"));
      expect(await racers[0]?.branchList()).toEqual(["main"]);
    }
  });

  test("creates of 8 names at once all succeed, beside writers of main", { timeout: 60_000 }, async () => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(4, dir.path, NO_LEASE);
    const names = Array.from({ length: 8 }, (_, index) => `b${index}`);
    const [writer] = peers.graphs;
    if (writer === undefined) throw new Error("no writer");
    await Promise.all([...names.map((name, index) => (peers.graphs[index % 4] as Graph).branchCreate(name)), addPerson(writer, "bob"), addPerson(writer, "cid")]);
    expect(await writer.branchList()).toEqual(["main", ...names]);
    for (const name of names) expect(["1", "2", "3"]).toContain(String((await persons(writer, { branch: name })).length));
    expect(await persons(writer)).toEqual(["ann", "bob", "cid"]);
  });
});

test("BR-13 two names of which one is a path prefix of the other never both exist, whoever is first", async () => {
  await using dir = await makeTempDir();
  await makeGraph(dir.path);
  await using peers = await start(2, dir.path, NO_LEASE);
  const outcomes = await Promise.allSettled(peers.graphs.map((graph, index) => graph.branchCreate(index === 0 ? "a" : "a/b")));
  expect(codes(outcomes)).toEqual(["BRANCH_NAME_CONFLICT", "done"]);
});

test("BR-40 a branch is never deleted while a descendant of it is being created: one of the two fails", async () => {
  await using dir = await makeTempDir();
  await makeGraph(dir.path);
  await using peers = await start(2, dir.path, NO_LEASE);
  const [first, second] = peers.graphs;
  if (first === undefined || second === undefined) throw new Error("two graphs");
  for (let round = 0; round < 4; round++) {
    await first.branchCreate("parent");
    await Promise.allSettled([first.branchDelete("parent"), second.branchCreateFrom("parent", "child")]);
    const names = await first.branchList();
    expect([["main"], ["main", "child", "parent"]]).toContainEqual(names);
    for (const name of names.slice(1).sort()) await first.branchDelete(name);
  }
});

describe("BR-25 lost replies", () => {
  test("a create or delete whose merge landed is a success although its reply was an error", async () => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(1, dir.path);
    const [process] = peers.processes;
    const [graph] = peers.graphs;
    if (process === undefined || graph === undefined) throw new Error("one process");
    for (const kind of ["Transient", "Unknown"] as const) {
      const loseReply = (): void => {
        process.hooks.afterMerge = () => {
          delete process.hooks.afterMerge;
          throw new StorageError(kind, "reply lost");
        };
      };
      loseReply();
      await graph.branchCreate("review");
      expect(await persons(graph, { branch: "review" })).toEqual(["ann"]);
      loseReply();
      await graph.branchDelete("review");
      expect(await graph.branchList()).toEqual(["main"]);
    }
  });

  test("one whose merge did not land is reported as failed, changes nothing, and can be repeated", async () => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(1, dir.path);
    const [process] = peers.processes;
    const [graph] = peers.graphs;
    if (process === undefined || graph === undefined) throw new Error("one process");
    const fail = (): void => {
      process.hooks.beforeMerge = () => {
        delete process.hooks.beforeMerge;
        throw new StorageError("Permanent", "disk gone");
      };
    };
    fail();
    await expect(graph.branchCreate("review")).rejects.toThrow("disk gone");
    expect(await graph.branchList()).toEqual(["main"]);
    await graph.branchCreate("review");
    fail();
    await expect(graph.branchDelete("review")).rejects.toThrow("disk gone");
    expect(await graph.branchList()).toEqual(["main", "review"]);
    await graph.branchDelete("review");
  });
});

describe("BR-45 deleting a branch that is written to", () => {
  test.each([
    ["the same process", 1],
    ["another process", 2],
  ])("from %s waits for a running write", { timeout: 30_000 }, async (_name, count) => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(count, dir.path);
    const writer = peers.graphs[0] as Graph;
    const deleter = peers.graphs[count - 1] as Graph;
    await writer.branchCreate("review");
    const parked = park(peers.processes[0] as SimulatedProcess, FAILPOINT.postTableCommit);
    const written = addPerson(writer, "bob", { branch: "review" });
    await parked.reached;
    let isDeleted = false;
    const deleted = deleter.branchDelete("review").then(() => (isDeleted = true));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(isDeleted).toBe(false);
    parked.release();
    expect(await written).toMatch(/^[0-9A-Z]{26}$/);
    await deleted;
    expect(await writer.branchList()).toEqual(["main"]);
    expect(await persons(writer)).toEqual(["ann"]);
    expect(await forksOf(writer, peers.processes[0] as SimulatedProcess)).toEqual([]);
  });

  test.each([
    ["an update", (graph: Graph) => removePerson(graph, "ann", "review"), "READ_SET_CHANGED"],
    ["an insert", (graph: Graph) => addPerson(graph, "bob", { branch: "review" }), "BRANCH_NOT_FOUND"],
  ])("%s that was prepared before finds it gone", async (_name, write, code) => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(2, dir.path);
    const [writer, deleter] = peers.graphs as [Graph, Graph];
    await writer.branchCreate("review");
    const parked = park(peers.processes[0] as SimulatedProcess, FAILPOINT.postStagePreEffectGate);
    const written = write(writer);
    const outcome = expect(written).rejects.toMatchObject({ code });
    await parked.reached;
    await deleter.branchDelete("review");
    parked.release();
    await outcome;
  });

  test.each([
    ["an update", (graph: Graph) => removePerson(graph, "ann", "review")],
    ["an insert", (graph: Graph) => addPerson(graph, "bob", { branch: "review" })],
  ])("BR-6 %s never reaches another branch that was given its name", async (_name, write) => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(2, dir.path);
    const [writer, deleter] = peers.graphs as [Graph, Graph];
    await writer.branchCreate("review");
    const parked = park(peers.processes[0] as SimulatedProcess, FAILPOINT.postStagePreEffectGate);
    const outcome = expect(write(writer)).rejects.toMatchObject({ code: "READ_SET_CHANGED", member: "branch_incarnation:review" });
    await parked.reached;
    await deleter.branchDelete("review");
    await deleter.branchCreate("review");
    parked.release();
    await outcome;
    expect(await persons(deleter, { branch: "review" })).toEqual(["ann"]);
  });

  test("LE-8 without leases a write may be overtaken by the delete in the middle: nothing else is harmed", { timeout: 30_000 }, async () => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(2, dir.path, NO_LEASE);
    const [writer, deleter] = peers.graphs as [Graph, Graph];
    for (const point of [FAILPOINT.postSidecarPreFork, FAILPOINT.postForkPreCommit, FAILPOINT.postTableCommit, FAILPOINT.publishBeforeCommit]) {
      await deleter.branchCreate("review");
      const parked = park(peers.processes[0] as SimulatedProcess, point);
      const written = addPerson(writer, "bob", { branch: "review" }).catch((error: unknown) => error);
      await parked.reached;
      await deleter.branchDelete("review");
      await deleter.branchCreate("review");
      parked.release();
      (peers.processes[0] as SimulatedProcess).failpoints.disarm(point);
      await written;
      expect(await persons(deleter, { branch: "review" }), point).toEqual(["ann"]);
      expect(await persons(deleter), point).toEqual(["ann"]);
      await deleter.branchDelete("review");
    }
    await using reopened = await SimulatedProcess.start(dir.path);
    const graph = await reopened.handle();
    expect(await graph.branchList()).toEqual(["main"]);
    await addPerson(graph, "zoe");
    expect(await persons(graph)).toEqual(["ann", "zoe"]);
  });
});

describe("crashes", () => {
  test("BR-22 RC-100 a crash right after the create has created the branch", async () => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(2, dir.path);
    const [dying, other] = peers.graphs as [Graph, Graph];
    (peers.processes[0] as SimulatedProcess).dieAt(FAILPOINT.branchCreateAfterManifest);
    await expect(dying.branchCreate("review")).rejects.toThrow(FAILPOINT.branchCreateAfterManifest);
    expect(await other.branchList()).toEqual(["main", "review"]);
    await addPerson(other, "bob", { branch: "review" });
    expect(await persons(other, { branch: "review" })).toEqual(["ann", "bob"]);
  });

  test.each([FAILPOINT.branchDeleteBeforeTableCleanup, FAILPOINT.forkBeforeReclaim])("BR-41 BR-43 BR-51 a crash at %s leaves an orphan fork that is in nobody's way", async (point) => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(2, dir.path);
    const [dying, other] = peers.graphs as [Graph, Graph];
    await dying.branchCreate("review");
    await addPerson(dying, "bob", { branch: "review" });
    (peers.processes[0] as SimulatedProcess).dieAt(point);
    await dying.branchDelete("review").catch(() => undefined);
    expect(await other.branchList()).toEqual(["main"]);
    expect(await forksOf(other, peers.processes[1] as SimulatedProcess)).toHaveLength(1);
    await other.branchCreate("review");
    await addPerson(other, "cid", { branch: "review" });
    expect(await persons(other, { branch: "review" })).toEqual(["ann", "cid"]);
    await other.branchDelete("review");
    expect(await forksOf(other, peers.processes[1] as SimulatedProcess)).toHaveLength(1);
  });

  test("BR-42 a failure to remove a fork is logged and does not fail the delete", async () => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    const warnings: string[] = [];
    const warn = (message: string): void => void warnings.push(message);
    await using process = await SimulatedProcess.start(dir.path, {}, { logger: { debug: () => undefined, info: () => undefined, warn, error: () => undefined } });
    const graph = await process.handle();
    await graph.branchCreate("review");
    await addPerson(graph, "bob", { branch: "review" });
    using _failing = process.failpoints.arm(FAILPOINT.forkBeforeReclaim, () => {
      throw new Error("no permission");
    });
    expect(await graph.branchDelete("review")).toMatchObject({ name: "review" });
    expect(warnings).toContain("a fork of a deleted branch is left for cleanup");
    expect(await graph.branchList()).toEqual(["main"]);
  });

  test("BR-44 BR-52 RC-55 a fork that an interrupted write claims is not removed with its branch; recovery settles it", { timeout: 30_000 }, async () => {
    await using dir = await makeTempDir();
    await makeGraph(dir.path);
    await using peers = await start(2, dir.path, NO_LEASE);
    const [dying, other] = peers.graphs as [Graph, Graph];
    await other.branchCreate("review");
    await addPerson(other, "bob", { branch: "review" });
    (peers.processes[0] as SimulatedProcess).dieAt(FAILPOINT.postTableCommit);
    await addPerson(dying, "cid", { branch: "review" }).catch(() => undefined);
    const claimed = await forksOf(other, peers.processes[1] as SimulatedProcess);
    await other.branchDelete("review");
    expect(await forksOf(other, peers.processes[1] as SimulatedProcess)).toEqual(claimed);
    await using reopened = await SimulatedProcess.start(dir.path);
    const graph = await reopened.handle();
    const [audit] = await graph.listRecoveryAudits();
    expect(audit).toMatchObject({ recoveryKind: "OrphanedBranchDiscarded" });
    expect(await persons(graph)).toEqual(["ann"]);
  });
});
