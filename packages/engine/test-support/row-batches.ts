import type { PropertyType } from "@omnigraphdb/compiler";
import type { Column, RowBatch } from "../src/columnar/column.js";
import { createColumnBuilder } from "../src/columnar/column-builder.js";
import { type Cell, readCell } from "../src/columnar/read-cell.js";
import { requireColumn } from "../src/columnar/row-batch.js";
import type { BatchSource } from "../src/storage/dataset-gateway.js";

/** A column of plain values. */
export function columnOf(type: PropertyType, values: readonly Cell[]): Column {
  const builder = createColumnBuilder(type);
  for (const value of values) builder.appendCell(value);
  return builder.freeze();
}

/** The values of a named column, in row order. */
export function valuesOf(batch: RowBatch, name: string): readonly Cell[] {
  const column = requireColumn(batch, name);
  return Array.from({ length: batch.rowCount }, (_, row) => readCell(column, row));
}

/** Batches that are all in memory. */
export function batchSource(...batches: readonly RowBatch[]): BatchSource {
  const rowCount = batches.reduce((sum, batch) => sum + batch.rowCount, 0);
  return { batchCount: batches.length, rowCount, batches: () => batches };
}
