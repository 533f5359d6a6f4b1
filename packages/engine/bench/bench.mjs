// npm run bench -- --size S|M|L [--peers lancedb] [--only W2,W4] [--compare bench-results/FILE.json]
// Runs the workloads through compiled .gq text in the embedded library (and through hand-written scripts for peers), each phase in its
// own process, compares the answers, prints one table and saves the figures.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArguments } from "./arguments.mjs";
import { generateData, SIZES } from "./generate-data.mjs";
import { summarise } from "./measure.mjs";
import { findDisagreements, printTable } from "./report.mjs";
import { COLD } from "./workloads.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../../..");
const SUBJECTS = ["omnigraph", "lancedb"];
const PHASES = { load: ["W1"], read: ["W2", "W3", "W4", "W5", "W6", "W7"], write: ["W8", "W8b"], flat: ["W8flat"], cold: ["W12"] };

const options = parseArguments(process.argv.slice(2));
const size = options.size ?? "S";
const only = typeof options.only === "string" ? options.only.split(",") : Object.values(PHASES).flat();
const peers = typeof options.peers === "string" ? options.peers.split(",") : [];
const unknown = [...only.filter((id) => !Object.values(PHASES).flat().includes(id)), ...peers.filter((name) => !SUBJECTS.includes(name))];
if (SIZES[size] === undefined || unknown.length > 0 || options._.length > 0 || options.help === true) {
  process.stderr.write(`usage: npm run bench -- --size S|M|L [--peers lancedb] [--only ${Object.values(PHASES).flat().join(",")}] [--compare FILE]\n`);
  if (unknown.length > 0) process.stderr.write(`unknown: ${unknown.join(", ")}\n`);
  process.exit(2);
}

const dataFile = path.join(ROOT, "bench-data", `${size}.jsonl`);
if (!existsSync(`${dataFile}.queries.json`)) {
  console.log(`generating ${path.relative(ROOT, dataFile)}`);
  generateData({ size, out: dataFile });
}

const results = [];
for (const subject of ["omnigraph", ...peers.filter((name) => name !== "omnigraph")]) runSubject(subject);

const disagreements = findDisagreements(results, size);
const previous = typeof options.compare === "string" ? JSON.parse(readFileSync(path.resolve(ROOT, options.compare), "utf8")).results : [];
const failures = printTable(results, { size, previous });
for (const text of disagreements) console.log(`WRONG ANSWER ${text}`);
save();
process.exitCode = disagreements.length > 0 || failures > 0 || results.some((result) => result.error !== undefined) ? 1 : 0;

function runSubject(subject) {
  const db = path.join(ROOT, "bench-data", `${subject}-${size}${subject === "omnigraph" ? ".omni" : ".lance"}`);
  const mustLoad = only.includes("W1") || !existsSync(path.join(db, ".bench-complete"));
  for (const [phase, ids] of Object.entries(PHASES)) {
    const wanted = phase === "load" ? mustLoad : ids.some((id) => only.includes(id));
    // A peer's commits are its own tables'; only ours promises that history does not slow a commit down.
    if (!wanted || (phase === "flat" && subject !== "omnigraph")) continue;
    console.log(`${subject}: ${phase}`);
    if (phase === "cold") runCold(subject, db);
    else runPhase(subject, phase, db);
    if (phase === "load" && results.at(-1)?.error === undefined) writeFileSync(path.join(db, ".bench-complete"), "");
  }
}

function runPhase(subject, phase, db) {
  const child = spawnSync(process.execPath, [path.join(HERE, "run-phase.mjs"), subject, phase, "--data", dataFile, "--db", db, "--only", only.join(",")], { encoding: "utf8", maxBuffer: 1 << 26 });
  for (const line of child.stdout.split("\n")) if (line.startsWith("{")) results.push(JSON.parse(line));
  if (child.status !== 0) results.push({ subject, id: phase, error: `${child.signal ?? `exit ${child.status}`}: ${child.stderr.trim().split("\n").slice(-6).join(" ")}` });
}

/** Seen from outside: the whole life of a process. One unmeasured run warms the page cache. */
function runCold(subject, db) {
  const key = JSON.parse(readFileSync(`${dataFile}.queries.json`, "utf8")).w2[0];
  const command = subject === "omnigraph" ? commandLineLookup(db, key) : [path.join(HERE, "run-phase.mjs"), subject, "cold", "--db", db, "--key", key];
  const times = [];
  for (let run = 0; run <= COLD.runs; run++) {
    const start = performance.now();
    const child = spawnSync(process.execPath, command, { encoding: "utf8" });
    const elapsed = performance.now() - start;
    if (child.status !== 0 || !child.stdout.includes('"name"')) {
      results.push({ subject, id: COLD.id, error: (child.stderr || child.stdout).trim().slice(-300) });
      return;
    }
    if (run > 0) times.push(elapsed);
  }
  results.push({ subject, id: COLD.id, ...summarise(times) });
}

/** The command line as a user runs it. */
function commandLineLookup(db, key) {
  return [path.join(ROOT, "apps/omnigraph/bin/omnigraph.js"), "query", "person", "--query", path.join(HERE, "queries.gq"), "--params", JSON.stringify({ slug: key }), "--store", db, "--json"];
}

function save() {
  const folder = path.join(ROOT, "bench-results");
  mkdirSync(folder, { recursive: true });
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const file = path.join(folder, `${size}-${stamp}.json`);
  const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30) };
  writeFileSync(file, `${JSON.stringify({ size, machine, results }, null, 2)}\n`);
  rmSync(path.join(folder, `${size}-latest.json`), { force: true });
  writeFileSync(path.join(folder, `${size}-latest.json`), `${JSON.stringify({ size, machine, results }, null, 2)}\n`);
  console.log(`\nsaved ${path.relative(ROOT, file)}`);
}
