import { assert } from "@omnigraphdb/common";
import type { Column, ColumnKind, RowBatch } from "./column.js";
import { takeRows } from "./take.js";

/** The named column; its absence is a bug of the caller. */
export function requireColumn(batch: RowBatch, name: string): Column {
  const column = batch.columns.get(name);
  assert(column !== undefined, `a row batch without its column "${name}"`);
  return column;
}

/** The named column, which must be of `kind`. */
export function requireColumnOf<K extends ColumnKind>(batch: RowBatch, name: string, kind: K): Extract<Column, { kind: K }> {
  const column = requireColumn(batch, name);
  assert(column.kind === kind, `column "${name}" is ${column.kind}, not ${kind}`);
  return column as Extract<Column, { kind: K }>;
}

/** Rows `rows[0 … count)` of `batch`, in that order. */
export function takeBatch(batch: RowBatch, rows: Uint32Array, count: number = rows.length): RowBatch {
  const columns = new Map<string, Column>();
  for (const [name, column] of batch.columns) columns.set(name, takeRows(column, rows, count));
  return { rowCount: count, columns };
}
