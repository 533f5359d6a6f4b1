/**
 * Commits a second when many writers insert one record each (group commit, WR-11), beside one writer alone. Build first, then
 * `node packages/engine/bench/concurrent-writers.mjs [writers] [seconds] [process|power] [directory]`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Before the native module starts.
process.env.LANCEDB_LOG ??= "error";
const { Graph } = await import("../dist/index.js");

const PERSONS = 1_000;
const SCHEMA = "node Person {\n  name: String @key\n  age: I32?\n}\nedge Knows: Person -> Person\n";
const INSERT = "query m($n: String, $a: I32) { insert Person { name: $n, age: $a } }";

const writers = Number(process.argv[2] ?? 64);
const seconds = Number(process.argv[3] ?? 5);
const settings = { durability: process.argv[4] ?? "power" };
const directory = await mkdtemp(join(process.argv[5] ?? tmpdir(), "omnigraph-writers-"));

await Graph.init(join(directory, "graph"), SCHEMA, { settings });
const graph = await Graph.open(join(directory, "graph"), { mode: "rw", settings });
const persons = Array.from({ length: PERSONS }, (_, index) => JSON.stringify({ type: "Person", data: { name: `p${index}`, age: 1 } }));
await graph.load(persons.join("\n"), { mode: "append" });

let number = 0;

async function measure(count) {
  const milliseconds = [];
  const start = performance.now();
  const cpu = process.cpuUsage();
  const work = async () => {
    while (performance.now() - start < seconds * 1_000) {
      const begin = performance.now();
      number++;
      await graph.mutate(INSERT, { params: { n: `q${number}`, a: number } });
      milliseconds.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: count }, work));
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  milliseconds.sort((left, right) => left - right);
  const quantile = (share) => milliseconds[Math.floor(milliseconds.length * share)].toFixed(1);
  const commits = milliseconds.length;
  console.log(
    `${count} writers, ${settings.durability}: ${((commits / elapsed) * 1_000).toFixed(1)} commits/s, median ${quantile(0.5)} ms, ` +
      `p95 ${quantile(0.95)} ms, ${((user + system) / 1_000 / commits).toFixed(1)} ms of processor a commit`,
  );
}

await measure(1);
await measure(writers);
await graph.close();
await rm(directory, { recursive: true, force: true });
