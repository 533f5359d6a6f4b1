// Kills `omnigraph cluster apply` at random moments for as long as wanted: `node scripts/soak-cluster-kill.mjs [kills] [seed]`. The short
// form of the same test runs with every `npm test`.
import { spawnSync } from "node:child_process";

const [kills = "100", seed = String(Math.floor(Date.now() / 1000))] = process.argv.slice(2);
console.log(`kills ${kills}, seed ${seed}`);
const result = spawnSync("npx", ["vitest", "run", "packages/cli/test/process/cluster-kill.test.ts"], {
  stdio: "inherit",
  env: { ...process.env, OMNIGRAPH_CLUSTER_KILLS: kills, OMNIGRAPH_CLUSTER_KILL_SEED: seed },
});
process.exitCode = result.status ?? 1;
