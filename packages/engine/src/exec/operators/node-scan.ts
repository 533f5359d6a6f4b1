import { type BindingTable, identityRows } from "../binding-table.js";
import type { ScanOperation } from "../prepared-plan.js";
import type { QueryRun } from "../query-run.js";
import { applyFilter } from "./filter.js";
import type { Operator } from "./operator.js";

/** All rows of a type, or those a key lookup found, under the scan's conditions (EX-20, EX-21). */
export function makeNodeScan(operation: ScanOperation, run: QueryRun): Operator {
  const { slot } = operation;
  const filters = operation.conditions.map((condition) => run.compile(condition));
  const candidates = run.candidatesOf(slot) ?? identityRows(run.spaceOf(slot).rowCount);
  const bind = (table: BindingTable, rows: Uint32Array): BindingTable => {
    const columns = [...table.columns];
    columns[slot] = rows;
    return { rowCount: rows.length, columns };
  };
  const { batchRows } = run.tuning;
  function* slices(table: BindingTable): Generator<BindingTable> {
    for (let start = 0; start < candidates.length; start += batchRows) yield bind(table, candidates.subarray(start, start + batchRows));
  }
  return {
    apply(table: BindingTable): BindingTable {
      let scanned = table.columns[slot] === undefined ? bind(table, candidates) : table;
      for (const filter of filters) {
        if (scanned.rowCount === 0) break;
        scanned = applyFilter(scanned, filter, [slot]);
      }
      return scanned;
    },
    split: (table) => (candidates.length <= batchRows ? undefined : slices(table)),
  };
}
