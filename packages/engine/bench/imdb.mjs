// One seed, four hops, about 90,000 paths, limit 100: what a film database is asked.
//   node packages/engine/bench/imdb.mjs [--actors 10000] [--cast 17] [--db FOLDER]
// Actors and titles of one degree, so that the number of paths is known: cast to the fourth power. Prints the first answer of a fresh process without
// and with cache files, and the median of many seeds when everything is in memory. Bounds: 400 ms cold, 30 ms warm.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Graph, resultRows } from "@omnigraphdb/engine";
import { parseArguments } from "./arguments.mjs";
import { summarise } from "./measure.mjs";
import { seededRandom } from "./random.mjs";

const SCHEMA = `
node Actor { name: String @key }
node Title { code: String @key  year: I32 }
edge ActedIn: Actor -> Title
`;

const QUERY = `
query co_stars($name: String) {
  match {
    $a: Actor { name: $name }
    $a actedIn $t
    $b actedIn $t
    $b actedIn $u
    $c actedIn $u
  }
  return { $c.name as name, $u.year as year }
  limit 100
}`;

const SEEDS = 100;
const HERE = path.dirname(fileURLToPath(import.meta.url));
const options = parseArguments(process.argv.slice(2));
const actors = Number(options.actors ?? 10_000);
const cast = Number(options.cast ?? 17);
const db = path.resolve(options.db ?? path.join(HERE, "../../../bench-data", `imdb-${actors}-${cast}.omni`));
const actorName = (i) => `actor-${String(i).padStart(7, "0")}`;
const titleCode = (i) => `title-${String(i).padStart(7, "0")}`;

if (options.seed !== undefined) await answerOnce(String(options.seed));
else await measureAll();

async function measureAll() {
  if (!existsSync(db)) await create();
  const rows = [];
  rmSync(path.join(db, "__cache"), { recursive: true, force: true });
  rows.push({ what: "first answer, no cache files", ...summarise(inProcesses(5)) });
  const graph = await Graph.open(db, { mode: "rw" });
  await graph.ensureIndices();
  rows.push({ what: "first answer, cache files", ...summarise(inProcesses(5)) });
  const query = graph.prepare(QUERY);
  const times = [];
  for (let i = 0; i < SEEDS * 2; i++) {
    const start = performance.now();
    const { rowCount } = await query.run({ params: { name: actorName((i * 97) % actors) } });
    if (rowCount !== 100) throw new Error(`${rowCount} rows`);
    if (i >= SEEDS) times.push(performance.now() - start);
  }
  await graph.close();
  rows.push({ what: "warm", ...summarise(times) });
  console.log(`${cast ** 4} paths from each of ${actors} actors`);
  console.table(rows);
  const [cold, , warm] = rows;
  process.exitCode = cold.median_ms <= 400 && warm.median_ms <= 30 ? 0 : 1;
}

/** Milliseconds from an open graph to the answer, each in a process of its own. */
function inProcesses(count) {
  return Array.from({ length: count }, (_, i) => {
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--db", db, "--seed", actorName(i * 31)], { encoding: "utf8" });
    if (child.status !== 0) throw new Error(child.stderr);
    return Number(child.stdout);
  });
}

async function answerOnce(name) {
  const graph = await Graph.open(db, { mode: "ro" });
  const start = performance.now();
  const rows = [...resultRows(await graph.query(QUERY, { params: { name } }))];
  console.log(performance.now() - start);
  await graph.close();
  if (rows.length !== 100) throw new Error(`${rows.length} rows`);
}

async function create() {
  const graph = await Graph.init(db, SCHEMA, { settings: { durability: "process" } });
  const random = seededRandom(7);
  const lines = [];
  for (let i = 0; i < actors; i++) {
    lines.push(JSON.stringify({ type: "Actor", data: { name: actorName(i) } }));
    lines.push(JSON.stringify({ type: "Title", data: { code: titleCode(i), year: 1930 + (i % 95) } }));
  }
  for (let round = 0; round < cast; round++) {
    // A shuffled deck of titles per round gives every actor and every title one more edge.
    const deck = Uint32Array.from({ length: actors }, (_, i) => i);
    for (let i = deck.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [deck[i], deck[j]] = [deck[j], deck[i]];
    }
    deck.forEach((title, actor) => lines.push(JSON.stringify({ edge: "ActedIn", from: actorName(actor), to: titleCode(title) })));
  }
  await graph.load(lines.join("\n"), { mode: "append" });
  await graph.close();
}
