// Compares merges of random histories with the in-memory model for as long as wanted:
// `node scripts/soak-merge.mjs [histories] [steps per history] [seed]`. The short form of the same test runs with every `npm test`.
import { spawnSync } from "node:child_process";

const [histories = "500", steps = "60", seed = String(Math.floor(Date.now() / 1000))] = process.argv.slice(2);
console.log(`histories ${histories}, steps ${steps}, seed ${seed}`);
const result = spawnSync("npx", ["vitest", "run", "packages/engine/test/merge/merge.property.test.ts"], {
  stdio: "inherit",
  env: { ...process.env, OMNIGRAPH_SOAK_MERGE_HISTORIES: histories, OMNIGRAPH_SOAK_MERGE_STEPS: steps, FAST_CHECK_SEED: seed },
});
process.exitCode = result.status ?? 1;
