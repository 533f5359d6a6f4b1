import type { ColumnView } from "../cache/column-view.js";
import type { BindingTable } from "./binding-table.js";
import { zeroRows } from "./binding-table.js";

/** The slot of a constant: its column has one row. */
export const CONSTANT = -1;

/** A value per match row: a column and the binding that says which of its rows. */
export interface Operand {
  readonly view: ColumnView;
  readonly slot: number;
  /** A stored 32-bit float: constants round to it before they compare (EX-24). */
  readonly isFloat32Property: boolean;
  /** Rows of the column have pairwise different non-null values: an id, or the only key property. */
  readonly isUnique: boolean;
}

/** Row numbers of the operand's column, one per match row. */
export function operandRows(operand: Operand, table: BindingTable): Uint32Array {
  if (operand.slot === CONSTANT) return zeroRows(table.rowCount);
  const rows = table.columns[operand.slot];
  if (rows === undefined) throw new Error(`slot ${operand.slot} is not bound`);
  return rows;
}
