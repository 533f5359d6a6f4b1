// Several writer processes on one graph, at full size: `node scripts/soak-writers.mjs [writers] [writes] [seed]` (8 × 100), locally
// and on the S3-compatible server, with the lease and without; then commits per second of 1, 4 and 8 writers on a local disk.
import { spawnSync } from "node:child_process";

const [writers = "8", writes = "100", seed = String(Math.floor(Date.now() / 1000))] = process.argv.slice(2);
console.log(`writers ${writers}, writes ${writes}, seed ${seed}`);

function run(count, mix, only) {
  const result = spawnSync("npx", ["vitest", "run", "packages/engine/test/writers/writers.test.ts", "--reporter=verbose", ...only], {
    stdio: "inherit",
    env: { ...process.env, OMNIGRAPH_SOAK_WRITERS: count, OMNIGRAPH_SOAK_WRITES: writes, OMNIGRAPH_SOAK_MIX: mix, OMNIGRAPH_SOAK_SEED: seed },
  });
  if (result.status !== 0) process.exitCode = result.status ?? 1;
}

run(writers, "branches", []);
for (const count of ["1", "4", "8"]) run(count, "writes", ["-t", "local disk"]);
