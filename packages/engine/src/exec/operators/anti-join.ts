import { type BindingTable, identityRows, sliceBindings } from "../binding-table.js";
import type { AntiJoinOperation } from "../prepared-plan.js";
import { applyFilter } from "./filter.js";
import { drain, type Operator, runOperators } from "./operator.js";

/** Outer rows tested together: their inner matches stay in the processor's cache. */
const OUTER_ROWS = 8_192;

/** Keeps the rows for which the inner operators find no match (EX-40). The tag slot carries the row's position through them (EX-43). */
export function makeAntiJoin(operation: AntiJoinOperation, inner: readonly Operator[]): Operator {
  const { tagSlot, liveSlots } = operation;
  const selectUnmatched = (table: BindingTable, out: Uint32Array): number => {
    const isMatched = new Uint8Array(table.rowCount);
    const columns = [...table.columns];
    columns[tagSlot] = identityRows(table.rowCount);
    const markMatched = (batch: BindingTable): void => {
      const tags = batch.columns[tagSlot] as Uint32Array;
      for (let k = 0; k < batch.rowCount; k++) isMatched[tags[k] as number] = 1;
    };
    drain(runOperators(inner, { rowCount: table.rowCount, columns }, markMatched));
    let kept = 0;
    for (let k = 0; k < table.rowCount; k++) if (isMatched[k] === 0) out[kept++] = k;
    return kept;
  };
  return {
    apply: (table) => applyFilter(table, selectUnmatched, liveSlots),
    *split(table: BindingTable): Generator<BindingTable> {
      for (let start = 0; start < table.rowCount; start += OUTER_ROWS) yield sliceBindings(table, start, Math.min(table.rowCount, start + OUTER_ROWS));
    },
  };
}
