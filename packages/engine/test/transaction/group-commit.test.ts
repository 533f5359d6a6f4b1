import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { Graph } from "../../src/graph.js";
import type { MutationReceipt } from "../../src/graph-api.js";
import { GROUP_COMMITS_MAX } from "../../src/limits.js";
import { initGraph } from "../../src/open/init-graph.js";
import { resultRows } from "../../src/result/result-rows.js";
import { expectAtRest } from "../../test-support/writes/check-graph.js";
import { commitTogether, settleTogether } from "../../test-support/writes/commit-together.js";
import { randomNumbers } from "../../test-support/workload/random-numbers.js";
import { branchGate } from "../../src/transaction/write-gates.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

const SCHEMA = `node Person {
  name: String @key
  mail: String? @unique
}
node Seat {
  number: I32 @key
}
edge SitsOn: Person -> Seat @card(0..1)
`;
const ADD = "query m($n: String, $m: String?) { insert Person { name: $n, mail: $m } }";
const SEAT = "query m($n: I32) { insert Seat { number: $n } }";
const SIT = "query m($p: String, $s: String) { insert SitsOn { from: $p, to: $s } }";
const MAILS = "query q() { match { $p: Person } return { $p.name, $p.mail } order { $p.name } }";

interface Rig extends AsyncDisposable {
  readonly process: SimulatedProcess;
  readonly graph: Graph;
  readonly uri: string;
  add(name: string, mail?: string | null, actor?: string): () => Promise<MutationReceipt>;
}

async function makeRig(): Promise<Rig> {
  const dir = await makeTempDir();
  const uri = dir.path;
  await initGraph(uri, SCHEMA);
  const process = await SimulatedProcess.start(uri);
  const graph = await process.handle();
  return {
    process,
    graph,
    uri,
    add: (name, mail = null, actor = `act-${name}`) => () => graph.mutate(ADD, { params: { n: name, m: mail }, actor }),
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

async function personsAt(graph: Graph, snapshot?: string): Promise<readonly unknown[]> {
  const result = await graph.query(MAILS, snapshot === undefined ? {} : { target: { snapshot } });
  return [...resultRows(result)].map((row) => Object.values(row));
}

test("WR-11 MAN-20 MAN-21 writes that wait share one sidecar and one publish, and each is a commit with its own snapshot", async () => {
  await using rig = await makeRig();
  const { process, graph, add } = rig;
  const before = { sidecars: process.changes.passCount(FAILPOINT.sidecarWrite), publishes: process.changes.passCount(FAILPOINT.publishBeforeCommit) };
  const receipts = await commitTogether(process, [add("ann"), add("bob"), add("cleo"), () => graph.mutate(SEAT, { params: { n: 1 } })]);
  expect(process.changes.passCount(FAILPOINT.sidecarWrite)).toBe(before.sidecars + 1);
  expect(process.changes.passCount(FAILPOINT.publishBeforeCommit)).toBe(before.publishes + 1);
  expect(receipts.map(({ commit, affectedNodes }) => [commit?.graphManifestVersion, commit?.actorId, affectedNodes])).toEqual([
    [2, "act-ann", 1],
    [3, "act-bob", 1],
    [4, "act-cleo", 1],
    [5, null, 1],
  ]);
  const ids = receipts.map(({ commit }) => commit?.graphCommitId ?? "");
  expect(receipts.map(({ commit }) => commit?.parentCommitId).slice(1)).toEqual(ids.slice(0, -1));
  // The second handle has nothing in memory.
  await using reader = await Graph.open(rig.uri, { mode: "ro" });
  for (const handle of [graph, reader]) {
    expect((await handle.listCommits()).map(({ graphCommitId }) => graphCommitId).slice(0, 4)).toEqual([...ids].reverse());
    const names = async (id: string | undefined): Promise<unknown> => (await personsAt(handle, id)).map((row) => (row as unknown[])[0]);
    expect(await names(ids[1])).toEqual(["ann", "bob"]);
    expect(await names(ids[0])).toEqual(["ann"]);
    expect(await names(ids[3])).toEqual(["ann", "bob", "cleo"]);
    expect(await handle.listCommits({ snapshot: ids[1] as string })).toHaveLength(3);
  }
  await expectAtRest(process.graph);
});

test("WR-11 a member that fails, by validation or by a key of another one, fails alone", async () => {
  await using rig = await makeRig();
  const { process, graph, add } = rig;
  await add("ann", "a@x")();
  const outcomes = await settleTogether<unknown>(process, [
    add("bob", "b@x"),
    add("cleo", "a@x"),
    add("dora", "b@x"),
    () => graph.load(JSON.stringify({ type: "Person", data: { name: "bob" } }), { mode: "append" }),
    add("bob", "c@x"),
    add("emil"),
  ]);
  expect(outcomes.map((outcome) => (outcome.status === "fulfilled" ? "done" : (outcome.reason as { code: string }).code))).toEqual([
    "done",
    "CONSTRAINT_VIOLATION",
    "CONSTRAINT_VIOLATION",
    "KEY_CONFLICT",
    "done",
    "done",
  ]);
  expect(await personsAt(graph)).toEqual([["ann", "a@x"], ["bob", "c@x"], ["emil", null]]);
  await expectAtRest(process.graph);
});

test("WR-11 VA-40 two members that together break a cardinality: one is refused", async () => {
  await using rig = await makeRig();
  const { process, graph, add } = rig;
  await commitTogether(process, [add("ann"), () => graph.mutate(SEAT, { params: { n: 1 } }), () => graph.mutate(SEAT, { params: { n: 2 } })]);
  const outcomes = await settleTogether(process, ["1", "2"].map((seat) => () => graph.mutate(SIT, { params: { p: "ann", s: seat } })));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
});

test("WR-7 WR-11 a member that is cancelled while it waits leaves the others alone", async () => {
  await using rig = await makeRig();
  const { process, graph, add } = rig;
  const controller = new AbortController();
  const outcomes = settleTogether(process, [
    add("ann"),
    () => graph.mutate(ADD, { params: { n: "bob", m: null }, signal: controller.signal }),
    () => {
      controller.abort();
      return add("cleo")();
    },
  ]);
  expect((await outcomes).map((outcome) => (outcome.status === "fulfilled" ? "done" : (outcome.reason as { code: string }).code))).toEqual(["done", "CANCELLED", "done"]);
  expect(await personsAt(graph)).toEqual([["ann", null], ["cleo", null]]);
});

test("WR-7 WR-11 a member that is cancelled while its group waits for the lease leaves it", async () => {
  await using rig = await makeRig();
  const { process, graph, add } = rig;
  await using other = await SimulatedProcess.start(rig.uri);
  const controller = new AbortController();
  const gate = await process.graph.writing?.coordination.gates.acquire([branchGate(null)]);
  const passed = process.changes.passCount(FAILPOINT.postStagePreEffectGate);
  const [ann, bob] = [add("ann")(), graph.mutate(ADD, { params: { n: "bob", m: null }, signal: controller.signal })];
  await expect.poll(() => process.changes.passCount(FAILPOINT.postStagePreEffectGate)).toBe(passed + 2);
  // Both are prepared: now another process gets the lease, and keeps it.
  const hold = await other.graph.writing?.coordination.lease.acquire();
  gate?.[Symbol.dispose]();
  setTimeout(() => controller.abort(), 50);
  const first = await Promise.race([bob.catch((error: unknown) => (error as { code: string }).code), ann, new Promise((resolve) => setTimeout(resolve, 3_000, "nobody"))]);
  expect(first).toBe("CANCELLED");
  hold?.release();
  await ann;
  expect(await personsAt(graph)).toEqual([["ann", null]]);
});

test("WR-7 Q-7 a write that goes alone, cancelled while it waits for its turn, ends at once and keeps nobody waiting", async () => {
  await using rig = await makeRig();
  const { process, graph, add } = rig;
  const head = (await add("ann")()).commit?.graphCommitId ?? "";
  const controller = new AbortController();
  const gate = await process.graph.writing?.coordination.gates.acquire([branchGate(null)]);
  const removal = graph.mutate("query d() { delete Person where name = \"ann\" }", { ifCommit: head, signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  const first = await Promise.race([removal.catch((error: unknown) => (error as { code: string }).code), new Promise((resolve) => setTimeout(resolve, 3_000, "nobody"))]);
  expect(first).toBe("CANCELLED");
  const next = add("bob")();
  gate?.[Symbol.dispose]();
  await next;
  expect(await personsAt(graph)).toEqual([["ann", null], ["bob", null]]);
});

test("OCC-10 WR-11 a write with a precondition goes alone, and fails when a group moved the head", async () => {
  await using rig = await makeRig();
  const { process, graph, add } = rig;
  const head = (await add("ann")()).commit?.graphCommitId ?? "";
  const outcomes = await settleTogether(process, [add("bob"), () => graph.mutate(ADD, { params: { n: "cleo", m: null }, ifCommit: head }), add("dora")]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("WR-11 more writers than a group takes, fragments enough to compact, and a branch from their head", { timeout: 60_000 }, async () => {
  await using rig = await makeRig();
  const { process, graph, add } = rig;
  const count = GROUP_COMMITS_MAX + 7;
  const receipts = await commitTogether(process, Array.from({ length: count }, (_, index) => add(`p${index}`)));
  const versions = receipts.map(({ commit }) => commit?.graphManifestVersion ?? 0).sort((a, b) => a - b);
  expect(versions).toEqual(versions.map((_, index) => 2 + index));
  expect(await personsAt(graph)).toHaveLength(count);
  await graph.branchCreate("review");
  await commitTogether(process, ["x", "y"].map((name) => () => graph.mutate(ADD, { params: { n: name, m: null }, branch: "review" })), "review");
  await commitTogether(process, ["z", "w"].map((name) => () => graph.mutate(ADD, { params: { n: name, m: null }, branch: "review" })), "review");
  await graph.branchMerge("review", "main");
  expect(await personsAt(graph)).toHaveLength(count + 4);
  await expectAtRest(process.graph);
});

test.each([
  ["with a lease", true],
  ["LE-8 without one", false],
])("WR-11 G-1 G-5 OCC-7 random concurrent writers of two processes, %s: every acknowledged commit holds what it said", { timeout: 120_000 }, async (_name, isEnabled) => {
  await using dir = await makeTempDir();
  await initGraph(dir.path, SCHEMA);
  const random = randomNumbers(7);
  const processes = [];
  for (let i = 0; i < 2; i++) processes.push(await SimulatedProcess.start(dir.path, { durability: "process", lease: { isEnabled } }));
  const acknowledged: { readonly name: string; readonly mail: string; readonly commit: string }[] = [];
  await Promise.all(
    processes.map(async (process) => {
      const graph = await process.handle();
      for (let round = 0; round < 4; round++) {
        await Promise.all(
          Array.from({ length: 8 }, async () => {
            const [name, mail] = [`p${Math.floor(random() * 12)}`, `m${Math.floor(random() * 12)}`];
            const receipt = await graph.mutate(ADD, { params: { n: name, m: mail } }).catch((error: unknown) => {
              expect((error as { code?: string }).code).toMatch(/^(CONSTRAINT_VIOLATION|RECOVERY_REQUIRED|WRITER_BUSY|READ_SET_CHANGED|DATASET_DRIFT|DATASET_VERSION_MOVED)$/);
              return undefined;
            });
            if (receipt?.commit != null) acknowledged.push({ name, mail, commit: receipt.commit.graphCommitId });
          }),
        );
      }
    }),
  );
  for (const process of processes) await process[Symbol.asyncDispose]();
  await using survivor = await SimulatedProcess.start(dir.path);
  await expectAtRest(survivor.graph);
  const graph = await survivor.handle();
  const history = new Set((await graph.listCommits()).map(({ graphCommitId }) => graphCommitId));
  expect(acknowledged.length).toBeGreaterThan(isEnabled ? 10 : 0);
  for (const { name, mail, commit } of acknowledged) {
    expect(history).toContain(commit);
    const rows = await personsAt(graph, commit);
    expect(rows).toContainEqual([name, mail]);
    const mails = rows.map((row) => (row as unknown[])[1]);
    expect(new Set(mails).size, "mails are unique in every commit").toBe(mails.length);
  }
});
