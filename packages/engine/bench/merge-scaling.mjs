// npm run bench:merge [-- --rows 10000,1000000] [--rounds 4]
// Time and memory of merging 1,000 changed rows into tables of different size, each row with a 128-dimensional vector. Every table is
// made once and kept in bench-data; every measurement runs in a process of its own.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArguments } from "./arguments.mjs";
import { peakRssMiB, summarise } from "./measure.mjs";

// Before the native module starts.
process.env.LANCEDB_LOG ??= "error";

const FILE = fileURLToPath(import.meta.url);
const ROOT = path.resolve(path.dirname(FILE), "../../..");
const CHANGED = 1_000;
const DIMENSION = 128;
const SCHEMA = `node Doc {\n  key: String @key\n  title: String\n  score: I32?\n  vec: Vector(${DIMENSION})?\n}\n`;

/** What the two branches did since they parted. */
const CASES = {
  "fast-forward, updates": { deleteShare: 0, insertShare: 0, isTargetMoved: false },
  "three-way, updates": { deleteShare: 0, insertShare: 0, isTargetMoved: true },
  "three-way, with inserts and deletes": { deleteShare: 0.1, insertShare: 0.1, isTargetMoved: true },
};

const options = parseArguments(process.argv.slice(2));
const [role, ...rest] = options._;
if (role === "prepare") await prepare(rest[0], Number(rest[1]));
else if (role === "measure") await measure(rest[0], Number(rest[1]), rest[2], Number(rest[3]));
else runAll();

function runAll() {
  const sizes = String(options.rows ?? "10000,1000000").split(",").map(Number);
  const rounds = Math.min(4, Number(options.rounds ?? 4));
  const results = [];
  for (const size of sizes) {
    const db = path.join(ROOT, "bench-data", `merge-${size}.omni`);
    if (!existsSync(path.join(db, ".bench-complete"))) child(["prepare", db, String(size)]);
    for (const name of Object.keys(CASES)) results.push({ size, name, ...JSON.parse(child(["measure", db, String(size), name, String(rounds)])) });
  }
  for (const name of Object.keys(CASES)) {
    const [small, ...larger] = results.filter((result) => result.name === name);
    console.log(name);
    for (const result of [small, ...larger]) {
      const ratio = (result.median_ms / small.median_ms).toFixed(2);
      console.log(`  ${String(result.size).padStart(9)} rows: ${result.median_ms.toFixed(0).padStart(6)} ms (${ratio} x), max ${result.max_ms.toFixed(0)} ms, peak ${result.peak_mib} MiB above idle`);
    }
  }
  mkdirSync(path.join(ROOT, "bench-results"), { recursive: true });
  writeFileSync(path.join(ROOT, "bench-results", "merge-scaling.json"), `${JSON.stringify(results, null, 2)}\n`);
}

function child(args) {
  const run = spawnSync(process.execPath, [FILE, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 24 });
  if (run.status !== 0) throw new Error(`${args.join(" ")} failed`);
  return run.stdout.trim().split("\n").at(-1);
}

async function prepare(db, rowCount) {
  const { Graph } = await import("@omnigraphdb/engine");
  rmSync(db, { recursive: true, force: true });
  const graph = await Graph.init(db, SCHEMA);
  await graph.load(records(sequence(0, rowCount), 0), { mode: "append" });
  await graph.optimize();
  await graph.close();
  writeFileSync(path.join(db, ".bench-complete"), "");
}

async function measure(db, rowCount, name, rounds) {
  const { deleteShare, insertShare, isTargetMoved } = CASES[name];
  const { Graph } = await import("@omnigraphdb/engine");
  const inserted = Math.round(CHANGED * insertShare);
  const deleted = Math.round(CHANGED * deleteShare);
  const step = Math.floor(rowCount / CHANGED);
  const branches = [];
  // Changes first, merges in a fresh handle of a quiet process: its memory is the merge's own.
  const setUp = async () => {
    const graph = await Graph.open(db, { mode: "rw" });
    const stamp = Date.now().toString(36);
    for (let round = 0; round <= rounds; round++) {
      const branch = `bench-${stamp}-${round}`;
      await graph.branchCreate(branch);
      const changes = sequence(0, CHANGED - inserted - deleted).map((i) => i * step + round);
      await graph.load(records([...changes, ...sequence(rowCount + round * CHANGED, inserted)], round + 1, stamp), { mode: "merge", branch });
      if (deleted > 0) {
        const gone = sequence(0, deleted).map((i) => keyOf(i * step + 5 + round));
        await graph.mutate("query prune($keys: [String]) { delete Doc where key in $keys }", { branch, params: { keys: gone } }).catch(async () => {
          for (const key of gone) await graph.mutate("query prune($key: String) { delete Doc where key = $key }", { branch, params: { key } });
        });
      }
      branches.push(branch);
    }
    await graph.close();
  };
  if (options.setup === undefined) {
    const run = spawnSync(process.execPath, [FILE, "measure", db, String(rowCount), name, String(rounds), "--setup"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    if (run.status !== 0) throw new Error("the set-up failed");
    branches.push(...JSON.parse(run.stdout.trim()));
  } else {
    await setUp();
    console.log(JSON.stringify(branches));
    return;
  }
  const graph = await Graph.open(db, { mode: "rw" });
  await graph.headCommitId();
  await graph.query("query q() { match { $d: Doc { key: \"" + keyOf(1) + "\" } } return { $d.title } }");
  globalThis.gc?.();
  const idle = process.memoryUsage().rss;
  let peak = idle;
  const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 2);
  const times = [];
  for (const [round, branch] of branches.entries()) {
    if (isTargetMoved) await graph.load(records([(CHANGED / 2 + round) * step + 9], 1_000 + round), { mode: "merge" });
    const start = performance.now();
    await graph.branchMerge(branch);
    // The first one finds every cache of the storage cold.
    if (round > 0) times.push(performance.now() - start);
  }
  clearInterval(sampler);
  for (const branch of branches) await graph.branchDelete(branch);
  await graph.close();
  const above = Math.round((Math.max(peak, peakRssMiB() * 1_048_576) - idle) / 1_048_576);
  console.log(JSON.stringify({ ...summarise(times), peak_mib: above }));
}

function sequence(first, count) {
  return Array.from({ length: count }, (_, index) => first + index);
}

function keyOf(index) {
  return `doc-${String(index).padStart(9, "0")}`;
}

/** NDJSON in pieces of some 2 MB; the values depend on row and revision only. */
function* records(indexes, revision, stamp = "") {
  const encoder = new TextEncoder();
  let text = "";
  for (const index of indexes) {
    const vector = [];
    for (let i = 0, state = (index * 2_654_435_761 + revision) >>> 0; i < DIMENSION; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      vector.push((state >>> 24) / 256);
    }
    text += `{"type":"Doc","data":{"key":"${keyOf(index)}","title":"title ${index} ${revision} ${stamp}","score":${(index + revision) % 100},"vec":[${vector.join(",")}]}}\n`;
    if (text.length > 2_000_000) {
      yield encoder.encode(text);
      text = "";
    }
  }
  if (text !== "") yield encoder.encode(text);
}
