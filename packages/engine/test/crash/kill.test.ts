import { join } from "node:path";
import { makeTempDir, type RunningProcess } from "@omnigraphdb/testkit";
import { beforeAll, expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { Ledger } from "../../test-support/workload/ledger.js";
import { randomNumbers } from "../../test-support/workload/random-numbers.js";
import type { WorkerTask } from "../../test-support/workload/worker-task.js";
import { begin, bundleWorker, startWorker } from "../../test-support/workload/worker-process.js";
import { DIRECT_SCHEMA } from "../../test-support/writes/direct-write.js";

/** Kills of all tests here together; `scripts/soak-kill.mjs` raises it. */
const KILL_COUNT = Number(process.env["OMNIGRAPH_SOAK_KILLS"] ?? "204");
const SEED = Number(process.env["OMNIGRAPH_SOAK_SEED"] ?? "1");
/** A graph is checked this often, and replaced after a few checks: what is tested is the kill, not a long history. */
const KILLS_PER_CHECK = 8;
const CHECKS_PER_GRAPH = 3;
/** One kill in this many comes while the graph is being opened and recovered, the others some commits later. */
const KILLS_PER_EARLY_KILL = 4;
const EARLY_MS_MAX = 150;
const ACKNOWLEDGEMENTS_MAX = 4;
const LATE_MS_MAX = 120;
/** On a busy machine a worker may need long; one that only meets refusals dies too. */
const LIFE_MS_MAX = 4_000;

interface Workload {
  readonly mix: WorkerTask["mix"];
  readonly isLeased: boolean;
  readonly branches: readonly string[];
  readonly killCount: number;
}

const BRANCHES = ["main", "b1", "b2"];

const WORKLOADS: Readonly<Record<string, Workload>> = {
  "branches and merges": { mix: "branches", isLeased: true, branches: BRANCHES, killCount: Math.ceil(KILL_COUNT / 3) },
  "schema changes": { mix: "schema", isLeased: true, branches: ["main"], killCount: Math.ceil(KILL_COUNT / 3) },
  "branches and merges without lease": { mix: "branches", isLeased: false, branches: BRANCHES, killCount: Math.ceil(KILL_COUNT / 3) },
};

let script: string;

beforeAll(async () => {
  script = await bundleWorker();
}, 120_000);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Kills writers of one graph, two at a time: sometimes both at once, sometimes one after the other, so that the survivor meets
 * what the dead one left.
 */
class KillRun {
  readonly #workload: Workload;
  readonly #random: () => number;
  #startedCount = 0;

  constructor(workload: Workload, seed: number) {
    this.#workload = workload;
    this.#random = randomNumbers(seed);
  }

  async run(): Promise<number> {
    let acknowledgedCount = 0;
    for (let killCount = 0; killCount < this.#workload.killCount; ) {
      await using dir = await makeTempDir();
      const root = join(dir.path, "graph");
      await this.#createGraph(root);
      const ledger = new Ledger();
      for (let check = 0; check < CHECKS_PER_GRAPH && killCount < this.#workload.killCount; check++) {
        await this.#killPairs(root, ledger, KILLS_PER_CHECK / 2);
        killCount += KILLS_PER_CHECK;
        await ledger.expectSound(root);
      }
      acknowledgedCount += ledger.acknowledgedCount;
    }
    return acknowledgedCount;
  }

  async #createGraph(root: string): Promise<void> {
    await using graph = await Graph.init(root, DIRECT_SCHEMA);
    for (const branch of this.#workload.branches) if (branch !== "main") await graph.branchCreate(branch);
  }

  /** The next pair loads its code while the present one works. */
  async #killPairs(root: string, ledger: Ledger, pairCount: number): Promise<void> {
    let next = this.#startPair(root);
    for (let pair = 0; pair < pairCount; pair++) {
      const workers = await next;
      if (pair + 1 < pairCount) next = this.#startPair(root);
      for (const worker of workers) begin(worker);
      for (const worker of workers) {
        await this.#untilItsTime(worker);
        const { stdout, stderr } = await worker.kill();
        expect(stderr).toBe("");
        ledger.add(stdout);
      }
    }
  }

  async #untilItsTime(worker: RunningProcess): Promise<void> {
    if (this.#random() < 1 / KILLS_PER_EARLY_KILL) return await sleep(this.#random() * EARLY_MS_MAX);
    const acknowledgements = Math.floor(this.#random() * (ACKNOWLEDGEMENTS_MAX + 1));
    const start = performance.now();
    const isDue = (): boolean => worker.stdout.includes("ready") && worker.stdout.split("\nack ").length > acknowledgements;
    while (!isDue() && performance.now() - start < LIFE_MS_MAX) await sleep(5);
    await sleep(this.#random() * LATE_MS_MAX);
  }

  #startPair(root: string): Promise<readonly RunningProcess[]> {
    const { mix, isLeased, branches } = this.#workload;
    const start = (): Promise<RunningProcess> => {
      const number = this.#startedCount++;
      return startWorker(script, { root, name: `w${number}`, seed: SEED + number, isLeased, mix, branches });
    };
    return Promise.all([start(), start()]);
  }
}

test.each(Object.entries(WORKLOADS))(
  "FM-22 FM-23 G-1 G-2 G-3 G-4 G-5 G-6 G-7 G-11 G-12 G-15 writers killed at random moments: %s",
  { timeout: 60_000 + KILL_COUNT * 5_000 },
  async (_name, workload) => {
    const acknowledgedCount = await new KillRun(workload, SEED).run();
    expect(acknowledgedCount).toBeGreaterThan(workload.killCount / 2);
  },
);
