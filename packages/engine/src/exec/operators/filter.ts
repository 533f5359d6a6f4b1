import { type BindingTable, takeBindings } from "../binding-table.js";
import type { RowFilter } from "../conditions/compile-condition.js";
import type { Operator } from "./operator.js";

export function makeFilter(filter: RowFilter, liveSlots: readonly number[]): Operator {
  return { apply: (table) => applyFilter(table, filter, liveSlots) };
}

export function applyFilter(table: BindingTable, filter: RowFilter, liveSlots: readonly number[]): BindingTable {
  const positions = new Uint32Array(table.rowCount);
  const count = filter(table, positions);
  return count === table.rowCount ? table : takeBindings(table, positions, count, liveSlots);
}
