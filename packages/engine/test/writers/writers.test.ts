import { join } from "node:path";
import { makeTempDir, startS3Server } from "@omnigraphdb/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import type { GraphSettingsInput } from "../../src/graph-settings.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";
import { Ledger } from "../../test-support/workload/ledger.js";
import type { WorkerTask } from "../../test-support/workload/worker-task.js";
import { begin, bundleReader, bundleWorker, countRefusals, startReader, startWorker } from "../../test-support/workload/worker-process.js";
import { DIRECT_SCHEMA } from "../../test-support/writes/direct-write.js";

/** `scripts/soak-writers.mjs` raises these to 8 × 100 on both kinds of storage. */
const LOCAL = { processCount: Number(process.env["OMNIGRAPH_SOAK_WRITERS"] ?? "8"), operationCount: Number(process.env["OMNIGRAPH_SOAK_WRITES"] ?? "8") };
const REMOTE = { processCount: Number(process.env["OMNIGRAPH_SOAK_WRITERS"] ?? "4"), operationCount: Number(process.env["OMNIGRAPH_SOAK_WRITES"] ?? "4") };
/** Without a lease most attempts lose a race: eight processes get as much contention from a third of the operations. */
const LEASELESS_SHARE = 3;
const IS_SOAK = process.env["OMNIGRAPH_SOAK_WRITERS"] !== undefined;
const MIX = (process.env["OMNIGRAPH_SOAK_MIX"] ?? "branches") as WorkerTask["mix"];
const SEED = Number(process.env["OMNIGRAPH_SOAK_SEED"] ?? "1");
const BRANCHES = ["main", "b1", "b2", "b3"];
const TIMEOUT_MS = 120_000 + LOCAL.processCount * LOCAL.operationCount * 1_000;

let workerScript: string;
let readerScript: string;

beforeAll(async () => {
  [workerScript, readerScript] = await Promise.all([bundleWorker(), bundleReader()]);
}, 120_000);

interface Fleet {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly settings: GraphSettingsInput;
  readonly isLeased: boolean;
  readonly mix: WorkerTask["mix"];
  readonly processCount: number;
  readonly operationCount: number;
}

function operationCountOf(isLeased: boolean, operationCount: number): number {
  return isLeased || IS_SOAK ? operationCount : Math.ceil(operationCount / LEASELESS_SHARE);
}

/** Lets the processes write to their ends while another one reads; then every acknowledgement is looked up. */
async function runFleet({ root, env, settings, isLeased, mix, processCount, operationCount }: Fleet): Promise<void> {
  {
    await using graph = await Graph.init(root, DIRECT_SCHEMA, { settings });
    for (const branch of BRANCHES) if (branch !== "main") await graph.branchCreate(branch);
  }
  const numbers = Array.from({ length: processCount }, (_, index) => index);
  const workers = await Promise.all(
    numbers.map((number) => startWorker(workerScript, { root, name: `w${number}`, seed: SEED + number, isLeased, mix, branches: BRANCHES, operationCount }, env)),
  );
  await using reader = await startReader(readerScript, root, BRANCHES, env);
  const start = performance.now();
  for (const worker of workers) begin(worker);
  const results = await Promise.all(workers.map((worker) => worker.ended));
  const seconds = (performance.now() - start) / 1000;
  const { stdout: seen, stderr: readingErrors } = await reader.kill();
  expect(readingErrors).toBe("");
  expect(seen.split("\n").length).toBeGreaterThan(BRANCHES.length);
  const ledger = new Ledger();
  for (const { stdout, stderr, exitCode } of results) {
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toContain("done");
    // LE-2, LE-6: with the lease nobody loses a race that waiting could have won, and nobody starves.
    if (isLeased) expect(Object.keys(countRefusals(stdout)).filter((code) => code !== "READ_SET_CHANGED" && code !== "PUBLISHED_DATASET_VERSION_MISMATCH")).toEqual([]);
    ledger.add(stdout);
  }
  await ledger.expectSound(root, settings);
  if (!IS_SOAK) return;
  const refusals = countRefusals(results.map(({ stdout }) => stdout).join(""));
  const rate = (ledger.commitCount / seconds).toFixed(1);
  console.info(`${root.startsWith("s3://") ? "S3" : "local"}, ${processCount} writers, lease ${isLeased ? "on" : "off"}: ${rate} commits/s, refusals ${JSON.stringify(refusals)}`);
}

describe.each([true, false])("FM-23 LE-2 LE-8 G-1 G-2 G-5 G-6 several processes, lease %s", (isLeased) => {
  test("on a local disk", { timeout: TIMEOUT_MS }, async () => {
    await using dir = await makeTempDir();
    await runFleet({ root: join(dir.path, "graph"), env: {}, settings: {}, isLeased, mix: MIX, ...LOCAL, operationCount: operationCountOf(isLeased, LOCAL.operationCount) });
  });

  test("on an S3-compatible server", { timeout: TIMEOUT_MS }, async () => {
    await using server = await startS3Server();
    const settings = { s3: parseS3Environment(server.environment) };
    await runFleet({ root: "s3://bucket/graph", env: server.environment, settings, isLeased, mix: MIX, ...REMOTE, operationCount: operationCountOf(isLeased, REMOTE.operationCount) });
  });
});
