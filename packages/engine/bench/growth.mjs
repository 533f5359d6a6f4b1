// node packages/engine/bench/growth.mjs [--only rows,commits,fragments,branches] [--max 1000000] [--fresh]
// How latency grows with rows, commits, fragments and branches. Points are kept in bench-results/growth.json as they are measured, and
// those that are there are not measured again without --fresh; every run draws docs/dev/growth/*.svg from what is there.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Graph } from "@omnigraphdb/engine";
import { parseArguments } from "./arguments.mjs";
import { drawGrowth } from "./growth-plot.mjs";
import { summarise } from "./measure.mjs";
import { randomInteger, seededRandom } from "./random.mjs";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const RESULTS = path.join(ROOT, "bench-results", "growth.json");
const PLOTS = path.join(ROOT, "docs", "dev", "growth");
const EDGES_PER_PERSON = 3;
const SAMPLES = 40;
const COLD_SAMPLES = 7;
const SCHEMA = "node Person {\n  slug: String @key\n  name: String\n  age: I32?\n}\nedge Knows: Person -> Person\n";
const QUERIES = `query person($slug: String) { match { $p: Person { slug: $slug } } return { $p.name, $p.age } }
query friends($slug: String) { match { $p: Person { slug: $slug } $p knows $q } return { $q.name } }
query near($slug: String) { match { $p: Person { slug: $slug } $p knows{1,3} $q } return { count($q) as n } }
query upsert($slug: String, $name: String) { insert Person { slug: $slug, name: $name } }
`;

/** What is grown: how far, and what is expected to stay flat. */
const DIMENSIONS = {
  rows: { title: "Latency against rows", axis: "persons (three edges each)", points: [10_000, 100_000, 1_000_000, 10_000_000], measure: measureRows },
  commits: { title: "Latency against commits", axis: "commits", points: [1, 10, 100, 1_000, 5_000], measure: measureCommits },
  fragments: { title: "Latency against fragments", axis: "appends since the last compaction", points: [1, 2, 4, 8, 16, 30], measure: measureFragments },
  branches: { title: "Latency against branches", axis: "branches", points: [1, 10, 100, 1_000], measure: measureBranches },
};

const options = parseArguments(process.argv.slice(2));
const only = typeof options.only === "string" ? options.only.split(",") : Object.keys(DIMENSIONS);
const max = Number(options.max ?? Infinity);
const unknown = only.filter((name) => DIMENSIONS[name] === undefined);
if (unknown.length > 0 || options._.length > 0 || !(max > 0) || options.help === true) {
  process.stderr.write(`usage: node packages/engine/bench/growth.mjs [--only ${Object.keys(DIMENSIONS).join(",")}] [--max N] [--fresh]\n`);
  process.exit(2);
}

const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : {};
for (const name of only) {
  const dimension = DIMENSIONS[name];
  const known = options.fresh === true ? {} : (results[name] ?? {});
  const wanted = dimension.points.filter((point) => point <= max);
  results[name] = known;
  if (wanted.some((point) => known[point] === undefined)) await measure(name, dimension, wanted, known);
}
mkdirSync(PLOTS, { recursive: true });
for (const [name, { title, axis }] of Object.entries(DIMENSIONS)) {
  if (Object.keys(results[name] ?? {}).length === 0) continue;
  const series = seriesOf(results[name]);
  writeFileSync(path.join(PLOTS, `${name}.svg`), drawGrowth({ title, axis, series }));
  console.log(`\n${title}: ${axis}`);
  for (const { label, points } of series) console.log(`  ${label.padEnd(30)}${points.map(([x, ms]) => `${x}: ${ms} ms`.padStart(20)).join("")}`);
}

async function measure(name, dimension, wanted, known) {
  const folder = mkdtempSync(path.join(tmpdir(), `omnigraph-growth-${name}-`));
  const keep = (point, figures) => {
    known[point] = figures;
    mkdirSync(path.dirname(RESULTS), { recursive: true });
    writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
    console.log(`${name} ${point}: ${Object.entries(figures).map(([label, ms]) => `${label} ${ms} ms`).join(", ")}`);
  };
  try {
    await dimension.measure(folder, wanted, known, keep);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function seriesOf(points) {
  const xs = Object.keys(points).map(Number).sort((a, b) => a - b);
  const labels = [...new Set(xs.flatMap((x) => Object.keys(points[x])))];
  return labels.map((label) => ({ label, points: xs.flatMap((x) => (points[x][label] === undefined ? [] : [[x, points[x][label]]])) }));
}

/** Every size is a graph of its own; those that were measured before are not built again. */
async function measureRows(folder, wanted, known, keep) {
  for (const count of wanted.filter((point) => known[point] === undefined)) {
    const uri = path.join(folder, `${count}.omni`);
    const graph = await Graph.init(uri, SCHEMA, { settings: { durability: "process" } });
    await graph.load(records(0, count, count * EDGES_PER_PERSON), { mode: "append" });
    await graph.optimize();
    await graph.close();
    const figures = { "open and read, cold": await coldRead(uri, count), "open and walk 3 hops, cold": await coldRead(uri, count, "near") };
    const warm = await Graph.open(uri, { mode: "rw", settings: { durability: "process" } });
    for (const [label, query] of [["read by key", "person"], ["1 hop", "friends"], ["3 hops", "near"]]) {
      for (let i = 0; i < 30; i++) await ask(warm, query, slugAt(i, count));
      figures[`${label}, warm`] = await medianOf(SAMPLES, (i) => ask(warm, query, slugAt(i, count)));
    }
    figures["write one row"] = await medianOf(15, (i) => upsert(warm, slugAt(i, count)));
    await warm.close();
    rmSync(uri, { recursive: true, force: true });
    keep(count, figures);
  }
}

/** One graph that grows by one-row commits, with nothing but automatic upkeep. */
async function measureCommits(folder, wanted, _known, keep) {
  const uri = path.join(folder, "graph.omni");
  const persons = 10_000;
  const graph = await Graph.init(uri, SCHEMA, { settings: { durability: "process" } });
  await graph.load(records(0, persons, persons), { mode: "append" });
  const { graphCommitId: first } = await graph.snapshot();
  let commits = 1;
  for (const goal of wanted) {
    const writes = [];
    for (; commits < goal; commits++) writes.push(await timed(() => upsert(graph, slugAt(commits, persons))));
    // Too few are between the first points: those that are missing are made beyond them.
    while (writes.length < 15) writes.push(await timed(() => upsert(graph, slugAt(writes.length, persons))));
    const figures = { "write one row": summarise(writes.slice(-200)).median_ms, "open and read, cold": await coldRead(uri, persons) };
    figures["read by key, warm"] = await medianOf(SAMPLES, (i) => ask(graph, "person", slugAt(i, persons)));
    figures["read the first version, cold"] = await medianOf(COLD_SAMPLES, () => opened(uri, (cold) => ask(cold, "person", slugAt(1, persons), { snapshot: first })));
    keep(goal, figures);
  }
  await graph.close();
}

/** Appends of a few rows each; upkeep compacts beyond some thirty of them. */
async function measureFragments(folder, wanted, _known, keep) {
  const persons = 100_000;
  for (const goal of wanted) {
    const uri = path.join(folder, `${goal}.omni`);
    const graph = await Graph.init(uri, SCHEMA, { settings: { durability: "process" } });
    const share = Math.ceil(persons / goal);
    for (let part = 0; part < goal; part++) await graph.load(records(part * share, Math.min(persons, (part + 1) * share), 0), { mode: "append" });
    const figures = { "open and read, cold": await coldRead(uri, persons) };
    figures["filter all rows, cold"] = await medianOf(COLD_SAMPLES, () => opened(uri, (cold) => cold.query("query q($a: I32) { match { $p: Person $p.age > $a } return { $p.slug } limit 5 }", { params: { a: 88 } })));
    for (let i = 0; i < 60; i++) await ask(graph, "person", slugAt(i, persons));
    figures["read by key, warm"] = await medianOf(SAMPLES, (i) => ask(graph, "person", slugAt(i, persons)));
    // Each adds a fragment, and beyond thirty of them upkeep compacts.
    figures["write one row"] = await medianOf(goal > 25 ? 1 : 5, (i) => upsert(graph, slugAt(i, persons)));
    await graph.close();
    rmSync(uri, { recursive: true, force: true });
    keep(goal, figures);
  }
}

/** Branches that each have a commit of their own. */
async function measureBranches(folder, wanted, _known, keep) {
  const uri = path.join(folder, "graph.omni");
  const persons = 10_000;
  const graph = await Graph.init(uri, SCHEMA, { settings: { durability: "process" } });
  await graph.load(records(0, persons, persons), { mode: "append" });
  let branches = 1;
  for (const goal of wanted) {
    const creations = [];
    const firstWrites = [];
    const add = async (name) => {
      creations.push(await timed(() => graph.branchCreate(name)));
      firstWrites.push(await timed(() => upsert(graph, slugAt(creations.length, persons), name)));
    };
    for (; branches < goal; branches++) await add(`branch-${branches}`);
    const extra = [];
    while (creations.length < 5) {
      extra.push(`extra-${goal}-${creations.length}`);
      await add(extra.at(-1));
    }
    for (const name of extra) await graph.branchDelete(name);
    const figures = { "create a branch": summarise(creations.slice(-50)).median_ms, "first write on a branch": summarise(firstWrites.slice(-50)).median_ms };
    figures["write on main"] = await medianOf(15, (i) => upsert(graph, slugAt(i, persons)));
    figures["open and read, cold"] = await coldRead(uri, persons);
    figures["list branches"] = await medianOf(SAMPLES, () => graph.branchList());
    keep(goal, figures);
  }
  await graph.close();
}

async function* records(from, to, edgeCount) {
  const random = seededRandom(7);
  const lines = [];
  for (let i = from; i < to; i++) {
    lines.push(JSON.stringify({ type: "Person", data: { slug: slugAt(i, Infinity), name: `Person ${i}`, age: i % 90 } }));
    if (lines.length === 5_000) yield takeLines(lines);
  }
  for (let i = 0; i < edgeCount; i++) {
    lines.push(JSON.stringify({ edge: "Knows", from: slugAt(i % to, Infinity), to: slugAt(randomInteger(random, to), Infinity), data: { id: `k${i}` } }));
    if (lines.length === 5_000) yield takeLines(lines);
  }
  yield takeLines(lines);
}

function takeLines(lines) {
  return Buffer.from(lines.splice(0).map((line) => `${line}\n`).join(""));
}

/** Spread over all rows. */
function slugAt(index, count) {
  const at = count === Infinity ? index : (index * 7_919) % count;
  return `p${String(at).padStart(8, "0")}`;
}

function ask(graph, name, slug, target = {}) {
  return graph.query(QUERIES, { name, params: { slug }, target });
}

function upsert(graph, slug, branch) {
  return graph.mutate(QUERIES, { name: "upsert", params: { slug, name: `${slug} again` }, ...(branch === undefined ? {} : { branch }) });
}

async function opened(uri, use) {
  const graph = await Graph.open(uri, { mode: "ro" });
  try {
    return await use(graph);
  } finally {
    await graph.close();
  }
}

/** A handle of its own each time: nothing of ours is in memory; the pages of the operating system are. */
function coldRead(uri, count, query = "person") {
  return medianOf(COLD_SAMPLES, (i) => opened(uri, (graph) => ask(graph, query, slugAt(i, count))));
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function medianOf(count, work) {
  const times = [];
  for (let i = 0; i < count; i++) times.push(await timed(() => work(i)));
  return summarise(times).median_ms;
}
