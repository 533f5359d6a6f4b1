/**
 * What the durability level `power` costs a commit: the same updates on two graphs, in turns (decision 0006). Build first, then
 * `node packages/engine/bench/durability.mjs [commits] [directory]`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Before the native module starts.
process.env.LANCEDB_LOG ??= "error";
const { Graph } = await import("../dist/index.js");

const LEVELS = ["process", "power"];
const PERSONS = 1_000;
const SCHEMA = "node Person {\n  name: String @key\n  age: I32?\n}\nedge Knows: Person -> Person\n";
const UPDATE = "query m($n: String, $a: I32) { update Person set { age: $a } where name = $n }";

const commits = Number(process.argv[2] ?? 200);
const directory = await mkdtemp(join(process.argv[3] ?? tmpdir(), "omnigraph-durability-"));

async function open(level) {
  const settings = { durability: level };
  await Graph.init(join(directory, level), SCHEMA, { settings });
  const graph = await Graph.open(join(directory, level), { mode: "rw", settings });
  const persons = Array.from({ length: PERSONS }, (_, index) => JSON.stringify({ type: "Person", data: { name: `p${index}`, age: 1 } }));
  await graph.load(persons.join("\n"), { mode: "append" });
  return { level, graph, milliseconds: [] };
}

const subjects = [];
for (const level of LEVELS) subjects.push(await open(level));
for (let index = 0; index < commits; index++) {
  for (const { graph, milliseconds } of subjects) {
    const start = performance.now();
    await graph.mutate(UPDATE, { params: { n: `p${index % PERSONS}`, a: index } });
    milliseconds.push(performance.now() - start);
  }
}
const quantile = (values, share) => values.sort((left, right) => left - right)[Math.floor(values.length * share)].toFixed(1);
for (const { level, graph, milliseconds } of subjects) {
  await graph.close();
  console.log(`${level}: median ${quantile(milliseconds, 0.5)} ms, p90 ${quantile(milliseconds, 0.9)} ms, least ${quantile(milliseconds, 0)} ms per commit`);
}
await rm(directory, { recursive: true, force: true });
