// npm run bench -- --size S|M|L [--peers sqlite,duckdb,kuzu,lancedb,csr] [--only W2,W4] [--compare bench-results/FILE.json]
// Runs the workloads through compiled .gq text in the embedded library (and through the best hand-written code for peers), each phase in
// its own process, compares the answers, prints one table and saves the figures.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArguments } from "./arguments.mjs";
import { generateData, SIZES } from "./generate-data.mjs";
import { summarise } from "./measure.mjs";
import { findDisagreements, printMemory, printTable } from "./report.mjs";
import { installPeers, SUBJECTS } from "./subjects.mjs";
import { writeTruth } from "./truth.mjs";
import { COLD, CONCURRENT, FIRST, FLATNESS, READS, SEARCHES, WRITES } from "./workloads.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../../..");
const ids = (workloads) => workloads.map(({ id }) => id);
/** What each phase measures, in the order the phases run. */
const PHASES = { load: ["W1"], read: ids(READS), write: [...ids(WRITES), CONCURRENT.id], flat: [FLATNESS.id], first: [FIRST.id], cold: [COLD.id], search: ["W1e", ...ids(SEARCHES)] };
const ALL = Object.values(PHASES).flat();
/** A workload that takes longer than this is shown as failed. */
const PHASE_LIMIT_MS = 20 * 60 * 1_000;

const options = parseArguments(process.argv.slice(2));
const size = options.size ?? "S";
const only = typeof options.only === "string" ? options.only.split(",") : ALL.filter((id) => size !== "L" || !PHASES.search.includes(id));
const peers = typeof options.peers === "string" ? options.peers.split(",") : [];
const unknown = [...only.filter((id) => !ALL.includes(id)), ...peers.filter((name) => SUBJECTS[name] === undefined)];
if (SIZES[size] === undefined || unknown.length > 0 || options._.length > 0 || options.help === true) {
  process.stderr.write(`usage: npm run bench -- --size S|M|L [--peers ${Object.keys(SUBJECTS).slice(1).join(",")}] [--only ${ALL.join(",")}] [--compare FILE]\n`);
  if (unknown.length > 0) process.stderr.write(`unknown: ${unknown.join(", ")}\n`);
  process.exit(2);
}
installPeers(peers);

const RUN = { load, read: plain("read"), write: plain("write"), flat: plain("flat"), first, cold, search };
const results = [];
for (const subject of ["omnigraph", ...peers.filter((name) => name !== "omnigraph")]) runSubject(subject);

const disagreements = findDisagreements(results, size);
const previous = typeof options.compare === "string" ? JSON.parse(readFileSync(path.resolve(ROOT, options.compare), "utf8")).results : [];
const failures = printTable(results, { size, previous }) + printMemory(results, { size, phases: PHASES });
for (const text of disagreements) console.log(`WRONG ANSWER ${text}`);
save();
process.exitCode = disagreements.length > 0 || failures > 0 || results.some((result) => result.error !== undefined) ? 1 : 0;

function runSubject(subject) {
  for (const [phase, measured] of Object.entries(PHASES)) {
    if (!SUBJECTS[subject].phases.includes(phase)) continue;
    const wanted = measured.some((id) => only.includes(id));
    if (phase === "load" ? needsPlainData() && (wanted || !isLoaded(databaseOf(subject))) : wanted) RUN[phase](subject);
  }
}

/** Whether anything but searches is asked for. */
function needsPlainData() {
  return only.some((id) => !PHASES.search.includes(id));
}

function databaseOf(subject, withEmbeddings = false) {
  return path.join(ROOT, "bench-data", `${subject}-${size}${withEmbeddings ? "-emb" : ""}.${subject === "omnigraph" ? "omni" : "db"}`);
}

function isLoaded(db) {
  return existsSync(path.join(db, ".bench-complete"));
}

/** Generates it when it is missing. */
function dataFile(withEmbeddings = false) {
  const file = path.join(ROOT, "bench-data", `${size}${withEmbeddings ? "-emb" : ""}.jsonl`);
  if (!existsSync(`${file}.queries.json`)) {
    console.log(`generating ${path.relative(ROOT, file)}`);
    generateData({ size, emb: withEmbeddings, out: file });
  }
  return file;
}

function plain(phase) {
  return (subject) => runPhase(subject, phase, { data: dataFile(), db: databaseOf(subject) });
}

function load(subject, withEmbeddings = false) {
  const db = databaseOf(subject, withEmbeddings);
  const succeeded = runPhase(subject, "load", { data: dataFile(withEmbeddings), db, flags: withEmbeddings ? ["--emb"] : [] });
  if (!succeeded) return false;
  mkdirSync(db, { recursive: true });
  writeFileSync(path.join(db, ".bench-complete"), "");
  return true;
}

/** In a process of its own; ours without the files of its cache, and with them. */
function first(subject) {
  const place = { data: dataFile(), db: databaseOf(subject) };
  if (subject !== "omnigraph") {
    runPhase(subject, "first", place);
    return;
  }
  rmSync(path.join(place.db, "__cache"), { recursive: true, force: true });
  runPhase(subject, "first", place);
  if (runPhase(subject, "write-caches", place)) runPhase(subject, "first", { ...place, flags: ["--cached"] });
}

function search(subject) {
  const data = dataFile(true);
  if (!existsSync(`${data}.truth.json`)) {
    console.log("computing the exact answers of the searches");
    writeTruth(data);
  }
  const db = databaseOf(subject, true);
  if ((only.includes("W1e") || !isLoaded(db)) && !(load(subject, true) && runPhase(subject, "search-index", { data, db }))) return;
  if (PHASES.search.some((id) => id !== "W1e" && only.includes(id))) runPhase(subject, "search", { data, db });
}

function runPhase(subject, phase, { data, db, flags = [] }) {
  console.log(`${subject}: ${[phase, ...flags].join(" ")}`);
  const child = spawnSync(process.execPath, [path.join(HERE, "run-phase.mjs"), subject, phase, "--data", data, "--db", db, "--only", only.join(","), ...flags], { encoding: "utf8", maxBuffer: 1 << 26, timeout: PHASE_LIMIT_MS });
  for (const line of child.stdout.split("\n")) if (line.startsWith("{")) results.push({ ...JSON.parse(line), phase });
  if (child.status !== 0) results.push({ subject, id: phase, error: `${child.signal ?? `exit ${child.status}`}: ${child.stderr.trim().split("\n").slice(-6).join(" ")}` });
  return child.status === 0;
}

/** Seen from outside: the whole life of a process. One unmeasured run warms the page cache. */
function cold(subject) {
  console.log(`${subject}: cold`);
  const db = databaseOf(subject);
  const key = JSON.parse(readFileSync(`${dataFile()}.queries.json`, "utf8")).w2[0];
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
  results.push({ subject, id: COLD.id, phase: "cold", ...summarise(times) });
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
