import { hashPairsToUint64, hashUtf8Column } from "../../src/hash/entity-hash.js";
import type { Column, RowBatch, Utf8Column } from "../../src/columnar/column.js";
import type { DatasetEffect } from "../../src/storage/dataset-gateway.js";
import type { StagedDatasetWrite, WriterKind, WriteStrictness } from "../../src/transaction/staged-write.js";
import type { PreparedWrite, WriteView } from "../../src/transaction/write-coordinator.js";
import { batchSource, columnOf } from "../row-batches.js";

/** Two node types and an edge type between them: enough to touch one, two or three datasets in one write. */
export const DIRECT_SCHEMA = `node Person {
  name: String @key
  age: I32?
}

node Company {
  name: String @key
}

edge WorksAt: Person -> Company
`;

const TEXT = { base: { kind: "String" }, isList: false, isNullable: false } as const;
const NUMBER = { base: { kind: "I32" }, isList: false, isNullable: true } as const;

export interface PersonRow {
  readonly name: string;
  readonly age: number | null;
}

export interface WorksAtRow {
  readonly id: string;
  readonly person: string;
  readonly company: string;
}

/** A write of one type, given the number of rows the type has in the write's view. */
export type DirectWrite = (view: WriteView) => StagedDatasetWrite;

function rowsInView(view: WriteView, typeKey: string): number {
  return view.snapshot.entries.get(typeKey)?.entityCount ?? 0;
}

function write(typeKey: string, strictness: WriteStrictness, added: number, effects: readonly DatasetEffect[]): DirectWrite {
  return (view) => ({ typeKey, strictness, effects, entityCountAfter: Math.max(0, rowsInView(view, typeKey) + added) });
}

export function appendPersons(...rows: readonly PersonRow[]): DirectWrite {
  return write("node:Person", "insert", rows.length, [{ kind: "append", source: batchSource(personBatch(rows)) }]);
}

/** One native version per row. */
export function appendPersonsInBatches(...rows: readonly PersonRow[]): DirectWrite {
  const source = batchSource(...rows.map((row) => personBatch([row])));
  return write("node:Person", "insert", rows.length, [{ kind: "append", source }]);
}

export function updatePersons(...rows: readonly PersonRow[]): DirectWrite {
  return write("node:Person", "strict", 0, [{ kind: "upsert", source: batchSource(personBatch(rows)) }]);
}

export function deletePersons(...names: readonly string[]): DirectWrite {
  return write("node:Person", "strict", -names.length, [{ kind: "deleteByIds", ids: names }]);
}

/** Replaces all persons; the type must have some. */
export function overwritePersons(...rows: readonly PersonRow[]): DirectWrite {
  return (view) => ({
    typeKey: "node:Person",
    strictness: "strict",
    effects: [{ kind: "deleteAll" }, { kind: "append", source: batchSource(personBatch(rows)) }],
    entityCountAfter: rowsInView(view, "") + rows.length,
  });
}

export function appendCompanies(...names: readonly string[]): DirectWrite {
  return write("node:Company", "insert", names.length, [{ kind: "append", source: batchSource(companyBatch(names)) }]);
}

export function appendWorksAt(...rows: readonly WorksAtRow[]): DirectWrite {
  return write("edge:WorksAt", "insert", rows.length, [{ kind: "append", source: batchSource(worksAtBatch(rows)) }]);
}

/** A preparation for `WriteCoordinator.write` that stages `writes`, in type order. */
export function stage(
  writerKind: WriterKind,
  ...writes: readonly DirectWrite[]
): (view: WriteView) => Promise<PreparedWrite<undefined>> {
  return (view) => {
    const datasets = writes.map((make) => make(view)).sort((a, b) => (a.typeKey < b.typeKey ? -1 : 1));
    return Promise.resolve({ staged: { writerKind, datasets }, result: undefined });
  };
}

function hashes(ids: Utf8Column): { readonly kind: "u64"; readonly length: number; readonly validity: undefined; readonly values: BigUint64Array } {
  return { kind: "u64", length: ids.length, validity: undefined, values: hashPairsToUint64(hashUtf8Column(ids)) };
}

function texts(values: readonly string[]): Utf8Column {
  return columnOf(TEXT, values) as Utf8Column;
}

function personBatch(rows: readonly PersonRow[]): RowBatch {
  const names = texts(rows.map((row) => row.name));
  const ages = columnOf(NUMBER, rows.map((row) => row.age));
  return { rowCount: rows.length, columns: new Map<string, Column>([["id", names], ["name", names], ["age", ages], ["__h", hashes(names)]]) };
}

function companyBatch(names: readonly string[]): RowBatch {
  const ids = texts(names);
  return { rowCount: names.length, columns: new Map<string, Column>([["id", ids], ["name", ids], ["__h", hashes(ids)]]) };
}

function worksAtBatch(rows: readonly WorksAtRow[]): RowBatch {
  const [ids, sources, targets] = [rows.map((row) => row.id), rows.map((row) => row.person), rows.map((row) => row.company)].map(texts);
  if (ids === undefined || sources === undefined || targets === undefined) throw new RangeError("three columns");
  const columns = new Map<string, Column>([
    ["id", ids],
    ["src", sources],
    ["dst", targets],
    ["__h", hashes(ids)],
    ["__sh", hashes(sources)],
    ["__dh", hashes(targets)],
  ]);
  return { rowCount: rows.length, columns };
}
