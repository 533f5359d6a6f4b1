/** `omnigraph cluster apply`, killed at random moments. `scripts/soak-cluster-kill.mjs` runs it for as long as wanted. */
import { fileURLToPath } from "node:url";
import { bundleScript } from "@omnigraphdb/testkit";
import { beforeAll, expect, test } from "vitest";
import { buildBinary } from "./binary.js";
import { killOneCluster } from "./cluster-kill/kill-run.js";
import { randomNumbers } from "./cluster-kill/random-numbers.js";

const KILLS = Number(process.env["OMNIGRAPH_CLUSTER_KILLS"] ?? 12);
const SEED = Number(process.env["OMNIGRAPH_CLUSTER_KILL_SEED"] ?? 1);
/** Later kills meet a new cluster: what is tested is the kill, not a long history. */
const KILLS_PER_CLUSTER = 6;

let faultScript: string;

beforeAll(async () => {
  buildBinary();
  faultScript = await bundleScript(fileURLToPath(new URL("scripts/fault-at-operation.ts", import.meta.url)), fileURLToPath(new URL("../..", import.meta.url)));
}, 120_000);

test("cluster.md §10, 18.1 after kill -9 an apply ends in the declared state, or says what to do; no row is lost", { timeout: 30_000 + KILLS * 30_000 }, async () => {
  const counts = new Map<string, number>();
  for (let killed = 0, seed = SEED; killed < KILLS; seed++) {
    try {
      killed += await killOneCluster({ random: randomNumbers(seed), faultScript, killsMax: Math.min(KILLS_PER_CLUSTER, KILLS - killed) }, counts);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    if (KILLS > 12) console.log(`${killed} killed`, Object.fromEntries(counts));
  }
  expect(counts.get("force-unlock") ?? 0).toBeGreaterThan(0);
});
