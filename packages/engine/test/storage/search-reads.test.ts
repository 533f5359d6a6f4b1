import type { BaseType, PropertyType } from "@omnigraphdb/compiler";
import { makeScratchDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import type { RowBatch } from "../../src/columnar/column.js";
import type { DatasetLocation, PinnedDataset } from "../../src/storage/dataset-gateway.js";
import type { DatasetColumn, DatasetSchema } from "../../src/storage/dataset-schema.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { batchSource, columnOf, valuesOf } from "../../test-support/row-batches.js";

const AT: DatasetLocation = { directory: "nodes/0000000000000001-0000000000000001", nativeBranch: null };
const type = (base: BaseType): PropertyType => ({ base, isList: false, isNullable: true });
const property = (name: string, propertyType: PropertyType): DatasetColumn => ({ name, role: "property", type: propertyType, isNullable: true });
const TEXT = type({ kind: "String" });
const PLACE = type({ kind: "Vector", dimension: 2 });

const SCHEMA: DatasetSchema = {
  columns: [{ name: "id", role: "id", isNullable: false }, property("place", PLACE), property("text", TEXT), { name: "__rev", role: "revision", isNullable: false }],
  indexedColumns: ["id"],
};

function points(from: number, count: number): RowBatch {
  const numbers = Array.from({ length: count }, (_, k) => from + k);
  return {
    rowCount: count,
    columns: new Map([
      ["id", columnOf(TEXT, numbers.map((n) => `p${n}`))],
      ["place", columnOf(PLACE, numbers.map((n) => (n % 10 === 9 ? null : Float32Array.of(n, 0))))],
      ["text", columnOf(TEXT, numbers.map((n) => (n % 10 === 9 ? null : `running past stone ${n}`)))],
    ]),
  };
}

async function withPoints(check: (pinned: PinnedDataset) => Promise<void>): Promise<void> {
  await using dir = await makeScratchDir();
  const { administration, datasets, close } = openGraphStorage(dir.path, {});
  const empty = await administration.createEmpty(AT, SCHEMA);
  let version = await datasets.applyEffect(AT, { kind: "append", source: batchSource(points(0, 300)) }, empty);
  version = await datasets.applyEffect(AT, { kind: "buildIndex", index: { column: "place", kind: "vector", metric: "l2" } }, version);
  version = await datasets.applyEffect(AT, { kind: "buildIndex", index: { column: "text", kind: "fullText" } }, version);
  version = await datasets.applyEffect(AT, { kind: "append", source: batchSource(points(300, 20)) }, version);
  version = await datasets.applyEffect(AT, { kind: "deleteByIds", ids: ["p12", "p301"] }, version);
  await check(await datasets.openPinned(AT, version));
  close();
}

test("IX-2 SR-9 a nearest search through the index finds rows written after it was built, and no deleted ones", () =>
  withPoints(async (pinned) => {
    const near = await pinned.nearest({ column: "place", vector: Float32Array.of(12.2, 0), rowCountMax: 4, probeCount: 17, columns: ["id", "place"] });
    expect(valuesOf(near, "id")).toEqual(["p13", "p11", "p14", "p10"]);
    expect(near.rowCount).toBe(4);
    const late = await pinned.nearest({ column: "place", vector: Float32Array.of(301, 0), rowCountMax: 3, probeCount: 1, columns: ["id"] });
    expect(new Set(valuesOf(late, "id"))).toEqual(new Set(["p300", "p302", "p303"]));
  }));

test("SR-15 rows without a vector never arrive", () =>
  withPoints(async (pinned) => {
    const all = await pinned.nearest({ column: "place", vector: Float32Array.of(0, 0), rowCountMax: 1_000, probeCount: 1_000, columns: ["id"] });
    expect(all.rowCount).toBe(320 - 32 - 2);
  }));

test("IX-2 SR-9 a text search through the index gives every matching row, indexed or not, under a filter too", () =>
  withPoints(async (pinned) => {
    const found = async (query: string, filter?: "p7" | "p310"): Promise<unknown[]> => {
      const ids: unknown[] = [];
      const narrowed = filter === undefined ? {} : { filter: { kind: "compare", column: "id", operator: "=", value: { kind: "string", value: filter } } as const };
      for await (const batch of pinned.matchText({ column: "text", query, columns: ["id"], ...narrowed })) ids.push(...valuesOf(batch, "id"));
      return ids;
    };
    expect((await found("the RUNS")).length).toBe(320 - 32 - 2);
    expect(new Set(await found("7 310 12"))).toEqual(new Set(["p7", "p310"]));
    expect(await found("stones", "p310")).toEqual(["p310"]);
    expect(await found("the")).toEqual([]);
  }));

test("IX-10 a version lists its indexes with the rows they do not cover", () =>
  withPoints(async (pinned) => {
    expect(await pinned.indexes()).toEqual([
      { column: "id", kind: "btree", unindexedRowCount: 318 },
      { column: "place", kind: "vector", unindexedRowCount: 19 },
      { column: "text", kind: "fullText", textAnalysis: { tokenizer: "words", language: "english" }, unindexedRowCount: 19 },
    ]);
  }));

test("CA-4 a version is told from another one under its number, and from none", async () => {
  const stampsOf = async (ids: RowBatch): Promise<readonly (string | undefined)[]> => {
    await using dir = await makeScratchDir();
    const { administration, datasets, close } = openGraphStorage(dir.path, {});
    const empty = await administration.createEmpty(AT, SCHEMA);
    const version = await datasets.applyEffect(AT, { kind: "append", source: batchSource(ids) }, empty);
    const stamps = [await datasets.fingerprint(AT, version), await datasets.fingerprint(AT, version), await datasets.fingerprint(AT, version + 1)];
    close();
    return stamps;
  };
  const [first, again, absent] = await stampsOf(points(0, 3));
  expect(first).toBe(again);
  expect(absent).toBeUndefined();
  expect((await stampsOf(points(0, 3)))[0]).not.toBe(first);
});
