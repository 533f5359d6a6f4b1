import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import type { Column, RowBatch } from "../columnar/column.js";
import { BatchStaging } from "./batch-staging.js";
import { SpillFile } from "./spill-file.js";

/** Two rows of every kind of column, in arrays that begin in the middle of others, some of lengths that are no multiple of eight. */
function everyKind(seed: number): RowBatch {
  const part = <T extends { subarray(from: number): T }>(array: T): T => array.subarray(1);
  const bytes = part(Buffer.from(`-${seed}xyz`));
  const offsets = Int32Array.from([0, 1, bytes.length]);
  const text: Column = { kind: "utf8", length: 2, validity: undefined, offsets, bytes };
  const columns: Record<string, Column> = {
    id: text,
    flag: { kind: "bool", length: 2, validity: Uint8Array.of(1), bits: Uint8Array.of(seed & 3) },
    i32: { kind: "i32", length: 2, validity: undefined, values: part(Int32Array.of(0, seed, -2)) },
    u32: { kind: "u32", length: 2, validity: undefined, values: part(Uint32Array.of(0, seed, 4_000_000_000)) },
    i64: { kind: "i64", length: 2, validity: Uint8Array.of(2), values: part(BigInt64Array.of(0n, BigInt(seed), -(2n ** 60n))) },
    u64: { kind: "u64", length: 2, validity: undefined, values: part(BigUint64Array.of(0n, BigInt(seed), 2n ** 63n)) },
    f32: { kind: "f32", length: 2, validity: undefined, values: Float32Array.of(seed / 4, Number.NaN) },
    f64: { kind: "f64", length: 2, validity: undefined, values: Float64Array.of(seed / 3, Number.NEGATIVE_INFINITY) },
    date: { kind: "date", length: 2, validity: undefined, values: Int32Array.of(seed, 0) },
    at: { kind: "datetime", length: 2, validity: undefined, values: BigInt64Array.of(BigInt(seed), 0n) },
    tags: { kind: "list", length: 2, validity: undefined, offsets: Int32Array.of(0, 0, 2), items: { ...text, validity: Uint8Array.of(1) } },
    place: { kind: "vector", length: 2, validity: undefined, dimension: 2, values: Float32Array.of(seed, 1, 2, 3) },
    image: { kind: "blob", length: 2, validity: Uint8Array.of(1), offsets: Int32Array.of(0, 0, 0), bytes: new Uint8Array(0) },
  };
  return { rowCount: 2, columns: new Map(Object.entries(columns)) };
}

/** Arrays as plain numbers: a `Buffer` comes back as bytes. */
function plain({ rowCount, columns }: RowBatch): unknown {
  const numbers = (value: unknown): unknown => (ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<unknown>) : value);
  const plainColumn = (column: Column): unknown =>
    Object.fromEntries(Object.entries(column).map(([key, value]: [string, unknown]) => [key, key === "items" ? plainColumn(value as Column) : numbers(value)]));
  return { rowCount, columns: [...columns].map(([name, column]) => [name, plainColumn(column)]) };
}

test("batches come back as they were, whole or some columns of them, in any order", async () => {
  await using dir = await makeTempDir();
  const file = new SpillFile(dir.path);
  const batches = [everyKind(1), { rowCount: 0, columns: new Map() }, everyKind(7)];
  const places = [];
  for (const batch of batches) places.push(await file.append(batch));
  for (const index of [2, 0, 1]) expect(plain(await file.read(places[index]!))).toEqual(plain(batches[index]!));
  const wanted = new Map([...everyKind(7).columns].filter(([name]) => name === "tags" || name === "i64"));
  expect(plain(await file.read(places[2]!, ["tags", "i64"]))).toEqual(plain({ rowCount: 2, columns: wanted }));
  await file.dispose();
  expect(await readdir(dir.path)).toEqual([]);
});

test("nothing is written before the first batch, and no batch after the budget is kept", async () => {
  await using dir = await makeTempDir();
  await using staging = new BatchStaging({ directory: dir.path, memoryBytes: 1 });
  const rows = staging.createRows();
  expect(await readdir(dir.path)).toEqual([]);
  rows.add(everyKind(1));
  rows.add(everyKind(2));
  await staging.settle();
  const [folder = ""] = await readdir(dir.path);
  expect((await readFile(join(dir.path, folder, "batches"))).length).toBeGreaterThan(0);
  const read = [];
  for await (const { firstOrdinal, batch } of rows.batches()) read.push([firstOrdinal, plain(batch)]);
  expect(read).toEqual([[0, plain(everyKind(1))], [2, plain(everyKind(2))]]);
});

test("a directory that is gone is the operator's matter", async () => {
  const dir = await makeTempDir();
  await rm(dir.path, { recursive: true });
  const file = new SpillFile(dir.path);
  await expect(file.append(everyKind(1))).rejects.toMatchObject({ code: "STORAGE", message: expect.stringContaining("cannot write staging files") as string });
  await file.dispose();
});
