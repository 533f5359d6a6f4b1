import type { Adjacency } from "../../adjacency/adjacency.js";
import { type BindingTable, sliceBindings } from "../binding-table.js";
import type { TraversalOperation } from "../prepared-plan.js";
import type { QueryRun } from "../query-run.js";
import type { Operator } from "./operator.js";
import { borrowReachability } from "./reachability.js";
import { splitByWeight } from "./split-by-weight.js";

/** Binds the target, and the edge variable if there is one, of a traversal whose origin is bound (EX-30 … EX-37). */
export function makeExpand(operation: TraversalOperation, run: QueryRun): Operator {
  const adjacency = run.adjacencyOf(operation);
  if (operation.maxHops === 1 && operation.minHops > 1) return { apply: (table) => ({ rowCount: 0, columns: table.columns }) };
  return operation.maxHops === 1 ? makeSingleHop(operation, adjacency, run) : makeMultiHop(operation, adjacency, run);
}

function originRows(table: BindingTable, slot: number): Uint32Array {
  return table.columns[slot] as Uint32Array;
}

function makeSingleHop(operation: TraversalOperation, adjacency: Adjacency, run: QueryRun): Operator {
  const { offsets, neighbors, edges } = adjacency;
  const live = new Set(operation.liveSlots);
  const carried = operation.liveSlots.filter((slot) => slot !== operation.target && slot !== operation.edge);
  // `split` and then `apply` ask for the same table's total.
  let measured: { readonly origins: Uint32Array; readonly count: number; readonly total: number } | undefined;
  const totalOf = (origins: Uint32Array, count: number): number => {
    if (measured?.origins !== origins || measured.count !== count) measured = { origins, count, total: totalDegree(offsets, origins, count) };
    return measured.total;
  };
  return {
    apply(table: BindingTable): BindingTable {
      const origins = originRows(table, operation.origin);
      const total = totalOf(origins, table.rowCount);
      run.budget.admit(total * 4 * live.size);
      const columns = new Array<Uint32Array | undefined>(table.columns.length).fill(undefined);
      if (live.has(operation.target)) columns[operation.target] = copyRanges(neighbors, offsets, origins, table.rowCount, total);
      if (operation.edge !== undefined && edges !== undefined && live.has(operation.edge)) {
        columns[operation.edge] = copyRanges(edges, offsets, origins, table.rowCount, total);
      }
      for (const slot of carried) {
        const column = table.columns[slot];
        if (column !== undefined) columns[slot] = repeatByDegree(column, offsets, origins, table.rowCount, total);
      }
      return { rowCount: total, columns };
    },
    split(table: BindingTable): Iterable<BindingTable> | undefined {
      const origins = originRows(table, operation.origin);
      if (totalOf(origins, table.rowCount) <= run.tuning.batchRows) return undefined;
      return splitByWeight(table, run.tuning.batchRows, (k) => (offsets[(origins[k] as number) + 1] as number) - (offsets[origins[k] as number] as number));
    },
  };
}

function totalDegree(offsets: Uint32Array, origins: Uint32Array, count: number): number {
  let total = 0;
  for (let k = 0; k < count; k++) {
    const origin = origins[k] as number;
    total += (offsets[origin + 1] as number) - (offsets[origin] as number);
  }
  return total;
}

function copyRanges(values: Uint32Array, offsets: Uint32Array, origins: Uint32Array, count: number, total: number): Uint32Array {
  if (count === 1) return values.subarray(offsets[origins[0] as number], offsets[(origins[0] as number) + 1]);
  const out = new Uint32Array(total);
  let at = 0;
  for (let k = 0; k < count; k++) {
    const origin = origins[k] as number;
    const end = offsets[origin + 1] as number;
    for (let i = offsets[origin] as number; i < end; i++) out[at++] = values[i] as number;
  }
  return out;
}

function repeatByDegree(column: Uint32Array, offsets: Uint32Array, origins: Uint32Array, count: number, total: number): Uint32Array {
  const out = new Uint32Array(total);
  let at = 0;
  for (let k = 0; k < count; k++) {
    const origin = origins[k] as number;
    const value = column[k] as number;
    for (const end = at + (offsets[origin + 1] as number) - (offsets[origin] as number); at < end; at++) out[at] = value;
  }
  return out;
}

function makeMultiHop(operation: TraversalOperation, adjacency: Adjacency, run: QueryRun): Operator {
  const { minHops, maxHops, target } = operation;
  const isTargetLive = operation.liveSlots.includes(target);
  const carried = operation.liveSlots.filter((slot) => slot !== target);
  const originsPerPart = Math.max(1, Math.floor((run.tuning.batchRows * 8) / Math.max(1, adjacency.neighborRowCount)));
  return {
    *apply(table: BindingTable): Generator<void, BindingTable> {
      const origins = originRows(table, operation.origin);
      const counts = new Uint32Array(table.rowCount);
      let found = new Uint32Array(isTargetLive ? 1024 : 0);
      let total = 0;
      using scratch = borrowReachability(adjacency);
      const { search } = scratch;
      for (let k = 0; k < table.rowCount; k++) {
        search.begin(origins[k] as number, minHops, maxHops);
        while (!search.advance()) yield;
        const { reached } = search;
        counts[k] = reached.length;
        if (isTargetLive) {
          found = withCapacity(found, total + reached.length, (byteCount) => run.budget.admit(byteCount));
          found.set(reached, total);
        }
        total += reached.length;
      }
      run.budget.admit(total * 4 * operation.liveSlots.length);
      const columns = new Array<Uint32Array | undefined>(table.columns.length).fill(undefined);
      if (isTargetLive) columns[target] = found.subarray(0, total);
      for (const slot of carried) {
        const column = table.columns[slot];
        if (column !== undefined) columns[slot] = repeatByCount(column, counts, total);
      }
      return { rowCount: total, columns };
    },
    *split(table: BindingTable): Generator<BindingTable> {
      for (let start = 0; start < table.rowCount; start += originsPerPart) yield sliceBindings(table, start, Math.min(table.rowCount, start + originsPerPart));
    },
  };
}

function withCapacity(values: Uint32Array<ArrayBuffer>, needed: number, admit: (byteCount: number) => void): Uint32Array<ArrayBuffer> {
  if (needed <= values.length) return values;
  const size = Math.max(needed, values.length * 2);
  admit(size * 4);
  const out = new Uint32Array(size);
  out.set(values);
  return out;
}

function repeatByCount(column: Uint32Array, counts: Uint32Array, total: number): Uint32Array {
  const out = new Uint32Array(total);
  let at = 0;
  for (let k = 0; k < counts.length; k++) {
    const value = column[k] as number;
    for (const end = at + (counts[k] as number); at < end; at++) out[at] = value;
  }
  return out;
}
