import { ColumnView } from "../../cache/column-view.js";
import { isNull, type ListColumn, type Utf8Column } from "../../columnar/column.js";
import { decodeUtf8 } from "../../columnar/read-cell.js";
import { type Operand, operandRows } from "../operand.js";
import { cellComparer } from "./compare-cells.js";
import type { RowFilter } from "./compile-condition.js";

/** Above this many items a hash set beats comparing with each. */
const LINEAR_ITEMS_MAX = 8;

/** `[…] contains $v.p`: the language's IN (EX-26). `list` has one row. */
export function memberOfConstant(list: ListColumn, right: Operand): RowFilter {
  const cell = right.view.column;
  const items: number[] = [];
  for (let item = list.offsets[0] as number; item < (list.offsets[1] as number); item++) if (!isNull(list.items, item)) items.push(item);
  const test = items.length > LINEAR_ITEMS_MAX ? setTest(list, items, right) : linearTest(list, items, right);
  return (table, out) => {
    const rows = operandRows(right, table);
    let kept = 0;
    for (let k = 0; k < table.rowCount; k++) {
      const row = rows[k] as number;
      if (!isNull(cell, row) && test(row)) out[kept++] = k;
    }
    return kept;
  };
}

function linearTest(list: ListColumn, items: readonly number[], right: Operand): (row: number) => boolean {
  const compare = cellComparer(new ColumnView(list.items), right.view);
  return (row) => items.some((item) => compare(item, row) === 0);
}

function setTest(list: ListColumn, items: readonly number[], right: Operand): (row: number) => boolean {
  const cell = right.view.column;
  if (list.items.kind === "utf8" && cell.kind === "utf8") {
    const texts = list.items;
    const wanted = new Set(items.map((item) => textAt(texts, item)));
    return (row) => wanted.has(textAt(cell, row));
  }
  const values = new ColumnView(list.items).numbers().values;
  // A Set treats NaN as equal to itself and -0 as 0, as EX-24 wants; one number form per value makes kinds comparable.
  const wanted = new Set(items.map((item) => canonicalNumber(values[item] as number | bigint)));
  const cells = right.view.numbers().values;
  return (row) => wanted.has(canonicalNumber(cells[row] as number | bigint));
}

function textAt(column: Utf8Column, row: number): string {
  return decodeUtf8(column.bytes, column.offsets[row] as number, column.offsets[row + 1] as number);
}

/** Equal numbers have one form: a bigint that fits a safe double becomes it, and a larger integral double becomes a bigint. */
function canonicalNumber(value: number | bigint): number | bigint {
  if (typeof value === "bigint") {
    return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
  }
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isFinite(value) ? BigInt(value) : value;
}
