// Who can be measured, and what each of them can do.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `isBound` marks what is no product but a limit: it is shown, and never the best peer. */
export const SUBJECTS = {
  omnigraph: { module: "./subjects/omnigraph.mjs", phases: ["load", "read", "write", "flat", "first", "cold", "search"] },
  lancedb: { module: "./subjects/lancedb.mjs", phases: ["load", "read", "write", "first", "cold", "search"] },
  sqlite: { module: "./peers/sqlite.mjs", phases: ["load", "read", "write", "first", "cold", "search"] },
  duckdb: { module: "./peers/duckdb.mjs", phases: ["load", "read", "write", "first", "cold", "search"] },
  kuzu: { module: "./peers/kuzu.mjs", phases: ["load", "read", "write", "first", "cold", "search"] },
  csr: { module: "./subjects/csr.mjs", phases: ["load", "read"], isBound: true },
};

const PEERS_FOLDER = fileURLToPath(new URL("peers/", import.meta.url));

/** Installs the peers' own packages when one of `names` needs them. They are no part of the workspace. */
export function installPeers(names) {
  const isNeeded = names.some((name) => SUBJECTS[name].module.startsWith("./peers/"));
  if (!isNeeded || existsSync(`${PEERS_FOLDER}node_modules/.package-lock.json`)) return;
  console.log("installing the peers' packages into packages/engine/bench/peers, once; some are compiled, which takes minutes");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: PEERS_FOLDER, stdio: "inherit" });
  if (status === 0) return;
  process.stderr.write("the peers could not be installed; run `npm ci` in packages/engine/bench/peers to see why, or leave out --peers\n");
  process.exit(2);
}
