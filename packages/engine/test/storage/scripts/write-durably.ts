import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Graph } from "../../../src/graph.js";
import type { DatasetLocation, ManifestRow } from "../../../src/storage/dataset-gateway.js";
import { openGraphStorage } from "../../../src/storage/lance/open-graph-storage.js";
import { batchSource, columnOf } from "../../../test-support/row-batches.js";

/**
 * One writer under a system-call tracer: `root`, `durability`. Every step ends with a mark in the trace: an attempt to create a directory
 * `<step>` where none can be created.
 */
const [root, durability] = process.argv.slice(2) as [string, "process" | "power"];

function mark(step: string): void {
  try {
    mkdirSync(`/proc/marks/${step}`);
  } catch {
    process.stdout.write(`${step}\n`);
  }
}

const SCHEMA = "node Person {\n  name: String @key\n  age: I32?\n  photo: Blob?\n}\nedge Knows: Person -> Person\n";
const settings = { durability };
mark("start");
await Graph.init(root, SCHEMA, { settings });
mark("init");
const graph = await Graph.open(root, { mode: "rw", settings });
const person = (name: string, more: object = {}): string => JSON.stringify({ type: "Person", data: { name, ...more } });
const knows = (from: string, to: string): string => JSON.stringify({ edge: "Knows", from, to, data: {} });
await graph.load([person("a"), person("b"), knows("a", "b")].join("\n"), { mode: "append" });
mark("load");
await graph.load(person("c", { photo: `base64:${Buffer.alloc(90_000, 7).toString("base64")}` }), { mode: "append" });
mark("blob");
for (let age = 1; age <= 3; age++) {
  await graph.mutate("query m($n: String, $a: I32) { update Person set { age: $a } where name = $n }", { params: { n: "a", a: age } });
  mark(`update${age}`);
}
await graph.mutate("query m($n: String) { delete Person where name = $n }", { params: { n: "b" } });
mark("delete");
await graph.close();

// What other commands do to datasets, without the graph around it.
const storage = openGraphStorage(`${dirname(root)}/datasets`, { durability });
const { datasets, administration } = storage;
const MAIN: DatasetLocation = { directory: "nodes/t", nativeBranch: null };
const text = { base: { kind: "String" }, isList: false, isNullable: true } as const;
const rows = (...ids: readonly string[]): ReturnType<typeof batchSource> =>
  batchSource({ rowCount: ids.length, columns: new Map(["id", "name"].map((name) => [name, columnOf(text, ids)])) });
let version = await administration.createEmpty(MAIN, {
  columns: [
    { name: "id", role: "id", isNullable: false },
    { name: "name", role: "property", type: text, isNullable: true },
    { name: "__rev", role: "revision", isNullable: false },
  ],
  indexedColumns: ["id"],
});
mark("create");
const base = (version = await datasets.applyEffect(MAIN, { kind: "append", source: rows("a", "b", "c") }, version));
version = await datasets.applyEffect(MAIN, { kind: "append", source: rows("d") }, version);
version = await datasets.applyEffect(MAIN, { kind: "buildIndex", index: { column: "name", kind: "fullText" } }, version);
mark("index");
version = await datasets.applyEffect(MAIN, { kind: "compact" }, version);
mark("compact");
version = await datasets.applyEffect(MAIN, { kind: "addColumns", columns: [{ name: "more", role: "property", type: text, isNullable: true }] }, version);
version = await datasets.applyEffect(MAIN, { kind: "renameColumns", renames: [{ from: "more", to: "extra" }] }, version);
version = await datasets.applyEffect(MAIN, { kind: "dropColumns", names: ["extra"] }, version);
mark("columns");
const first: DatasetLocation = { directory: "nodes/t", nativeBranch: "g1" };
let head = await administration.fork(MAIN, version, first);
mark("fork");
head = await datasets.applyEffect(first, { kind: "deleteByIds", ids: ["a"] }, head);
head = await datasets.applyEffect(first, { kind: "upsert", source: rows("b") }, head);
mark("fork-write");
const second: DatasetLocation = { directory: "nodes/t", nativeBranch: "g2" };
head = await administration.fork(first, head, second);
await datasets.applyEffect(second, { kind: "deleteByIds", ids: ["c"] }, head);
mark("nested-fork");
await administration.restore(MAIN, base);
mark("restore");
await administration.prune(MAIN, 8_000_000_000_000);
mark("prune");
const { manifest } = storage;
const row = (key: string, seq: number): ManifestRow => ({ key, seq, base: seq - 1, txId: `tx${seq}`, createdAt: 0, payload: "{}" });
await manifest.create([row("head/m", 1)]);
for (let seq = 2; seq < 6; seq++) await manifest.conditionalMerge([row("head/m", seq), row(`commit/m/${seq}`, seq)]);
mark("merge");
await manifest.compact(0);
mark("manifest-compact");
await administration.deleteFork(second);
storage.close();
