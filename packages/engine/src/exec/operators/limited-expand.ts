import { type BindingTable, concatBindings, sliceBindings, takeBindings } from "../binding-table.js";
import { CONSTANT } from "../operand.js";
import type { Operator } from "./operator.js";
import { rowComparer, type SortKey } from "./sort.js";

/** What is known of the end of the result while its rows are still being found. */
export interface ResultBound {
  /** Sort keys of the result: a total order of match rows. */
  readonly keys: readonly SortKey[];
  /** The limit. */
  readonly rowCount: number;
  /** As many rows as the limit allows, in order; undefined until there are enough. A row behind the last of them is not in the result. */
  worst(): BindingTable | undefined;
}

/** The first part is one row; each may be so many times the one before it. */
const PART_GROWTH = 4;
/** Rows that are sorted in one go, some milliseconds. */
const SORTED_ROWS_MAX = 32_768;

/**
 * A traversal under a limit. Origins are taken in result order as far as bound variables tell it, a few at first, and none from where the sort keys
 * that are known already lie behind the last row that fits: what they lead to would be cut off (OR-7). The rows of the result are the same.
 */
export function limitExpand(inner: Operator, bound: ResultBound): Operator {
  return {
    ...inner,
    split(table) {
      const keys = leadingKeys(bound.keys, table);
      return keys.length === 0 ? inner.split?.(table) : orderedParts(inner, table, keys, bound);
    },
  };
}

function* orderedParts(inner: Operator, table: BindingTable, keys: readonly SortKey[], bound: ResultBound): Generator<BindingTable> {
  for (let from = 0; from < table.rowCount; from += SORTED_ROWS_MAX) {
    const within = rowsWithinBound(sliceBindings(table, from, Math.min(table.rowCount, from + SORTED_ROWS_MAX)), keys, bound);
    const positions = Uint32Array.from({ length: within.rowCount }, (_, k) => k).sort(rowComparer(keys, within));
    const ordered = takeBindings(within, positions, positions.length, boundSlots(within));
    let size = 1;
    for (let start = 0; start < ordered.rowCount; start += size, size *= PART_GROWTH) {
      const part = rowsWithinBound(sliceBindings(ordered, start, Math.min(ordered.rowCount, start + size)), keys, bound);
      if (part.rowCount === 0) break;
      yield* inner.split?.(part) ?? [part];
    }
  }
}

/** The sort keys, from the first on, whose variables the table binds. */
function leadingKeys(keys: readonly SortKey[], table: BindingTable): readonly SortKey[] {
  const unbound = keys.findIndex(({ operand }) => operand.slot !== CONSTANT && table.columns[operand.slot] === undefined);
  return unbound === -1 ? keys : keys.slice(0, unbound);
}

/** The rows that do not lie behind the last one that fits, as far as `keys` tell. */
function rowsWithinBound(table: BindingTable, keys: readonly SortKey[], bound: ResultBound): BindingTable {
  const best = bound.worst();
  if (best === undefined || table.rowCount === 0) return table;
  const compare = rowComparer(keys, concatBindings([table, sliceBindings(best, best.rowCount - 1, best.rowCount)], table.columns.length));
  const positions = new Uint32Array(table.rowCount);
  let kept = 0;
  for (let k = 0; k < table.rowCount; k++) if (compare(k, table.rowCount) <= 0) positions[kept++] = k;
  if (kept === table.rowCount) return table;
  return takeBindings(table, positions, kept, boundSlots(table));
}

function boundSlots(table: BindingTable): readonly number[] {
  return table.columns.flatMap((column, slot) => (column === undefined ? [] : [slot]));
}
