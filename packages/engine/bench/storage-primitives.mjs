/**
 * Latency of what the storage layer offers: publish, probe, effects, scans. Build first, then
 * `node packages/engine/bench/storage-primitives.mjs [commits]`.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createColumnBuilder } from "../dist/columnar/column-builder.js";
import { openGraphStorage } from "../dist/storage/lance/open-graph-storage.js";

const COMPACTION_COMMITS = 100;
const LOCATION = { directory: "nodes/people", nativeBranch: null };
const type = (kind) => ({ base: { kind }, isList: false, isNullable: true });
const SCHEMA = {
  columns: [
    { name: "id", role: "id", isNullable: false },
    { name: "name", role: "property", type: type("String"), isNullable: true },
    { name: "age", role: "property", type: type("I32"), isNullable: true },
    { name: "__h", role: "hash", isNullable: false },
    { name: "__rev", role: "revision", isNullable: false },
  ],
  indexedColumns: ["id"],
};

function percentile(samples, part) {
  return [...samples].sort((left, right) => left - right)[Math.min(samples.length - 1, Math.floor(samples.length * part))];
}

function print(name, samples) {
  console.log(`${name.padEnd(44)} median ${percentile(samples, 0.5).toFixed(2).padStart(8)} ms   p95 ${percentile(samples, 0.95).toFixed(2).padStart(8)} ms`);
}

async function sample(count, run) {
  const samples = [];
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    await run(index);
    samples.push(performance.now() - start);
  }
  return samples;
}

function column(kind, rowCount, value) {
  const builder = createColumnBuilder(type(kind));
  for (let row = 0; row < rowCount; row++) builder.appendCell(value(row));
  return builder.freeze();
}

function people(first, rowCount) {
  const columns = new Map([
    ["id", column("String", rowCount, (row) => `person-${first + row}`)],
    ["name", column("String", rowCount, (row) => `Name of ${first + row}`)],
    ["age", column("I32", rowCount, (row) => row % 90)],
    ["__h", column("U64", rowCount, (row) => BigInt(first + row))],
  ]);
  return { rowCount, columns };
}

const source = (...batches) => ({ batchCount: batches.length, rowCount: 0, batches: () => batches });

async function measurePublishes(manifest, root, commitCount) {
  const payload = "x".repeat(700);
  const row = (key, seq) => ({ key, seq, base: seq - 1, txId: `tx${seq}`, createdAt: 0, payload });
  await manifest.create([row("head/m", 1), row("commit/m/1", 1)]);
  let publishes = [];
  for (let seq = 2; seq <= commitCount + 1; seq++) {
    publishes.push(...(await sample(1, () => manifest.conditionalMerge([row("head/m", seq), row(`commit/m/${seq}`, seq)]))));
    if ((seq - 1) % COMPACTION_COMMITS !== 0) continue;
    const isReported = [100, 500, 1000, 2000, 5000].includes(seq - 1);
    if (isReported) print(`publish, commits ${seq - COMPACTION_COMMITS}…${seq - 1}`, publishes);
    if (isReported) print("  head row, before compaction", await sample(5, () => manifest.readRows(["head/m"])));
    const compaction = await sample(1, () => manifest.compact());
    if (isReported) print(`  compaction, ${(await readdir(`${root}/__manifest.lance/_versions`)).length} versions`, compaction);
    if (isReported) print("  head row, after compaction", await sample(5, () => manifest.readRows(["head/m"])));
    publishes = [];
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  print("probe, quiet", await sample(1000, () => manifest.probe()));
}

async function measureEffects({ datasets, administration }) {
  let version = await administration.createEmpty(LOCATION, SCHEMA);
  const apply = async (effect) => {
    version = await datasets.applyEffect(LOCATION, effect, version);
  };
  await apply({ kind: "append", source: source(people(0, 100_000)) });
  print("upsert 1 of 100,000 rows, one fragment", await sample(1, () => apply({ kind: "upsert", source: source(people(7, 1)) })));
  print("append 1 row", await sample(64, (index) => apply({ kind: "append", source: source(people(200_000 + index, 1)) })));
  print("upsert 1 row, 65 fragments", await sample(10, (index) => apply({ kind: "upsert", source: source(people(index * 100, 1)) })));
  print("delete 1 row", await sample(10, (index) => apply({ kind: "deleteByIds", ids: [`person-${5000 + index}`] })));
  print("inspect", await sample(20, () => datasets.inspect(LOCATION)));
  print("compact", await sample(1, () => apply({ kind: "compact" })));
  print("upsert 1 row, compacted", await sample(10, (index) => apply({ kind: "upsert", source: source(people(index * 100 + 1, 1)) })));
  print("append 100,000 rows", await sample(9, (index) => apply({ kind: "append", source: source(people(1_000_000 + index * 100_000, 100_000)) })));
  const pinned = await datasets.openPinned(LOCATION, version);
  const drain = async (options) => {
    for await (const batch of pinned.scan(options)) if (batch.rowCount === 0) throw new Error("empty batch");
  };
  const byId = (id) => ({ kind: "compare", column: "id", operator: "=", value: { kind: "string", value: id } });
  print("read 1 row by id, 3 columns", await sample(50, (index) => drain({ columns: ["id", "name", "age"], filter: byId(`person-${index * 997}`) })));
  print("scan 1,000,000 rows, 2 texts", await sample(5, () => drain({ columns: ["id", "name"] })));
  print("scan 1,000,000 rows, 2 numbers", await sample(5, () => drain({ columns: ["__h", "age"] })));
}

const root = await mkdtemp(join(tmpdir(), "omnigraph-storage-bench-"));
const storage = openGraphStorage(root);
try {
  await measurePublishes(storage.manifest, root, Number(process.argv[2] ?? 2000));
  await measureEffects(storage);
} finally {
  storage.close();
  await rm(root, { recursive: true, force: true });
}
