import { readdir } from "node:fs/promises";
import { makeTempDir, startS3Server, type S3TestServer } from "@omnigraphdb/testkit";
import type { BaseType, PropertyType } from "@omnigraphdb/compiler";
import { describe, expect, test } from "vitest";
import type { Column, RowBatch } from "../../src/columnar/column.js";
import type { Cell } from "../../src/columnar/read-cell.js";
import { type CompactionCounts, DELETE_IDS_PER_CALL_MAX, type GraphStorage, type PinnedDataset, plannedVersionCount, type ScanOptions } from "../../src/storage/dataset-gateway.js";
import type { DatasetColumn, DatasetSchema } from "../../src/storage/dataset-schema.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";
import { batchSource, columnOf, valuesOf } from "../../test-support/row-batches.js";

const type = (base: BaseType, isList = false): PropertyType => ({ base, isList, isNullable: true });
const LOCATION = { directory: "nodes/0000000000000001-0000000000000001", nativeBranch: null };

const PROPERTIES: Readonly<Record<string, readonly [PropertyType, readonly Cell[]]>> = {
  aBlob: [type({ kind: "Blob" }), [Uint8Array.of(1, 2, 3), null, new Uint8Array(0), new Uint8Array(100_000).fill(7)]],
  aBool: [type({ kind: "Bool" }), [true, null, false, true]],
  aDate: [type({ kind: "Date" }), [-719162, null, 0, 2932896]],
  aDateTime: [type({ kind: "DateTime" }), [-62135596800000n, null, 1n, 253402300799999n]],
  aF32: [type({ kind: "F32" }), [Math.fround(0.1), null, -Infinity, -0]],
  aF64: [type({ kind: "F64" }), [0.1, null, Number.MAX_VALUE, NaN]],
  aI32: [type({ kind: "I32" }), [-2147483648, null, 0, 2147483647]],
  aI64: [type({ kind: "I64" }), [-(2n ** 63n), null, 0n, 2n ** 63n - 1n]],
  aListOfString: [type({ kind: "String" }, true), [["a", "", "é😀"], null, [], ["z"]]],
  aListOfU64: [type({ kind: "U64" }, true), [[2n ** 64n - 1n], null, [], [0n, 1n]]],
  aString: [type({ kind: "String" }), ["", null, "it's \\ \n 😀", "x".repeat(70_000)]],
  aU32: [type({ kind: "U32" }), [0, null, 1, 4294967295]],
  aU64: [type({ kind: "U64" }), [0n, null, 2n ** 63n, 2n ** 64n - 1n]],
  aVector: [type({ kind: "Vector", dimension: 3 }), [Float32Array.of(1, 2, 3), null, Float32Array.of(0, -0, 1e30), Float32Array.of(4, 5, 6)]],
  camelCaseName: [type({ kind: "String" }), ["1", "2", null, null]],
};

function schemaOf(properties: Readonly<Record<string, readonly [PropertyType, unknown]>>): DatasetSchema {
  const columns = Object.entries(properties).map(([name, [propertyType]]): DatasetColumn => ({ name, role: "property", type: propertyType, isNullable: true }));
  return {
    columns: [
      { name: "id", role: "id", isNullable: false },
      ...columns,
      { name: "__h", role: "hash", isNullable: false },
      { name: "__rev", role: "revision", isNullable: false },
    ],
    indexedColumns: ["id"],
  };
}

const HASH = type({ kind: "U64" });
const ID = type({ kind: "String" });

function rowsOf(ids: readonly string[], properties: Readonly<Record<string, readonly [PropertyType, readonly Cell[]]>>): RowBatch {
  const columns = new Map<string, Column>([["id", columnOf(ID, ids)], ["__h", columnOf(HASH, ids.map((_, row) => BigInt(row)))]]);
  for (const [name, [propertyType, values]] of Object.entries(properties)) columns.set(name, columnOf(propertyType, values));
  return { rowCount: ids.length, columns };
}

const AGE = { age: [type({ kind: "I32" }), []] } as const;
const people = (ids: readonly string[], age: number): RowBatch => rowsOf(ids, { age: [AGE.age[0], ids.map(() => age)] });

/** The same rows in buffers with rubbish behind them, and offsets that do not begin at zero. */
function withRoom(column: Column): Column {
  const behind = <A extends Uint8Array | Int32Array>(buffer: A, make: (size: number) => A): A => {
    const roomy = make(buffer.length + 9).fill(0x5a) as A;
    roomy.set(buffer);
    return roomy;
  };
  const bytesBehind = (buffer: Uint8Array): Uint8Array => behind(buffer, (size) => new Uint8Array(size));
  const shifted = (offsets: Int32Array, by: number): Int32Array => behind(offsets.map((offset) => offset + by), (size) => new Int32Array(size));
  const validity = column.validity === undefined ? undefined : bytesBehind(column.validity);
  switch (column.kind) {
    case "utf8":
    case "blob":
      return { ...column, validity, offsets: shifted(column.offsets, 3), bytes: bytesBehind(Uint8Array.of(1, 2, 3, ...column.bytes)) };
    case "bool":
      return { ...column, validity, bits: bytesBehind(column.bits) };
    case "list":
      return { ...column, validity, offsets: shifted(column.offsets, 0), items: withRoom(column.items) };
    case "i32":
    case "date":
      return { ...column, validity, values: behind(column.values, (size) => new Int32Array(size)) };
    default:
      return { ...column, validity };
  }
}

async function readAll(pinned: PinnedDataset, options: ScanOptions): Promise<Record<string, Cell>[]> {
  const rows: Record<string, Cell>[] = [];
  for await (const batch of pinned.scan(options)) {
    for (let row = 0; row < batch.rowCount; row++) {
      rows.push(Object.fromEntries(options.columns.map((name) => [name, valuesOf(batch, name)[row] ?? null])));
    }
  }
  return rows;
}

/** The same claims on a local disk and on the S3-compatible server. */
describe.each(["local", "S3"] as const)("dataset gateway: %s", (place) => {
  async function withStorage(run: (storage: GraphStorage) => Promise<void>): Promise<void> {
    await using dir = await makeTempDir();
    await using server: S3TestServer | null = place === "S3" ? await startS3Server() : null;
    const storage =
      server === null
        ? openGraphStorage(`${dir.path}/a graph.omni`)
        : openGraphStorage("s3://bucket/graph.omni", { s3: parseS3Environment(server.environment) });
    await run(storage);
    storage.close();
  }

  test("every column kind keeps its values, nulls and empties through append, upsert and compaction", () =>
    withStorage(async ({ datasets, administration }) => {
      const ids = ["a", "b", "c", "d"];
      const batch = rowsOf(ids, PROPERTIES);
      const columns = ["id", ...Object.keys(PROPERTIES)];
      const expected = ids.map((id, row) => ({ id, ...Object.fromEntries(Object.entries(PROPERTIES).map(([name, [, values]]) => [name, values[row]])) }));
      let version = await administration.createEmpty(LOCATION, schemaOf(PROPERTIES));
      version = await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(batch) }, version);
      expect(await readAll(await datasets.openPinned(LOCATION, version), { columns })).toEqual(expected);
      version = await datasets.applyEffect(LOCATION, { kind: "upsert", source: batchSource(batch) }, version);
      version = await datasets.applyEffect(LOCATION, { kind: "compact" }, version);
      const rows = await readAll(await datasets.openPinned(LOCATION, version), { columns });
      expect(rows.sort((left, right) => ((left["id"] as string) < (right["id"] as string) ? -1 : 1))).toEqual(expected);
    }));

  test("columns whose buffers are longer than their rows, or begin in the middle of them", () =>
    withStorage(async ({ datasets, administration }) => {
      const ids = ["a", "b", "c", "d"];
      const columns = ["id", ...Object.keys(PROPERTIES)];
      const roomy = new Map([...rowsOf(ids, PROPERTIES).columns].map(([name, column]) => [name, withRoom(column)]));
      const version = await administration.createEmpty(LOCATION, schemaOf(PROPERTIES));
      const appended = await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource({ rowCount: 4, columns: roomy }) }, version);
      const expected = ids.map((id, row) => ({ id, ...Object.fromEntries(Object.entries(PROPERTIES).map(([name, [, values]]) => [name, values[row]])) }));
      expect(await readAll(await datasets.openPinned(LOCATION, appended), { columns })).toEqual(expected);
    }));

  test("rows in which every value is null, and rows in which every list is empty", () =>
    withStorage(async ({ datasets, administration }) => {
      const columns = ["id", ...Object.keys(PROPERTIES), "flags"];
      const properties = { ...PROPERTIES, flags: [type({ kind: "Bool" }, true), []] as const };
      const valuesIn = (value: (propertyType: PropertyType) => Cell): Record<string, readonly [PropertyType, readonly Cell[]]> =>
        Object.fromEntries(Object.entries(properties).map(([name, [propertyType]]) => [name, [propertyType, [value(propertyType), value(propertyType)]] as const]));
      const version = await administration.createEmpty(LOCATION, schemaOf(properties));
      const batches = [rowsOf(["a", "b"], valuesIn(() => null)), rowsOf(["c", "d"], valuesIn(({ isList }) => (isList ? [] : null)))];
      const appended = await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(...batches) }, version);
      const rows = await readAll(await datasets.openPinned(LOCATION, appended), { columns });
      const row = (id: string, value: (propertyType: PropertyType) => Cell): Record<string, Cell> => ({
        id,
        ...Object.fromEntries(Object.entries(properties).map(([name, [propertyType]]) => [name, value(propertyType)])),
      });
      const emptied = ({ isList }: PropertyType): Cell => (isList ? [] : null);
      expect(rows).toEqual([row("a", () => null), row("b", () => null), row("c", emptied), row("d", emptied)]);
    }));

  test("DG-8 every row carries the native version that wrote it; each native call adds one version (SUB-2)", () =>
    withStorage(async ({ datasets, administration }) => {
      const created = await administration.createEmpty(LOCATION, schemaOf(AGE));
      const appended = await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(people(["a", "b"], 1), people(["c"], 1)) }, created);
      expect(appended).toBe(created + 2);
      const replaced = await datasets.applyEffect(LOCATION, { kind: "upsert", source: batchSource(people(["b"], 2)) }, appended);
      expect(replaced).toBe(appended + 1);
      const pinned = await datasets.openPinned(LOCATION, replaced);
      const rows = await readAll(pinned, { columns: ["id", "age", "__rev"] });
      expect(rows.sort((left, right) => ((left["id"] as string) < (right["id"] as string) ? -1 : 1))).toEqual([
        { id: "a", age: 1, __rev: BigInt(created + 1) },
        { id: "b", age: 2, __rev: BigInt(replaced) },
        { id: "c", age: 1, __rev: BigInt(created + 2) },
      ]);
    }));

  test("DG-5 a pinned reader keeps its version; restore brings old content back as a new version (SUB-5)", () =>
    withStorage(async ({ datasets, administration }) => {
      const created = await administration.createEmpty(LOCATION, schemaOf(AGE));
      const full = await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(people(["a", "b", "c"], 1)) }, created);
      const pinned = await datasets.openPinned(LOCATION, full);
      const fewer = await datasets.applyEffect(LOCATION, { kind: "deleteByIds", ids: ["a", "b"] }, full);
      const none = await datasets.applyEffect(LOCATION, { kind: "deleteAll" }, fewer);
      expect(await pinned.countRows()).toBe(3);
      expect(await (await datasets.openPinned(LOCATION, fewer)).countRows()).toBe(1);
      expect(await (await datasets.openPinned(LOCATION, none)).countRows()).toBe(0);
      const restored = await administration.restore(LOCATION, full);
      expect(restored).toBe(none + 1);
      expect(await datasets.headVersion(LOCATION)).toBe(restored);
      expect(await (await datasets.openPinned(LOCATION, restored)).countRows()).toBe(3);
      expect(await datasets.inspect(LOCATION)).toMatchObject({ version: restored, rowCount: 3 });
    }));

  test("a missing dataset is NotFound, a missing version was reclaimed, a second creation is refused", () =>
    withStorage(async ({ datasets, administration }) => {
      expect(await administration.exists(LOCATION)).toBe(false);
      await expect(datasets.headVersion(LOCATION)).rejects.toMatchObject({ code: "STORAGE", kind: "NotFound" });
      await administration.drop(LOCATION);
      const version = await administration.createEmpty(LOCATION, schemaOf(AGE));
      expect(await administration.exists(LOCATION)).toBe(true);
      await expect(administration.createEmpty(LOCATION, schemaOf(AGE))).rejects.toMatchObject({ kind: "Precondition" });
      await expect(datasets.openPinned(LOCATION, version + 9)).rejects.toMatchObject({ code: "HISTORICAL_VERSION_RECLAIMED" });
      await administration.drop(LOCATION);
      expect(await administration.exists(LOCATION)).toBe(false);
      expect(await administration.createEmpty(LOCATION, schemaOf(AGE))).toBe(version);
    }));
});

describe("dataset gateway: discipline", () => {
  async function withDataset(run: (storage: GraphStorage, version: number, path: string) => Promise<void>): Promise<void> {
    await using dir = await makeTempDir();
    const storage = openGraphStorage(dir.path);
    await run(storage, await storage.administration.createEmpty(LOCATION, schemaOf(AGE)), dir.path);
    storage.close();
  }

  test("WR-10 an effect on a moved head is refused before it starts", () =>
    withDataset(async ({ datasets }, version) => {
      await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(people(["a"], 1)) }, version);
      const stale = datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(people(["b"], 1)) }, version);
      await expect(stale).rejects.toMatchObject({ code: "DATASET_VERSION_MOVED", expectedVersion: version, actualVersion: version + 1, effects: "none" });
      expect(await datasets.headVersion(LOCATION)).toBe(version + 1);
    }));

  test("WR-10 a foreign commit between two batches is noticed, and says that effects may exist", () =>
    withDataset(async (storage, version, path) => {
      const foreign = openGraphStorage(path);
      async function* interrupted(): AsyncGenerator<RowBatch> {
        yield people(["a"], 1);
        await foreign.datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(people(["x"], 1)) }, version + 1);
        yield people(["b"], 1);
      }
      const effect = { kind: "append", source: { batchCount: 2, rowCount: 2, batches: interrupted } } as const;
      await expect(storage.datasets.applyEffect(LOCATION, effect, version)).rejects.toMatchObject({ code: "DATASET_VERSION_MOVED", effects: "possible" });
      foreign.close();
    }));

  test("an upsert of an absent id and a delete of an absent id are refused as broken plans", () =>
    withDataset(async ({ datasets }, version) => {
      const base = await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(people(["a"], 1)) }, version);
      const upsert = datasets.applyEffect(LOCATION, { kind: "upsert", source: batchSource(people(["a", "ghost"], 1)) }, base);
      await expect(upsert).rejects.toMatchObject({ code: "STORAGE", kind: "Precondition", effects: "possible" });
      const head = await datasets.headVersion(LOCATION);
      const deletion = datasets.applyEffect(LOCATION, { kind: "deleteByIds", ids: ["a", "ghost"] }, head);
      await expect(deletion).rejects.toMatchObject({ code: "STORAGE", kind: "Precondition", effects: "possible" });
    }));

  test("a batch of the wrong shape never reaches the dataset", () =>
    withDataset(async ({ datasets }, version) => {
      const apply = (batch: RowBatch): Promise<number> => datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(batch) }, version);
      await expect(apply(rowsOf(["a"], { age: [type({ kind: "F64" }), [1.5]] }))).rejects.toThrow("column age");
      await expect(apply(rowsOf(["a"], {}))).rejects.toThrow("every column");
      await expect(apply(rowsOf(["a", "b"], { age: [AGE.age[0], [1]] }))).rejects.toThrow("column age");
      await expect(apply(people([], 1))).rejects.toThrow("empty batch");
      expect(await datasets.headVersion(LOCATION)).toBe(version);
    }));

  test("AC-5 more ids than one native call takes are deleted in the planned number of versions", () =>
    withDataset(async ({ datasets }, version) => {
      const ids = Array.from({ length: DELETE_IDS_PER_CALL_MAX + 5 }, (_, index) => `it's ${index}`);
      const base = await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(people([...ids, "kept"], 1)) }, version);
      const effect = { kind: "deleteByIds", ids } as const;
      expect(plannedVersionCount(effect)).toBe(2);
      const after = await datasets.applyEffect(LOCATION, effect, base);
      expect(after).toBe(base + 2);
      expect(await readAll(await datasets.openPinned(LOCATION, after), { columns: ["id"] })).toEqual([{ id: "kept" }]);
    }));

  test("scans: no columns, a limit, an early stop, an abort", () =>
    withDataset(async ({ datasets }, version) => {
      const ids = Array.from({ length: 150_000 }, (_, index) => `n${index}`);
      const head = await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(people(ids, 1)) }, version);
      const pinned = await datasets.openPinned(LOCATION, head);
      const sizes: number[] = [];
      for await (const batch of pinned.scan({ columns: [] })) sizes.push(batch.rowCount);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(150_000);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
      expect(await readAll(pinned, { columns: ["id"], rowCountMax: 2 })).toEqual([{ id: "n0" }, { id: "n1" }]);
      expect(await readAll(pinned, { columns: ["id"], rowCountMax: 0 })).toEqual([]);
      for await (const batch of pinned.scan({ columns: ["id"] })) {
        expect(valuesOf(batch, "id")[0]).toBe("n0");
        break;
      }
      const abort = new AbortController();
      const aborted = async (): Promise<void> => {
        for await (const batch of pinned.scan({ columns: ["id"], signal: abort.signal })) {
          expect(batch.rowCount).toBeGreaterThan(0);
          abort.abort();
        }
      };
      await expect(aborted()).rejects.toMatchObject({ code: "CANCELLED" });
    }));

  test("MT-1 deleted rows are counted until a compaction takes them out of their files", () =>
    withDataset(async ({ datasets }, version) => {
      const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
      const appended = await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(people(names, 1)) }, version);
      const deleted = await datasets.applyEffect(LOCATION, { kind: "deleteByIds", ids: names.slice(0, 4) }, appended);
      expect(await datasets.inspect(LOCATION)).toMatchObject({ rowCount: 6, deletedRowCount: 4 });
      await datasets.applyEffect(LOCATION, { kind: "compact" }, deleted);
      expect(await datasets.inspect(LOCATION)).toMatchObject({ rowCount: 6, deletedRowCount: 0 });
    }));

  test("SUB-10 compaction keeps every pinned version readable and never prunes", () =>
    withDataset(async ({ datasets }, version) => {
      let head = version;
      for (let index = 0; index < 70; index++) {
        head = await datasets.applyEffect(LOCATION, { kind: "append", source: batchSource(people([`n${index}`], index)) }, head);
      }
      expect((await datasets.inspect(LOCATION)).fragmentCount).toBe(70);
      const counted: CompactionCounts[] = [];
      const compacted = await datasets.applyEffect(LOCATION, { kind: "compact", onCompacted: (counts) => counted.push(counts) }, head);
      expect(counted).toMatchObject([{ fragmentsRemoved: 70, fragmentsAdded: 1 }]);
      expect(await datasets.inspect(LOCATION)).toEqual({ version: compacted, fragmentCount: 1, rowCount: 70, deletedRowCount: 0 });
      expect(await datasets.inspect(LOCATION, head)).toMatchObject({ version: head, fragmentCount: 70, rowCount: 70 });
      for (const pin of [version + 1, version + 35, head, compacted]) {
        expect(await (await datasets.openPinned(LOCATION, pin)).countRows()).toBe(Math.min(pin - version, 70));
      }
      const rows = await readAll(await datasets.openPinned(LOCATION, compacted), { columns: ["id", "__rev"] });
      expect(rows).toEqual(Array.from({ length: 70 }, (_, index) => ({ id: `n${index}`, __rev: BigInt(version + 1 + index) })));
    }));

  test("looking at an absent graph creates nothing", async () => {
    await using dir = await makeTempDir();
    const storage = openGraphStorage(`${dir.path}/absent`);
    expect(await storage.manifest.exists()).toBe(false);
    expect(await storage.administration.exists(LOCATION)).toBe(false);
    await expect(storage.manifest.probe()).rejects.toMatchObject({ kind: "NotFound" });
    await expect(storage.datasets.openPinned(LOCATION, 1)).rejects.toMatchObject({ code: "HISTORICAL_VERSION_RECLAIMED" });
    storage.close();
    expect(await readdir(dir.path)).toEqual([]);
  });
});
