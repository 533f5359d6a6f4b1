import { readdir } from "node:fs/promises";
import { randomIds, systemClock } from "@omnigraphdb/common";
import { createAcceptedSchema } from "@omnigraphdb/compiler";
import { makeTempDir } from "@omnigraphdb/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RowBatch } from "../../src/columnar/column.js";
import { readCell } from "../../src/columnar/read-cell.js";
import { requireColumn } from "../../src/columnar/row-batch.js";
import type { EntityHash } from "../../src/hash/entity-hash.js";
import type { LoadMode } from "../../src/graph-api.js";
import { type PreparedLoad, prepareLoad } from "../../src/load/load.js";
import { readLoad, type LoadContext } from "../../src/load/read-load.js";
import type { WriteView } from "../../src/transaction/write-coordinator.js";
import { failureOf, ndjson } from "./load-fixture.js";

const schema = createAcceptedSchema(
  "node Item { slug: String @key  words: [String]?  vec: Vector(2)?  flag: Bool? }\nnode Note { text: String }\nedge Likes: Item -> Item { weight: I64? }",
  { identityDomain: "test" },
);

/** A view of an empty graph: no committed rows are ever asked for. */
const emptyView: WriteView = {
  schema,
  // Loads look at the snapshot only.
  state: {} as WriteView["state"],
  snapshot: { branch: null, graphManifestVersion: 1, graphCommitId: "c", catalog: schema.catalog, entries: new Map() },
  openType: (typeKey) => Promise.reject(new Error(`an empty graph has no rows of ${typeKey}`)),
};

const context = (directory: string, more: Partial<LoadContext> = {}): LoadContext => ({ clock: systemClock, ids: randomIds, stagingDirectory: directory, ...more });

async function appendedRows(load: PreparedLoad, view: WriteView): Promise<Record<string, unknown[]>> {
  const { staged } = await load.prepare(view);
  const rows: Record<string, unknown[]> = {};
  for (const { typeKey, effects } of staged?.datasets ?? []) {
    rows[typeKey] = [];
    for (const effect of effects) {
      if (effect.kind !== "append") continue;
      for await (const batch of effect.source.batches()) rows[typeKey].push(...rowsOf(batch));
    }
  }
  return rows;
}

function rowsOf(batch: RowBatch): unknown[] {
  const names = [...batch.columns.keys()];
  return Array.from({ length: batch.rowCount }, (_, row) => Object.fromEntries(names.map((name) => [name, readCell(requireColumn(batch, name), row)])));
}

const records = Array.from({ length: 2_000 }, (_, i) => ({
  type: "Item",
  data: { slug: `s${i}`, words: i % 3 === 0 ? null : [`w${i}`, ""], vec: i % 5 === 0 ? null : [i, -i], flag: i % 7 === 0 ? null : i % 2 === 0 },
}));
const edges = Array.from({ length: 3_000 }, (_, i) => ({ edge: "Likes", from: `s${i % 2_000}`, to: `s${(i * 7) % 2_000}`, data: { id: `e${i}`, weight: i } }));

test("LD-6 batches beyond the memory budget wait in files with the same content, and are removed", async () => {
  await using staging = await makeTempDir();
  const input = ndjson(...records, ...edges);
  await using inMemory = prepareLoad(input, { mode: "append" }, context(staging.path));
  const expected = await appendedRows(inMemory, emptyView);
  expect(await readdir(staging.path)).toEqual([]);
  {
    await using spilled = prepareLoad(input, { mode: "append" }, context(staging.path, { stagedMemoryBytes: 0 }));
    expect(await appendedRows(spilled, emptyView)).toEqual(expected);
    expect(await readdir(staging.path)).toHaveLength(1);
    // OCC-4: prepared again without reading the input again.
    expect(await appendedRows(spilled, emptyView)).toEqual(expected);
  }
  expect(await readdir(staging.path)).toEqual([]);
});

test("a staging directory that cannot be written is a typed error", async () => {
  await using load = prepareLoad(ndjson(...records), { mode: "append" }, context("/nonexistent/directory", { stagedMemoryBytes: 0 }));
  const error = await failureOf(load.prepare(emptyView));
  expect(error).toMatchObject({ code: "STORAGE", effects: "none" });
  expect(error.message).toContain("cannot write staging files");
});

test("OCC-4 a stream is read once, however often the load is prepared", async () => {
  await using staging = await makeTempDir();
  let reads = 0;
  const once = (async function* (): AsyncGenerator<Uint8Array> {
    reads++;
    yield await Promise.resolve(new TextEncoder().encode(ndjson(...records.slice(0, 3))));
  })();
  await using load = prepareLoad(once, { mode: "merge" }, context(staging.path));
  for (let i = 0; i < 3; i++) expect((await load.prepare(emptyView)).result.totalEntities).toBe(3);
  expect(reads).toBe(1);
});

test("a schema that changed since the input was read is a conflict", async () => {
  await using staging = await makeTempDir();
  await using load = prepareLoad(ndjson(records[0]), { mode: "merge" }, context(staging.path));
  await load.prepare(emptyView);
  const changed = createAcceptedSchema("node Item { slug: String @key }", { identityDomain: "test" });
  expect((await failureOf(load.prepare({ ...emptyView, schema: changed }))).code).toBe("LOAD_SCHEMA_CHANGED");
});

test.each<LoadMode>(["append", "merge", "overwrite"])("DG-6 two ids with one hash are refused naming both (%s)", async (mode) => {
  await using staging = await makeTempDir();
  const collide: EntityHash = (_bytes, _start, _end, out, index) => out.fill(7, 2 * index, 2 * index + 2);
  await using load = prepareLoad(ndjson(...records.slice(0, 2)), { mode }, context(staging.path, { hash: collide }));
  const error = await failureOf(load.prepare(emptyView));
  expect(error).toMatchObject({ code: "HASH_COLLISION", category: "conflict", retryable: false });
  expect(error.message).toContain("'s0' and 's1'");
});

test("LD-6 any content survives staging in files", async () => {
  await using staging = await makeTempDir();
  const data = fc.record({
    slug: fc.string({ unit: "binary" }),
    words: fc.option(fc.array(fc.string({ unit: "binary" }), { maxLength: 3 })),
    vec: fc.option(fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.float({ noNaN: true, noDefaultInfinity: true }))),
    flag: fc.option(fc.boolean()),
  });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(data, { selector: ({ slug }) => slug, maxLength: 20 }), fc.boolean(), async (items, spills) => {
      const input = ndjson(...items.map((item) => ({ type: "Item", data: item })));
      await using load = prepareLoad(input, { mode: "append" }, context(staging.path, spills ? { stagedMemoryBytes: 0 } : {}));
      const rows = (await appendedRows(load, emptyView))["node:Item"] ?? [];
      // JSON.stringify drops the sign of zero.
      const vector = (vec: readonly number[] | null): Float32Array | null => (vec === null ? null : Float32Array.from(vec, (value) => value + 0));
      expect(rows).toMatchObject(items.map((item) => ({ ...item, vec: vector(item.vec), id: item.slug })));
    }),
    { numRuns: 200 },
  );
});

test("LD-51 memory of a load does not grow with rows that have no ids of their own", async () => {
  await using staging = await makeTempDir();
  const input = (function* (): Generator<Uint8Array> {
    const block = new TextEncoder().encode(`${ndjson(...Array.from({ length: 1_000 }, (_, i) => ({ type: "Note", data: { text: `n${i}` } })))}\n`);
    for (let i = 0; i < 600; i++) yield block;
  })();
  const load = await readLoad(input, schema, { mode: "append" }, context(staging.path, { stagedMemoryBytes: 0 }));
  expect(load.recordCount).toBe(600_000);
  expect(load.types.get("node:Note")?.ids.size).toBe(0);
  expect(load.types.get("node:Note")?.rows.layout.map(({ rowCount }) => rowCount)).toEqual([262_144, 262_144, 75_712]);
  await load[Symbol.asyncDispose]();
});
