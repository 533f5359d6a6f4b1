// Where the time of a workload goes: node packages/engine/bench/profile.mjs W2|W3|W4|W5|W6|W7|W8|W12 [--size M] [--rows 15]
// Needs the database that `npm run bench -- --size M` leaves behind. Prints the functions with the most time of their own, waiting included.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArguments } from "./arguments.mjs";
import { summarise } from "./measure.mjs";
import { createSubject } from "./subjects/omnigraph.mjs";
import { COLD, READS, WRITES } from "./workloads.mjs";

process.env.LANCEDB_LOG ??= "error";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../../..");
/** Questions asked before and while the profiler listens. */
const WARM_MS = 1_000;
const MEASURED_MS = 3_000;
const SAMPLE_US = 200;

const { _: positional, size = "M", rows = "15" } = parseArguments(process.argv.slice(2));
const [id] = positional;
const db = path.join(ROOT, "bench-data", `omnigraph-${size}.omni`);
const questions = JSON.parse(readFileSync(path.join(ROOT, "bench-data", `${size}.jsonl.queries.json`), "utf8"));
const read = READS.find((workload) => workload.id === id);
const write = WRITES.find((workload) => workload.id === id);

if (id === COLD.id) await profileProcess();
else if (read !== undefined) await profileHere(db, read.items(questions), (subject, item) => read.ask(subject, item));
else if (write !== undefined) await onCopy((copy) => profileHere(copy, write.items(questions), (subject, item) => write.run(subject, item)));
else {
  process.stderr.write("usage: node packages/engine/bench/profile.mjs W2|W3|W4|W5|W6|W7|W8|W8b|W12 [--size M] [--rows 15]\n");
  process.exitCode = 2;
}

async function profileHere(folder, items, ask) {
  const subject = createSubject();
  await subject.open(folder);
  await repeat(items, (item) => ask(subject, item), WARM_MS);
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_US });
  await session.post("Profiler.start");
  const times = await repeat(items, (item) => ask(subject, item), MEASURED_MS);
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  await subject.close();
  const { median_ms, p95_ms } = summarise(times);
  console.log(`${id}, size ${size}: ${times.length} runs, median ${median_ms} ms, p95 ${p95_ms} ms`);
  print(profile, times.length);
}

async function repeat(items, ask, durationMs) {
  const times = [];
  const end = performance.now() + durationMs;
  for (let i = 0; performance.now() < end; i++) {
    const start = performance.now();
    await ask(items[i % items.length]);
    times.push(performance.now() - start);
  }
  return times;
}

async function onCopy(work) {
  const folder = mkdtempSync(path.join(tmpdir(), "omnigraph-profile-"));
  const copy = path.join(folder, "graph");
  cpSync(db, copy, { recursive: true });
  await work(copy);
  rmSync(folder, { recursive: true, force: true });
}

/** The command line as a user runs it. */
async function profileProcess() {
  const folder = mkdtempSync(path.join(tmpdir(), "omnigraph-profile-"));
  const command = ["query", "person", "--query", path.join(HERE, "queries.gq"), "--params", JSON.stringify({ slug: questions.w2[0] }), "--store", db, "--json"];
  const run = (flags) => spawnSync(process.execPath, [...flags, path.join(ROOT, "apps/omnigraph/bin/omnigraph.js"), ...command], { encoding: "utf8" });
  run([]);
  const start = performance.now();
  run([]);
  console.log(`${id}, size ${size}: ${(performance.now() - start).toFixed(0)} ms without the profiler`);
  run(["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${SAMPLE_US}`]);
  const [file] = readdirSync(folder);
  print(JSON.parse(readFileSync(path.join(folder, file), "utf8")), 1);
  rmSync(folder, { recursive: true, force: true });
}

function print(profile, runCount) {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const own = new Map();
  profile.samples.forEach((sample, i) => {
    const { functionName, url, lineNumber } = nodes.get(sample).callFrame;
    const place = url === "" ? functionName || "(native)" : `${functionName || "(anonymous)"}  ${url.split("/").slice(-3).join("/")}:${lineNumber + 1}`;
    own.set(place, (own.get(place) ?? 0) + profile.timeDeltas[i] / 1_000);
  });
  const total = [...own.values()].reduce((sum, ms) => sum + ms, 0);
  console.log("  ms per run   share  function");
  for (const [place, ms] of [...own].sort((a, b) => b[1] - a[1]).slice(0, Number(rows))) {
    console.log(`${(ms / runCount).toFixed(4).padStart(12)}  ${((100 * ms) / total).toFixed(1).padStart(5)}%  ${place}`);
  }
}
