import { mkdir, utimes, writeFile } from "node:fs/promises";
import { makeTempDir, startS3Server, type S3TestServer } from "@omnigraphdb/testkit";
import type { BaseType, PropertyType } from "@omnigraphdb/compiler";
import { describe, expect, test } from "vitest";
import type { RowBatch } from "../../src/columnar/column.js";
import type { Cell } from "../../src/columnar/read-cell.js";
import type { DatasetEffect, DatasetLocation, GraphStorage } from "../../src/storage/dataset-gateway.js";
import type { DatasetColumn, DatasetSchema } from "../../src/storage/dataset-schema.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import type { ObjectStore } from "../../src/storage/object-store.js";
import { openObjectStore } from "../../src/storage/open-object-store.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";
import { batchSource, columnOf, valuesOf } from "../../test-support/row-batches.js";

const DIRECTORY = "nodes/0000000000000001-0000000000000001";
const MAIN: DatasetLocation = { directory: DIRECTORY, nativeBranch: null };
const on = (nativeBranch: string): DatasetLocation => ({ directory: DIRECTORY, nativeBranch });

const type = (base: BaseType, isList = false): PropertyType => ({ base, isList, isNullable: true });
const property = (name: string, propertyType: PropertyType): DatasetColumn => ({ name, role: "property", type: propertyType, isNullable: true });
const TEXT = type({ kind: "String" });
const I32 = type({ kind: "I32" });

const SCHEMA: DatasetSchema = {
  columns: [
    { name: "id", role: "id", isNullable: false },
    property("age", I32),
    property("name", TEXT),
    { name: "__rev", role: "revision", isNullable: false },
  ],
  indexedColumns: ["id"],
};

function people(ids: readonly string[], age: number): RowBatch {
  const columns = new Map([
    ["id", columnOf(TEXT, ids)],
    ["age", columnOf(I32, ids.map(() => age))],
    ["name", columnOf(TEXT, ids.map((id) => `name of ${id}`))],
  ]);
  return { rowCount: ids.length, columns };
}

const append = (ids: readonly string[], age = 1): DatasetEffect => ({ kind: "append", source: batchSource(people(ids, age)) });
const upsert = (ids: readonly string[], age: number): DatasetEffect => ({ kind: "upsert", source: batchSource(people(ids, age)) });
const remove = (...ids: readonly string[]): DatasetEffect => ({ kind: "deleteByIds", ids });
const ids = (from: number, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `p${from + index}`);

interface Place {
  readonly storage: GraphStorage;
  readonly objects: ObjectStore;
  /** Address of a file of the dataset. */
  file(path: string): string;
}

async function rowsAt({ datasets }: GraphStorage, location: DatasetLocation, version: number, columns: readonly string[], id?: string): Promise<readonly (readonly Cell[])[]> {
  const pinned = await datasets.openPinned(location, version);
  const filter = id === undefined ? {} : { filter: { kind: "compare", column: "id", operator: "=", value: { kind: "string", value: id } } as const };
  const rows: (readonly Cell[])[] = [];
  for await (const batch of pinned.scan({ columns, ...filter })) {
    const read = columns.map((name) => valuesOf(batch, name));
    for (let row = 0; row < batch.rowCount; row++) rows.push(read.map((values) => values[row] ?? null));
  }
  return rows.sort((left, right) => (String(left[0]) < String(right[0]) ? -1 : 1));
}

describe.each(["local", "S3"] as const)("dataset administration: %s", (where) => {
  async function withDataset(run: (place: Place, version: number) => Promise<void>): Promise<void> {
    await using dir = await makeTempDir();
    await using server: S3TestServer | null = where === "S3" ? await startS3Server() : null;
    const root = server === null ? `${dir.path}/a graph.omni` : "s3://bucket/graph.omni";
    const s3 = server === null ? {} : { s3: parseS3Environment(server.environment) };
    const storage = openGraphStorage(root, s3);
    const objects = await openObjectStore(root, s3);
    const created = await storage.administration.createEmpty(MAIN, SCHEMA);
    const version = await storage.datasets.applyEffect(MAIN, append(ids(0, 4)), created);
    await run({ storage, objects, file: (path) => `${root}/${DIRECTORY}.lance/${path}` }, version);
    storage.close();
  }

  test("SUB-7 BR-3 a fork continues the version numbers of its source, which it leaves alone", () =>
    withDataset(async ({ storage }, version) => {
      const { administration, datasets } = storage;
      const old = version;
      version = await datasets.applyEffect(MAIN, remove("p0"), version);
      const fork = on("gA_1");
      expect(await administration.findHead(fork)).toBeUndefined();
      expect(await administration.fork(MAIN, old, fork)).toBe(old);
      expect(await administration.findHead(fork)).toBe(old);
      const written = await datasets.applyEffect(fork, upsert(["p1"], 9), old);
      expect(written).toBe(old + 1);
      expect(await rowsAt(storage, fork, written, ["id", "age"])).toEqual([["p0", 1], ["p1", 9], ["p2", 1], ["p3", 1]]);
      expect(await rowsAt(storage, MAIN, version, ["id", "age"])).toEqual([["p1", 1], ["p2", 1], ["p3", 1]]);
      expect(await administration.listForks(DIRECTORY)).toEqual([{ nativeBranch: "gA_1", parent: null, parentVersion: old, isComplete: true }]);
      const restored = await administration.restore(fork, old);
      expect(restored).toBe(written + 1);
      expect(await rowsAt(storage, fork, restored, ["id", "age"], "p1")).toEqual([["p1", 1]]);
    }));

  test("DG-7 a fork of a fork finds rows by its indexes, writes by them, and so does its fork", () =>
    withDataset(async ({ storage }, version) => {
      const { administration, datasets } = storage;
      // An index that covers rows, so that the substrate's defect shows.
      version = await datasets.applyEffect(MAIN, { kind: "buildIndex", index: { column: "name", kind: "fullText" } }, version);
      version = await datasets.applyEffect(MAIN, { kind: "compact" }, version);
      let head = await administration.fork(MAIN, version, on("g1"));
      head = await datasets.applyEffect(on("g1"), append(["x"]), head);
      let location = on("g1");
      for (const name of ["g2", "g3"]) {
        const forked = await administration.fork(location, head, on(name));
        expect(forked).toBeGreaterThan(head);
        location = on(name);
        expect(await rowsAt(storage, location, forked, ["id", "age"], "p2")).toEqual([["p2", 1]]);
        head = await datasets.applyEffect(location, upsert(["p2", "x"], 3), forked);
        head = await datasets.applyEffect(location, remove("p2"), head);
        head = await datasets.applyEffect(location, append(["p2"]), head);
        expect(await administration.indexes(location)).toEqual([
          { column: "id", kind: "btree", unindexedRowCount: 2 },
          { column: "name", kind: "fullText", textAnalysis: { tokenizer: "words", language: "english" }, unindexedRowCount: 2 },
        ]);
      }
      expect((await administration.listForks(DIRECTORY)).map(({ nativeBranch, parent }) => [nativeBranch, parent])).toEqual([["g1", null], ["g2", "g1"], ["g3", "g2"]]);
    }));

  test("SUB-8 SUB-9 a taken name is refused; a fork in use stays; deleting is idempotent", () =>
    withDataset(async ({ storage }, version) => {
      const { administration, datasets } = storage;
      await administration.fork(MAIN, version, on("parent"));
      await expect(administration.fork(MAIN, version, on("parent"))).rejects.toMatchObject({ code: "STORAGE", kind: "Precondition" });
      await administration.fork(on("parent"), version, on("child"));
      await expect(administration.deleteFork(on("parent"))).rejects.toMatchObject({ name: "ForkInUseError", kind: "Precondition" });
      expect(await administration.findHead(on("parent"))).toBe(version);
      for (const name of ["child", "parent", "parent", "never"]) await administration.deleteFork(on(name));
      expect(await administration.listForks(DIRECTORY)).toEqual([]);
      expect(await administration.findHead(on("parent"))).toBeUndefined();
      await expect(datasets.headVersion(on("parent"))).rejects.toMatchObject({ kind: "NotFound" });
      expect(await rowsAt(storage, MAIN, version, ["id"])).toHaveLength(4);
      expect(await administration.fork(MAIN, version, on("parent"))).toBe(version);
    }));

  test("SUB-9 what a crash left of a fork is listed as incomplete, blocks its name, and can be removed", () =>
    withDataset(async ({ storage, objects, file }, version) => {
      const { administration } = storage;
      await administration.fork(MAIN, version, on("whole"));
      await administration.fork(MAIN, version, on("half"));
      // The record of a branch is written last.
      await objects.delete(file("_refs/branches/half.json"));
      expect(await administration.listForks(DIRECTORY)).toEqual([
        { nativeBranch: "half", parent: null, parentVersion: 0, isComplete: false },
        { nativeBranch: "whole", parent: null, parentVersion: version, isComplete: true },
      ]);
      expect(await administration.findHead(on("half"))).toBeUndefined();
      await expect(administration.fork(MAIN, version, on("half"))).rejects.toMatchObject({ kind: "Precondition" });
      await administration.deleteFork(on("half"));
      expect((await administration.listForks(DIRECTORY)).map(({ nativeBranch }) => nativeBranch)).toEqual(["whole"]);
      expect(await administration.fork(MAIN, version, on("half"))).toBe(version);
    }));

  test("findHead: nothing for an absent dataset, also after it was dropped with its forks", () =>
    withDataset(async ({ storage }, version) => {
      const { administration } = storage;
      const absent = { directory: "nodes/absent", nativeBranch: null };
      expect(await administration.findHead(absent)).toBeUndefined();
      await expect(administration.listForks(absent.directory)).rejects.toMatchObject({ kind: "NotFound" });
      await administration.fork(MAIN, version, on("g1"));
      await administration.drop(MAIN);
      expect(await administration.findHead(MAIN)).toBeUndefined();
      expect(await administration.findHead(on("g1"))).toBeUndefined();
      await administration.deleteFork(on("g1"));
    }));

  test("§10 added columns of every type are null in every row, keep what is written, and cost one version", () =>
    withDataset(async ({ storage }, version) => {
      const { datasets } = storage;
      const added: readonly (readonly [DatasetColumn, Cell])[] = [
        [property("aBlob", type({ kind: "Blob" })), Uint8Array.of(1, 2)],
        [property("aBool", type({ kind: "Bool" })), true],
        [property("aDate", type({ kind: "Date" })), 7],
        [property("aDateTime", type({ kind: "DateTime" })), 7n],
        [property("aF64", type({ kind: "F64" })), 0.5],
        [property("aList", type({ kind: "Bool" }, true)), [true, false]],
        [property("aTextList", type({ kind: "String" }, true)), ["x", ""]],
        [property("aU64", type({ kind: "U64" })), 2n ** 64n - 1n],
        [property("aVector", type({ kind: "Vector", dimension: 2 })), Float32Array.of(1, 2)],
        [property("Text", TEXT), "é"],
      ];
      const names = added.map(([column]) => column.name);
      const widened = await datasets.applyEffect(MAIN, { kind: "addColumns", columns: added.map(([column]) => ({ ...column, isNullable: false })) }, version);
      expect(widened).toBe(version + 1);
      expect(await rowsAt(storage, MAIN, widened, ["id", ...names])).toEqual(ids(0, 4).map((id) => [id, ...names.map(() => null)]));
      expect(await rowsAt(storage, MAIN, version, ["id", "age"])).toHaveLength(4);
      const row = people(["p1"], 5);
      const columns = new Map(row.columns);
      for (const [column, value] of added) if (column.role === "property") columns.set(column.name, columnOf(column.type, [value]));
      let head = await datasets.applyEffect(MAIN, { kind: "upsert", source: batchSource({ rowCount: 1, columns }) }, widened);
      head = await datasets.applyEffect(MAIN, { kind: "compact" }, head);
      expect(await rowsAt(storage, MAIN, head, ["id", ...names], "p1")).toEqual([["p1", ...added.map(([, value]) => value)]]);
      expect(await rowsAt(storage, MAIN, head, ["id", ...names], "p2")).toEqual([["p2", ...names.map(() => null)]]);
    }));

  test("§10 columns are renamed at once, also around in a circle; indexes follow; old versions keep the old names", () =>
    withDataset(async ({ storage }, version) => {
      const { datasets, administration } = storage;
      const indexed = await datasets.applyEffect(MAIN, { kind: "buildIndex", index: { column: "age", kind: "btree" } }, version);
      const swapped = await datasets.applyEffect(MAIN, { kind: "renameColumns", renames: [{ from: "age", to: "name" }, { from: "name", to: "age" }] }, indexed);
      expect(swapped).toBe(indexed + 1);
      expect(await rowsAt(storage, MAIN, swapped, ["id", "name", "age"], "p1")).toEqual([["p1", 1, "name of p1"]]);
      expect(await rowsAt(storage, MAIN, version, ["id", "name", "age"], "p1")).toEqual([["p1", "name of p1", 1]]);
      expect((await administration.indexes(MAIN)).map(({ column, kind }) => [column, kind])).toEqual([["id", "btree"], ["name", "btree"]]);
      const chained = await datasets.applyEffect(MAIN, { kind: "renameColumns", renames: [{ from: "name", to: "years" }, { from: "age", to: "name" }] }, swapped);
      // The index of `years` still bears the name that an index of `age` would get.
      const again = await datasets.applyEffect(MAIN, { kind: "addColumns", columns: [property("age", I32)] }, chained);
      const rebuilt = await datasets.applyEffect(MAIN, { kind: "buildIndex", index: { column: "age", kind: "btree" } }, again);
      expect((await administration.indexes(MAIN)).map(({ column }) => column)).toEqual(["age", "id", "years"]);
      expect(await rowsAt(storage, MAIN, rebuilt, ["id", "years", "name", "age"], "p1")).toEqual([["p1", 1, "name of p1", null]]);
    }));

  test("§10 a dropped column takes its index along; one added under its name begins empty", () =>
    withDataset(async ({ storage }, version) => {
      const { datasets, administration } = storage;
      let head = await datasets.applyEffect(MAIN, { kind: "buildIndex", index: { column: "age", kind: "btree" } }, version);
      head = await datasets.applyEffect(MAIN, { kind: "dropColumns", names: ["age"] }, head);
      expect((await administration.indexes(MAIN)).map(({ column }) => column)).toEqual(["id"]);
      head = await datasets.applyEffect(MAIN, { kind: "addColumns", columns: [property("age", TEXT)] }, head);
      expect(head).toBe(version + 3);
      expect(await rowsAt(storage, MAIN, head, ["id", "age"], "p1")).toEqual([["p1", null]]);
      expect(await rowsAt(storage, MAIN, version, ["id", "age"], "p1")).toEqual([["p1", 1]]);
    }));

  test("IX-3 an index is built, found again by its column, and extended by a compaction", () =>
    withDataset(async ({ storage }, version) => {
      const { datasets, administration } = storage;
      let head = await datasets.applyEffect(MAIN, { kind: "buildIndex", index: { column: "name", kind: "fullText" } }, version);
      head = await datasets.applyEffect(MAIN, { kind: "buildIndex", index: { column: "name", kind: "btree" } }, head);
      head = await datasets.applyEffect(MAIN, { kind: "addColumns", columns: [property("v", type({ kind: "Vector", dimension: 2 }))] }, head);
      const batch = people(["p9"], 1);
      const columns = new Map(batch.columns).set("v", columnOf(type({ kind: "Vector", dimension: 2 }), [Float32Array.of(1, 2)]));
      head = await datasets.applyEffect(MAIN, { kind: "append", source: batchSource({ rowCount: 1, columns }) }, head);
      head = await datasets.applyEffect(MAIN, { kind: "buildIndex", index: { column: "v", kind: "vector", metric: "cosine" } }, head);
      const stale = await administration.indexes(MAIN);
      expect(stale.map(({ column, kind }) => `${column}/${kind}`)).toEqual(["id/btree", "name/btree", "name/fullText", "v/vector"]);
      expect(stale[0]?.unindexedRowCount).toBe(5);
      head = await datasets.applyEffect(MAIN, { kind: "compact" }, head);
      expect((await administration.indexes(MAIN)).map(({ unindexedRowCount }) => unindexedRowCount)).toEqual([0, 0, 0, 0]);
      // Built again under the same name: no second one.
      await datasets.applyEffect(MAIN, { kind: "buildIndex", index: { column: "name", kind: "fullText" } }, head);
      expect(await administration.indexes(MAIN)).toHaveLength(4);
    }));

  test("MT-45 SUB-19 the operation of each version is read from that version's own record", () =>
    withDataset(async ({ storage }, version) => {
      const { datasets, administration } = storage;
      let head = await datasets.applyEffect(MAIN, upsert(["p1"], 2), version);
      head = await datasets.applyEffect(MAIN, remove("p1"), head);
      head = await administration.restore(MAIN, version);
      head = await datasets.applyEffect(MAIN, append(["z"]), head);
      head = await datasets.applyEffect(MAIN, { kind: "buildIndex", index: { column: "age", kind: "btree" } }, head);
      head = await datasets.applyEffect(MAIN, { kind: "renameColumns", renames: [{ from: "age", to: "years" }] }, head);
      head = await datasets.applyEffect(MAIN, { kind: "addColumns", columns: [property("extra", TEXT)] }, head);
      const before = head;
      head = await datasets.applyEffect(MAIN, { kind: "compact" }, head);
      expect(await administration.operationsAfter(MAIN, version)).toEqual([
        "Update",
        "Delete",
        "Restore",
        "Append",
        "CreateIndex",
        "Project",
        "Merge",
        ...(await administration.operationsAfter(MAIN, before)),
      ]);
      const compaction = await administration.operationsAfter(MAIN, before);
      expect(compaction).toContain("Rewrite");
      expect(compaction).toHaveLength(head - before);
      expect(await administration.operationsAfter(MAIN, head)).toEqual([]);
      await administration.fork(MAIN, head, on("g1"));
      await datasets.applyEffect(on("g1"), { kind: "deleteAll" }, head);
      expect(await administration.operationsAfter(on("g1"), head - 1)).toEqual(["Clone", "Delete"]);
    }));

  test("MT-45 an operation whose record is gone is unknown, not guessed", () =>
    withDataset(async ({ storage, objects, file }, version) => {
      const { administration, datasets } = storage;
      const head = await datasets.applyEffect(MAIN, append(["a"]), version);
      await datasets.applyEffect(MAIN, append(["b"]), head);
      const name = `${2n ** 64n - 1n - BigInt(version + 1)}.manifest`;
      await objects.writeText(file(`_versions/${name}`), "torn");
      expect(await administration.operationsAfter(MAIN, version)).toEqual([undefined, "Append"]);
    }));

  test("SUB-12 MT-80 prune removes what is older than its limit, and keeps the newest version and the origins of forks", () =>
    withDataset(async ({ storage }, version) => {
      const { administration, datasets } = storage;
      await administration.fork(MAIN, version, on("g1"));
      let head = version;
      for (let age = 2; age < 8; age++) {
        await new Promise((resolve) => setTimeout(resolve, 3));
        head = await datasets.applyEffect(MAIN, upsert(["p1"], age), head);
      }
      const versions = await administration.listVersions(MAIN);
      expect(versions.at(-1)?.version).toBe(head);
      expect(versions.map((each) => each.version)).toEqual([...versions].map((each) => each.version).sort((left, right) => left - right));
      const limit = versions.at(-3);
      const pruned = await administration.prune(MAIN, limit?.createdAtMs ?? 0);
      expect(pruned.versionCount).toBeGreaterThan(0);
      expect(pruned.byteCount).toBeGreaterThan(0);
      expect(pruned.headVersion).toBeGreaterThanOrEqual(head);
      expect(await rowsAt(storage, MAIN, limit?.version ?? 0, ["id", "age"], "p1")).toEqual([["p1", 5]]);
      await expect(datasets.openPinned(MAIN, head - 3)).rejects.toMatchObject({ code: "HISTORICAL_VERSION_RECLAIMED" });
      expect(await rowsAt(storage, on("g1"), version, ["id", "age"], "p1")).toEqual([["p1", 1]]);
      const everything = await administration.prune(MAIN, Date.now() + 60_000);
      expect(await rowsAt(storage, MAIN, everything.headVersion, ["id", "age"], "p1")).toEqual([["p1", 7]]);
      expect(await rowsAt(storage, on("g1"), version, ["id", "age"], "p1")).toEqual([["p1", 1]]);
      expect((await administration.listVersions(MAIN)).map((each) => each.version)).toContain(everything.headVersion);
    }));
});

describe("residue of killed writers", () => {
  test("MT-82 temporary files go when they are old enough, in every lineage; nothing else does", async () => {
    await using dir = await makeTempDir();
    const storage = openGraphStorage(dir.path);
    const { administration, datasets } = storage;
    let version = await administration.createEmpty(MAIN, SCHEMA);
    version = await datasets.applyEffect(MAIN, append(ids(0, 3)), version);
    await administration.fork(MAIN, version, on("g1"));
    await datasets.applyEffect(on("g1"), append(["x"]), version);
    const path = `${dir.path}/${DIRECTORY}.lance`;
    const hour = 3_600_000;
    const residue = ["data/.tmpAbc123", "tree/g1/data/.tmpXyz", "_versions/18446744073709551600.manifest#1", "data/.tmpYoung"];
    for (const [index, file] of residue.entries()) {
      await writeFile(`${path}/${file}`, "12345");
      const time = (Date.now() - (index < 3 ? 2 * hour : 0)) / 1000;
      await utimes(`${path}/${file}`, time, time);
    }
    expect(await administration.removeResidue(DIRECTORY, Date.now() - hour)).toBe(15);
    expect(await administration.removeResidue(DIRECTORY, Date.now() - hour)).toBe(0);
    expect(await administration.removeResidue("nodes/absent", Date.now())).toBe(0);
    expect(await rowsAt(storage, on("g1"), version + 1, ["id"])).toHaveLength(4);
    await mkdir(`${path}/tree/half`, { recursive: true });
    expect((await administration.listForks(DIRECTORY)).map(({ nativeBranch, isComplete }) => [nativeBranch, isComplete])).toEqual([["g1", true], ["half", false]]);
    await administration.deleteFork(on("half"));
    expect(await administration.listForks(DIRECTORY)).toHaveLength(1);
    storage.close();
  });
});
