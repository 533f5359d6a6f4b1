import { type Adjacency, lowerBound } from "../../adjacency/adjacency.js";
import { type BindingTable, identityRows, takeBindings } from "../binding-table.js";
import type { TraversalOperation } from "../prepared-plan.js";
import type { QueryRun } from "../query-run.js";
import { applyFilter, makeFilter } from "./filter.js";
import type { Operator } from "./operator.js";
import { borrowReachability } from "./reachability.js";

/** A traversal between two bound variables: keeps the row, or gives one row per matching edge with an edge variable (EX-38). */
export function makeClose(operation: TraversalOperation, run: QueryRun): Operator {
  const adjacency = run.adjacencyOf(operation);
  if (operation.edge !== undefined) return makeEdgeClose(operation, operation.edge, adjacency, run);
  if (operation.maxHops === 1 && operation.minHops > 1) return { apply: (table) => ({ rowCount: 0, columns: table.columns }) };
  if (operation.maxHops > 1) return { apply: (table) => closeReached(operation, adjacency, table) };
  return makeFilter((table, out) => selectAdjacent(operation, adjacency, table, out), operation.liveSlots);
}

function endRows(operation: TraversalOperation, table: BindingTable): readonly [origins: Uint32Array, targets: Uint32Array] {
  return [table.columns[operation.origin] as Uint32Array, table.columns[operation.target] as Uint32Array];
}

function selectAdjacent(operation: TraversalOperation, { offsets, neighbors }: Adjacency, table: BindingTable, out: Uint32Array): number {
  const [origins, targets] = endRows(operation, table);
  let kept = 0;
  for (let k = 0; k < table.rowCount; k++) {
    const origin = origins[k] as number;
    const target = targets[k] as number;
    const end = offsets[origin + 1] as number;
    const at = lowerBound(neighbors, offsets[origin] as number, end, target);
    if (at < end && neighbors[at] === target) out[kept++] = k;
  }
  return kept;
}

/** One search per distinct origin, whatever the order of the rows. */
function* closeReached(operation: TraversalOperation, adjacency: Adjacency, table: BindingTable): Generator<void, BindingTable> {
  const [origins, targets] = endRows(operation, table);
  const order = Uint32Array.from(identityRows(table.rowCount)).sort((a, b) => (origins[a] as number) - (origins[b] as number));
  const isKept = new Uint8Array(table.rowCount);
  const mark = new Uint8Array(adjacency.neighborRowCount);
  using scratch = borrowReachability(adjacency);
  const { search } = scratch;
  for (let start = 0; start < order.length; ) {
    const origin = origins[order[start] as number] as number;
    search.begin(origin, operation.minHops, operation.maxHops);
    while (!search.advance()) yield;
    const { reached } = search;
    for (const node of reached) mark[node] = 1;
    for (; start < order.length && origins[order[start] as number] === origin; start++) {
      const row = order[start] as number;
      isKept[row] = mark[targets[row] as number] as number;
    }
    for (const node of reached) mark[node] = 0;
  }
  const selectKept = (_: BindingTable, out: Uint32Array): number => {
    let kept = 0;
    for (let k = 0; k < isKept.length; k++) if (isKept[k] === 1) out[kept++] = k;
    return kept;
  };
  return applyFilter(table, selectKept, operation.liveSlots);
}

function makeEdgeClose(operation: TraversalOperation, edgeSlot: number, { offsets, neighbors, edges }: Adjacency, run: QueryRun): Operator {
  return {
    apply(table: BindingTable): BindingTable {
      const [origins, targets] = endRows(operation, table);
      const positions: number[] = [];
      const matched: number[] = [];
      for (let k = 0; k < table.rowCount; k++) {
        const origin = origins[k] as number;
        const target = targets[k] as number;
        const end = offsets[origin + 1] as number;
        for (let i = lowerBound(neighbors, offsets[origin] as number, end, target); i < end && neighbors[i] === target; i++) {
          positions.push(k);
          matched.push((edges as Uint32Array)[i] as number);
        }
      }
      run.budget.admit(positions.length * 4 * (operation.liveSlots.length + 4));
      const kept = takeBindings(table, Uint32Array.from(positions), positions.length, operation.liveSlots);
      const columns = [...kept.columns];
      columns[edgeSlot] = Uint32Array.from(matched);
      return { rowCount: positions.length, columns };
    },
  };
}
