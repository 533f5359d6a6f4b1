import { type BindingTable, sliceBindings } from "../binding-table.js";

/** Contiguous parts of about `batchRows` output rows, made as they are asked for; a single row is never split. */
export function splitByWeight(table: BindingTable, batchRows: number, weightOf: (position: number) => number): Iterable<BindingTable> | undefined {
  if (table.rowCount <= 1) return undefined;
  let total = 0;
  for (let k = 0; k < table.rowCount && total <= batchRows; k++) total += weightOf(k);
  return total <= batchRows ? undefined : parts(table, batchRows, weightOf);
}

function* parts(table: BindingTable, batchRows: number, weightOf: (position: number) => number): Generator<BindingTable> {
  let start = 0;
  let weight = 0;
  for (let k = 0; k < table.rowCount; k++) {
    const own = weightOf(k);
    if (weight > 0 && weight + own > batchRows) {
      yield sliceBindings(table, start, k);
      start = k;
      weight = 0;
    }
    weight += own;
  }
  yield sliceBindings(table, start, table.rowCount);
}
