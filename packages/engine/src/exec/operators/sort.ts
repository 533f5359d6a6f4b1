import { isNull } from "../../columnar/column.js";
import { cellComparer } from "../conditions/compare-cells.js";
import type { BindingTable } from "../binding-table.js";
import { type Operand, operandRows } from "../operand.js";

/** Sign of row a − row b, by position. */
export type RowComparer = (a: number, b: number) => number;

export interface SortKey {
  readonly operand: Operand;
  readonly isDescending: boolean;
}

/** Above this many rows per row of the id column, comparing precomputed ranks beats comparing texts. */
const RANK_ROWS_SHARE = 32;

/** Order by keys left to right; null is smaller than every value (OR-2). */
export function rowComparer(keys: readonly SortKey[], table: BindingTable): RowComparer {
  const comparers = keys.map((key) => keyComparer(key, table));
  const [first, second] = comparers;
  if (first === undefined) return () => 0;
  if (second === undefined) return first;
  return (a, b) => {
    for (const compare of comparers) {
      const difference = compare(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function keyComparer({ operand, isDescending }: SortKey, table: BindingTable): RowComparer {
  const rows = operandRows(operand, table);
  const ascending = operand.isUnique && operand.view.column.kind === "utf8" ? idComparer(operand, rows, table.rowCount) : valueComparer(operand, rows);
  return isDescending ? (a, b) => ascending(b, a) : ascending;
}

function idComparer(operand: Operand, rows: Uint32Array, rowCount: number): RowComparer {
  const { view } = operand;
  if (!view.hasRanks && rowCount * RANK_ROWS_SHARE < view.column.length) return valueComparer(operand, rows);
  const ranks = view.ranks();
  if (ranks === "ascending") return (a, b) => (rows[a] as number) - (rows[b] as number);
  return (a, b) => (ranks[rows[a] as number] as number) - (ranks[rows[b] as number] as number);
}

function valueComparer({ view }: Operand, rows: Uint32Array): RowComparer {
  const { column } = view;
  const compare = cellComparer(view, view);
  return (a, b) => {
    const i = rows[a] as number;
    const j = rows[b] as number;
    if (i === j) return 0;
    const leftNull = isNull(column, i);
    const rightNull = isNull(column, j);
    if (leftNull || rightNull) return Number(rightNull) - Number(leftNull);
    return compare(i, j);
  };
}

/** Rows sorted or looked at between two chances to pause. */
const STEP_ROWS = 32_768;

/** Positions 0 … rowCount − 1 in order, the first `limit` of them. `compare` must be a total order. */
export function* sortedPositions(rowCount: number, compare: RowComparer, limit: number): Generator<void, Uint32Array> {
  if (limit < rowCount / 4) return yield* smallestPositions(rowCount, compare, limit);
  const positions = new Uint32Array(rowCount);
  let isSorted = true;
  for (let i = 0; i < rowCount; i++) {
    positions[i] = i;
    if (isSorted && i > 0) isSorted = compare(i - 1, i) <= 0;
  }
  const sorted = isSorted ? positions : yield* mergeSort(positions, compare);
  return limit < rowCount ? sorted.subarray(0, limit) : sorted;
}

/** Sorted runs, then rounds of merging neighbours, so that it can pause in between. Takes over `positions`. */
function* mergeSort(positions: Uint32Array<ArrayBuffer>, compare: RowComparer): Generator<void, Uint32Array> {
  const { length } = positions;
  for (let start = 0; start < length; start += STEP_ROWS) {
    if (start > 0) yield;
    positions.subarray(start, start + STEP_ROWS).sort(compare);
  }
  if (length <= STEP_ROWS) return positions;
  let from = positions;
  let to = new Uint32Array(length);
  for (let run = STEP_ROWS; run < length; run *= 2) {
    for (let start = 0; start < length; start += 2 * run) {
      yield* mergeRuns(from, to, start, Math.min(length, start + run), Math.min(length, start + 2 * run), compare);
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Merges the sorted `from[start … middle)` and `from[middle … end)` into `to[start … end)`. */
function* mergeRuns(from: Uint32Array, to: Uint32Array, start: number, middle: number, end: number, compare: RowComparer): Generator<void, void> {
  let left = start;
  let right = middle;
  for (let at = start; at < end; ) {
    const stop = Math.min(end, at + STEP_ROWS);
    for (; at < stop; at++) {
      const takesLeft = right >= end || (left < middle && compare(from[left] as number, from[right] as number) <= 0);
      to[at] = from[takesLeft ? left++ : right++] as number;
    }
    yield;
  }
}

/** The `limit` smallest rows by a bounded heap whose top is the largest kept so far. */
function* smallestPositions(rowCount: number, compare: RowComparer, limit: number): Generator<void, Uint32Array> {
  if (limit === 0) return new Uint32Array(0);
  const heap = new Uint32Array(limit);
  let size = 0;
  for (let row = 0; row < rowCount; row++) {
    if (row % STEP_ROWS === STEP_ROWS - 1) yield;
    if (size < limit) {
      heap[size++] = row;
      siftUp(heap, size - 1, compare);
    } else if (compare(row, heap[0] as number) < 0) {
      heap[0] = row;
      siftDown(heap, size, compare);
    }
  }
  return yield* mergeSort(heap, compare);
}

function siftUp(heap: Uint32Array, at: number, compare: RowComparer): void {
  const row = heap[at] as number;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (compare(row, heap[parent] as number) <= 0) break;
    heap[at] = heap[parent] as number;
    at = parent;
  }
  heap[at] = row;
}

function siftDown(heap: Uint32Array, size: number, compare: RowComparer): void {
  const row = heap[0] as number;
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    if (child + 1 < size && compare(heap[child + 1] as number, heap[child] as number) > 0) child++;
    if (compare(heap[child] as number, row) <= 0) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = row;
}
