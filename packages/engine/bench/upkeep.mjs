// node packages/engine/bench/upkeep.mjs [--commits 5000] [--persons 60000] [--samples 200]
// What a history of small commits costs. Grows a graph by one-row commits with nothing but automatic upkeep, loads the same content into
// a fresh graph, and compares reads and writes of the two, in turns, and their size after `optimize` and `cleanup --keep 1`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Graph, resultRows } from "@omnigraphdb/engine";
import { parseArguments } from "./arguments.mjs";
import { diskBytes, summarise } from "./measure.mjs";
import { randomInteger, seededRandom } from "./random.mjs";

const LATENCY_RATIO_MAX = 1.5;
const DISK_RATIO_MAX = 1.2;
const SCHEMA = "node Person {\n  slug: String @key\n  name: String\n  age: I32? @index\n  about: String?\n}\nedge Knows: Person -> Person {\n  since: I32?\n}\n";
const QUERIES = `query upsert($slug: String, $name: String, $age: I32, $about: String) { insert Person { slug: $slug, name: $name, age: $age, about: $about } }
query meet($from: String, $to: String, $since: I32) { insert Knows { from: $from, to: $to, since: $since } }
query person($slug: String) { match { $p: Person { slug: $slug } } return { $p.name, $p.age } }
query aged($age: I32) { match { $p: Person $p.age = $age } return { $p.slug } }
`;

const options = parseArguments(process.argv.slice(2));
const commitCount = Number(options.commits ?? 5_000);
const personCount = Number(options.persons ?? 60_000);
const sampleCount = Number(options.samples ?? 200);
const random = seededRandom(42);
const folder = mkdtempSync(path.join(tmpdir(), "omnigraph-upkeep-"));
const slug = (index) => `p${String(index).padStart(7, "0")}`;
const person = (index) => ({ slug: slug(index), name: `Person ${index}`, age: randomInteger(random, 90), about: Array.from({ length: 12 }, () => randomInteger(random, 1e9).toString(36)).join(" ") });

try {
  const aged = await grow(path.join(folder, "aged.omni"));
  const fresh = await copy(aged, path.join(folder, "fresh.omni"));
  const ratios = await compareLatency(aged, fresh);
  ratios.push(await compareDisk(aged, fresh));
  await Promise.all([aged.close(), fresh.close()]);
  process.exitCode = ratios.every((ok) => ok) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function grow(uri) {
  const graph = await Graph.init(uri, SCHEMA);
  await graph.load(records(personCount), { mode: "append" });
  const commits = [];
  for (let index = 0; index < commitCount; index++) {
    const start = performance.now();
    await change(graph, index);
    commits.push(performance.now() - start);
    if ((index + 1) % 1_000 === 0) console.log(`commits ${index - 998} to ${index + 1}: ${show(commits.slice(-1_000))}`);
  }
  return graph;
}

async function* records(count) {
  for (let index = 0; index < count; index++) yield Buffer.from(`${JSON.stringify({ type: "Person", data: person(index) })}\n`);
}

/** One row: two of three times a person, new or known, else an edge. */
async function change(graph, index) {
  if (index % 3 === 2) {
    const params = { from: slug(randomInteger(random, personCount)), to: slug(randomInteger(random, personCount)), since: 2_000 };
    await graph.mutate(QUERIES, { name: "meet", params });
    return;
  }
  await graph.mutate(QUERIES, { name: "upsert", params: person(index % 3 === 0 ? personCount + index : randomInteger(random, personCount)) });
}

async function copy(source, uri) {
  const graph = await Graph.init(uri, SCHEMA);
  await graph.load(source.exportJsonl(), { mode: "append" });
  return graph;
}

async function compareLatency(aged, fresh) {
  const kinds = [
    ["write, one row", (graph, index) => change(graph, index), [aged, fresh]],
    ["read by key, warm", (graph) => ask(graph, "person", { slug: slug(randomInteger(random, personCount)) }), [aged, fresh]],
    ["read by property after a write", (graph, index) => afterWrite(graph, index), [aged, fresh]],
    ["read by key, a process", (uri) => commandLine(uri, "person", { slug: slug(randomInteger(random, personCount)) }), [aged.uri, fresh.uri]],
  ];
  const verdicts = [];
  for (const [name, run, subjects] of kinds) {
    const samples = [[], []];
    for (let index = 0; index < (name.endsWith("process") ? sampleCount / 5 : sampleCount); index++) {
      for (const [which, subject] of subjects.entries()) {
        const start = performance.now();
        await run(subject, 900_000 + index);
        samples[which].push(performance.now() - start);
      }
    }
    const [old, young] = samples.map(summarise);
    const ratio = old.median_ms / young.median_ms;
    verdicts.push(ratio <= LATENCY_RATIO_MAX);
    console.log(`${name.padEnd(30)} aged ${show(samples[0])}   fresh ${show(samples[1])}   ratio of medians ${ratio.toFixed(2)}`);
  }
  return verdicts;
}

async function ask(graph, name, params) {
  for (const row of resultRows(await graph.query(QUERIES, { name, params }))) void row;
}

/** What a write costs the reads after it: what was in memory of the type is outdated. */
async function afterWrite(graph, index) {
  await change(graph, 3 * index);
  await ask(graph, "aged", { age: 33 });
}

/** Start, open, read, exit. */
function commandLine(uri, name, params) {
  const program = path.join(import.meta.dirname, "../../../apps/omnigraph/bin/omnigraph.js");
  const { status, stderr } = spawnSync(process.execPath, [program, "query", "--store", uri, "-e", QUERIES, name, "--params", JSON.stringify(params)], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

async function compareDisk(aged, fresh) {
  const before = diskBytes(aged.uri);
  const sizes = [];
  for (const graph of [aged, fresh]) {
    const start = performance.now();
    await graph.optimize();
    const optimized = performance.now();
    // Native versions of the manifest stay for a few seconds after they were replaced.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const cleaning = performance.now();
    await graph.cleanup({ keepVersions: 1 });
    console.log(`optimize ${Math.round(optimized - start)} ms, cleanup ${Math.round(performance.now() - cleaning)} ms`);
    sizes.push({ all: diskBytes(graph.uri), manifest: diskBytes(path.join(graph.uri, "__manifest.lance")) });
  }
  const [old, young] = sizes;
  const ratio = old.all / young.all;
  const kib = (bytes) => `${Math.round(bytes / 1_024)} KiB`;
  console.log(`disk: ${kib(before)} before; aged ${kib(old.all)} (manifest ${kib(old.manifest)}), fresh ${kib(young.all)} (manifest ${kib(young.manifest)}), ratio ${ratio.toFixed(2)}`);
  return ratio <= DISK_RATIO_MAX;
}

function show(milliseconds) {
  const { median_ms: median, p95_ms: p95 } = summarise(milliseconds);
  const mean = milliseconds.reduce((sum, value) => sum + value, 0) / milliseconds.length;
  return `median ${median.toFixed(2)} mean ${mean.toFixed(2)} p95 ${p95.toFixed(1)} ms`;
}
