// Kills the server under writes of every kind for as long as wanted: `node scripts/soak-server-kill.mjs [kills]`, after `npm run build`.
// The short form of the same test runs with every `npm test`.
import { spawnSync } from "node:child_process";

const [kills = "50"] = process.argv.slice(2);
console.log(`kills ${kills}`);
const result = spawnSync("npx", ["vitest", "run", "packages/server/test/process/kill.test.ts"], {
  stdio: "inherit",
  env: { ...process.env, OMNIGRAPH_KILL_ROUNDS: kills },
});
process.exitCode = result.status ?? 1;
