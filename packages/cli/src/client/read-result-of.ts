import type { Cell, ReadResult } from "@omnigraphdb/client";
import type { Json } from "@omnigraphdb/common";
import { cellToJson, type QueryResult, type ResultColumn } from "@omnigraphdb/engine";

const FLOAT_TYPES: ReadonlySet<string> = new Set(["F32", "F64", "Vector"]);

/** A columnar result with its cells in the form renderers read. */
export function toReadResult(result: QueryResult): ReadResult {
  const readers = result.columns.map(cellReader);
  return {
    queryName: result.queryName,
    target: result.target,
    graphCommitId: result.graphCommitId,
    rowCount: result.rowCount,
    columns: result.columns.map((column) => column.name),
    cell: (row, column) => (readers[column] as (row: number) => Cell)(row),
  };
}

function cellReader(column: ResultColumn): (row: number) => Cell {
  const isFloat = FLOAT_TYPES.has(column.type.base.kind);
  return (row) => toCell(cellToJson(column, row), isFloat);
}

function toCell(value: Json, isFloat: boolean): Cell {
  if (typeof value === "number") return isFloat ? value : BigInt(value);
  if (Array.isArray(value)) return value.map((item: Json) => toCell(item, isFloat));
  return value as Cell;
}
