import { type Adjacency, type EdgePairs, runStarts } from "./adjacency.js";
import { ABSENT } from "./entity-dictionary.js";

/** How the rows of one type moved from an earlier version to a later one; undefined = rows stayed, new ones came behind them. */
export interface RowMoves {
  /** By later row: the earlier row of the same entity, or {@link ABSENT}. */
  readonly earlierRows: Uint32Array;
  /** By earlier row: the later one, or {@link ABSENT} when the entity is gone. */
  readonly laterRows: Uint32Array;
}

/** What changed between the two versions an adjacency is carried over. */
export interface TopologyChange {
  readonly originMoves: RowMoves | undefined;
  readonly neighborMoves: RowMoves | undefined;
  /** New edges, in later row numbers. No edge went away or was written anew. */
  readonly added: EdgePairs;
  readonly originRowCount: number;
  readonly neighborRowCount: number;
}

/** The moves of rows between two dictionaries' row orders. */
export function rowMoves(earlierRowCount: number, laterRowCount: number, findEarlier: (laterRow: number) => number): RowMoves {
  const earlierRows = new Uint32Array(laterRowCount);
  const laterRows = new Uint32Array(earlierRowCount).fill(ABSENT);
  for (let row = 0; row < laterRowCount; row++) {
    const earlier = findEarlier(row);
    earlierRows[row] = earlier;
    if (earlier !== ABSENT) laterRows[earlier] = row;
  }
  return { earlierRows, laterRows };
}

/**
 * The adjacency (without edges) of a later version, from that of an earlier one: equal to what a build would give, at the cost of a copy.
 *
 * @param earlier complete: an edge it left out might find its endpoint in the later version
 */
export function advanceAdjacency(earlier: Adjacency, change: TopologyChange): Adjacency {
  const { originMoves, neighborMoves, added, originRowCount, neighborRowCount } = change;
  const addedLists = listsByOrigin(added, originRowCount);
  const offsets = new Uint32Array(originRowCount + 1);
  const neighbors = new Uint32Array(earlier.neighbors.length + added.count);
  const earlierRowCount = earlier.offsets.length - 1;
  let isComplete = earlier.isComplete && added.isComplete && keepsAll(earlier, originMoves);
  let end = 0;
  for (let origin = 0; origin < originRowCount; origin++) {
    const start = end;
    const earlierOrigin = originMoves === undefined ? origin : (originMoves.earlierRows[origin] as number);
    if (earlierOrigin < earlierRowCount) {
      const stop = earlier.offsets[earlierOrigin + 1] as number;
      for (let i = earlier.offsets[earlierOrigin] as number; i < stop; i++) {
        const earlierNeighbor = earlier.neighbors[i] as number;
        const neighbor = neighborMoves === undefined ? earlierNeighbor : (neighborMoves.laterRows[earlierNeighbor] as number);
        if (neighbor === ABSENT) isComplete = false;
        else end = insertAscending(neighbors, start, end, neighbor);
      }
    }
    const addedEnd = addedLists.offsets[origin + 1] as number;
    for (let i = addedLists.offsets[origin] as number; i < addedEnd; i++) end = insertAscending(neighbors, start, end, addedLists.neighbors[i] as number);
    offsets[origin + 1] = end;
  }
  return { offsets, neighbors: end === neighbors.length ? neighbors : neighbors.slice(0, end), edges: undefined, hasSelfLoops: hasSelfLoop(offsets, neighbors), neighborRowCount, isComplete };
}

/** Appends a neighbour, or moves it down to its place; one that stands there already is not repeated. */
function insertAscending(neighbors: Uint32Array, start: number, end: number, neighbor: number): number {
  if (end === start || (neighbors[end - 1] as number) < neighbor) {
    neighbors[end] = neighbor;
    return end + 1;
  }
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((neighbors[middle] as number) < neighbor) low = middle + 1;
    else high = middle;
  }
  if (neighbors[low] === neighbor) return end;
  neighbors.copyWithin(low + 1, low, end);
  neighbors[low] = neighbor;
  return end + 1;
}

function hasSelfLoop(offsets: Uint32Array, neighbors: Uint32Array): boolean {
  for (let origin = 0; origin < offsets.length - 1; origin++) {
    const end = offsets[origin + 1] as number;
    for (let i = offsets[origin] as number; i < end; i++) if (neighbors[i] === origin) return true;
  }
  return false;
}

/** No origin that has neighbours is gone. */
function keepsAll({ offsets }: Adjacency, moves: RowMoves | undefined): boolean {
  if (moves === undefined) return true;
  return moves.laterRows.every((later, row) => later !== ABSENT || offsets[row] === offsets[row + 1]);
}

function listsByOrigin({ origins, neighbors, count }: EdgePairs, originRowCount: number): { readonly offsets: Uint32Array; readonly neighbors: Uint32Array } {
  const offsets = runStarts(origins, count, originRowCount);
  const place = offsets.slice(0, originRowCount);
  const lists = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const origin = origins[i] as number;
    const at = place[origin] as number;
    place[origin] = at + 1;
    lists[at] = neighbors[i] as number;
  }
  return { offsets, neighbors: lists };
}
