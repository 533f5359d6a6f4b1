// Kills writer processes for as long as wanted: `node scripts/soak-kill.mjs [kills] [seed]`. The short form of the same
// tests runs with every `npm test`.
import { spawnSync } from "node:child_process";

const [kills = "200", seed = String(Math.floor(Date.now() / 1000))] = process.argv.slice(2);
console.log(`kills ${kills}, seed ${seed}`);
const result = spawnSync("npx", ["vitest", "run", "packages/engine/test/crash/kill.test.ts"], {
  stdio: "inherit",
  env: { ...process.env, OMNIGRAPH_SOAK_KILLS: kills, OMNIGRAPH_SOAK_SEED: seed },
});
process.exitCode = result.status ?? 1;
