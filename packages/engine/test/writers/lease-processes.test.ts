import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTempDir, type RunningProcess } from "@omnigraphdb/testkit";
import { beforeAll, expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { Ledger } from "../../test-support/workload/ledger.js";
import type { WorkerTask } from "../../test-support/workload/worker-task.js";
import { begin, bundleWorker, countRefusals, startWorker } from "../../test-support/workload/worker-process.js";
import { DIRECT_SCHEMA } from "../../test-support/writes/direct-write.js";

const SHORT_TERM = { leaseTermMs: 1_500, leaseRenewalMs: 500 };

let script: string;

beforeAll(async () => {
  script = await bundleWorker();
}, 120_000);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function start(root: string, name: string, task: Partial<WorkerTask> = {}): Promise<RunningProcess> {
  return startWorker(script, { root, name, seed: 1, isLeased: true, mix: "writes", branches: ["main"], ...task });
}

async function createGraph(directory: string): Promise<string> {
  const root = join(directory, "graph");
  await using _graph = await Graph.init(root, DIRECT_SCHEMA);
  return root;
}

async function until(isDue: () => boolean, what: string, boundMs: number): Promise<void> {
  const startMs = performance.now();
  while (!isDue()) {
    if (performance.now() - startMs > boundMs) throw new Error(`${what} took longer than ${boundMs} ms`);
    await sleep(5);
  }
}

const acknowledgements = (worker: RunningProcess): number => worker.stdout.split("\nack ").length - 1;

test("FM-24 LE-7 the owner of the lease is killed: another process takes over at once and recovers first", { timeout: 60_000 }, async () => {
  await using dir = await makeTempDir();
  const root = await createGraph(dir.path);
  const ledger = new Ledger();
  await using owner = await start(root, "a");
  // Open before, so that no sweep at its opening helps it.
  await using successor = await start(root, "b", { operationCount: 3 });
  begin(owner);
  await until(() => acknowledgements(owner) >= 3, "the first writes", 20_000);
  ledger.add((await owner.kill()).stdout);
  begin(successor);
  const startMs = performance.now();
  const { stdout, stderr } = await successor.ended;
  expect(stderr).toBe("");
  // The dead owner's term of 15 s had hardly begun.
  expect(performance.now() - startMs).toBeLessThan(14_000);
  expect(countRefusals(stdout)).toEqual({});
  ledger.add(stdout);
  await ledger.expectSound(root);
});

test("FM-25 LE-3 an owner paused beyond its term wakes up after a takeover: nothing of it is there twice or by half", { timeout: 90_000 }, async () => {
  await using dir = await makeTempDir();
  const root = await createGraph(dir.path);
  const ledger = new Ledger();
  await using owner = await start(root, "a", SHORT_TERM);
  begin(owner);
  for (const round of [1, 2, 3]) {
    const before = acknowledgements(owner);
    await until(() => acknowledgements(owner) > before, "a write of the owner", 20_000);
    await sleep(round * 7);
    process.kill(owner.pid, "SIGSTOP");
    await using successor = await start(root, `b${round}`, { ...SHORT_TERM, operationCount: 3 });
    begin(successor);
    const { stdout, stderr, exitCode } = await successor.ended;
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    ledger.add(stdout);
    process.kill(owner.pid, "SIGCONT");
  }
  const before = acknowledgements(owner);
  await until(() => acknowledgements(owner) > before, "the owner's next write", 30_000);
  const { stdout, stderr } = await owner.kill();
  expect(stderr).toBe("");
  ledger.add(stdout);
  await ledger.expectSound(root);
});

test("FM-26 LE-6 LE-9 held by a living process for longer than the bounded wait: WriterBusy, and nothing of it is touched", { timeout: 60_000 }, async () => {
  await using dir = await makeTempDir();
  const root = await createGraph(dir.path);
  const ledger = new Ledger();
  await using owner = await start(root, "a");
  begin(owner);
  await until(() => acknowledgements(owner) >= 2, "the first writes", 20_000);
  process.kill(owner.pid, "SIGSTOP");
  const before = await protectedFiles(root);
  await using waiting = await start(root, "b", { operationCount: 1, writerWaitMs: 200 });
  begin(waiting);
  await waiting.waitForOutput("refused WRITER_BUSY");
  expect(await protectedFiles(root)).toEqual(before);
  process.kill(owner.pid, "SIGCONT");
  await waiting.waitForOutput("done");
  ledger.add(waiting.stdout);
  ledger.add((await owner.kill()).stdout);
  await ledger.expectSound(root);
});

/** Sidecars with their text, and the names of all dataset versions. */
async function protectedFiles(root: string): Promise<readonly string[]> {
  const names = (await readdir(root, { recursive: true })).filter((name) => name.includes("_versions/") || name.startsWith("__recovery/"));
  const texts = names.sort().map(async (name) => (name.endsWith(".json") ? `${name} ${await readFile(join(root, name), "utf8")}` : name));
  return Promise.all(texts);
}
