import { formatDate, formatDateTime } from "@omnigraphdb/compiler";
import type { Column } from "../columnar/column.js";
import { isNull } from "../columnar/column.js";
import { readCell } from "../columnar/read-cell.js";
import type { ResultColumn } from "../graph-api.js";

/** A result cell as a JSON value; 64-bit integers are `bigint`, so nothing is lost. */
export type CellJson = null | boolean | number | bigint | string | readonly CellJson[];

/** The JSON value of one result cell (§12.2). */
export function cellToJson(column: ResultColumn, row: number): CellJson {
  return columnCellToJson(column.values, row);
}

export function columnCellToJson(column: Column, row: number): CellJson {
  if (isNull(column, row)) return null;
  switch (column.kind) {
    case "date":
      return formatDate(column.values[row] as number);
    case "datetime":
      return formatDateTime(Number(column.values[row]));
    case "f32":
    case "f64":
      return floatToJson(column.values[row] as number);
    case "list": {
      const items: CellJson[] = [];
      const end = column.offsets[row + 1] as number;
      for (let item = column.offsets[row] as number; item < end; item++) items.push(columnCellToJson(column.items, item));
      return items;
    }
    case "vector": {
      const start = row * column.dimension;
      return Array.from(column.values.subarray(start, start + column.dimension), (value) => (Number.isFinite(value) ? value : null));
    }
    case "blob":
      throw new TypeError("a blob is never a result cell (T24)");
    default:
      return readCell(column, row) as CellJson;
  }
}

/** JSON has no NaN and no infinities: they are strings. */
function floatToJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
