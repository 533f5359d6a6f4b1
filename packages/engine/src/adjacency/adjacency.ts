import { ABSENT } from "./entity-dictionary.js";

/**
 * Compressed sparse rows: neighbours of node row n are `neighbors[offsets[n] … offsets[n + 1])`, ascending by row.
 *
 * Without `edges` each distinct neighbour stands once (EX-10: parallel edges collapse). With `edges` every stored edge has a place of
 * its own and `edges[i]` is its row in the edge dataset.
 */
export interface Adjacency {
  /** Length: origin rows + 1. */
  readonly offsets: Uint32Array;
  readonly neighbors: Uint32Array;
  readonly edges: Uint32Array | undefined;
  /** Some node is its own neighbour. */
  readonly hasSelfLoops: boolean;
  /** Rows of the neighbours' type. */
  readonly neighborRowCount: number;
}

/** Edges as pairs of node rows. */
export interface EdgePairs {
  readonly origins: Uint32Array;
  readonly neighbors: Uint32Array;
  /** Edge row of each pair. */
  readonly edges: Uint32Array;
  readonly count: number;
}

/** Pairs of all edges whose two endpoints exist; a dangling edge yields nothing (EX-31). */
export function directedPairs(origins: Uint32Array, neighbors: Uint32Array): EdgePairs {
  const edges = new Uint32Array(origins.length);
  let count = 0;
  for (let edge = 0; edge < origins.length; edge++) {
    if (origins[edge] !== ABSENT && neighbors[edge] !== ABSENT) edges[count++] = edge;
  }
  if (count === origins.length) return { origins, neighbors, edges, count };
  const outOrigins = new Uint32Array(count);
  const outNeighbors = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    outOrigins[i] = origins[edges[i] as number] as number;
    outNeighbors[i] = neighbors[edges[i] as number] as number;
  }
  return { origins: outOrigins, neighbors: outNeighbors, edges: edges.subarray(0, count), count };
}

/** Both reading directions of every edge; a self-loop once (EX-30, EX-37). */
export function undirectedPairs(pairs: EdgePairs): EdgePairs {
  const origins = new Uint32Array(pairs.count * 2);
  const neighbors = new Uint32Array(pairs.count * 2);
  const edges = new Uint32Array(pairs.count * 2);
  let count = 0;
  for (let i = 0; i < pairs.count; i++) {
    const origin = pairs.origins[i] as number;
    const neighbor = pairs.neighbors[i] as number;
    const edge = pairs.edges[i] as number;
    origins[count] = origin;
    neighbors[count] = neighbor;
    edges[count++] = edge;
    if (origin === neighbor) continue;
    origins[count] = neighbor;
    neighbors[count] = origin;
    edges[count++] = edge;
  }
  return { origins, neighbors, edges, count };
}

/** Stable counting sort of `order[0 … count)` by `keys`. */
function sortByKey(order: Uint32Array, keys: Uint32Array, count: number, keyCount: number): { order: Uint32Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(keyCount + 1);
  for (let i = 0; i < count; i++) {
    const bucket = (keys[i] as number) + 1;
    offsets[bucket] = (offsets[bucket] as number) + 1;
  }
  for (let key = 0; key < keyCount; key++) offsets[key + 1] = (offsets[key + 1] as number) + (offsets[key] as number);
  const next = offsets.slice(0, keyCount);
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const item = order[i] as number;
    const key = keys[item] as number;
    const at = next[key] as number;
    next[key] = at + 1;
    out[at] = item;
  }
  return { order: out, offsets };
}

/** @param keepsEdges one place per edge instead of one per distinct neighbour */
export function buildAdjacency(pairs: EdgePairs, originRowCount: number, neighborRowCount: number, keepsEdges: boolean): Adjacency {
  const { count, origins } = pairs;
  const positions = new Uint32Array(count);
  for (let i = 0; i < count; i++) positions[i] = i;
  // Least significant key first: a stable sort by neighbour, then by origin, leaves each row's neighbours ascending.
  const byNeighbor = sortByKey(positions, pairs.neighbors, count, neighborRowCount).order;
  const { order, offsets } = sortByKey(byNeighbor, origins, count, originRowCount);
  const neighbors = new Uint32Array(count);
  let hasSelfLoops = false;
  for (let i = 0; i < count; i++) {
    const pair = order[i] as number;
    neighbors[i] = pairs.neighbors[pair] as number;
    if (neighbors[i] === origins[pair]) hasSelfLoops = true;
  }
  if (!keepsEdges) return withoutParallels(offsets, neighbors, hasSelfLoops, neighborRowCount);
  const edges = new Uint32Array(count);
  for (let i = 0; i < count; i++) edges[i] = pairs.edges[order[i] as number] as number;
  return { offsets, neighbors, edges, hasSelfLoops, neighborRowCount };
}

function withoutParallels(offsets: Uint32Array, neighbors: Uint32Array, hasSelfLoops: boolean, neighborRowCount: number): Adjacency {
  const originRowCount = offsets.length - 1;
  const distinctOffsets = new Uint32Array(offsets.length);
  let kept = 0;
  for (let origin = 0; origin < originRowCount; origin++) {
    const end = offsets[origin + 1] as number;
    const start = kept;
    for (let i = offsets[origin] as number; i < end; i++) {
      const neighbor = neighbors[i] as number;
      if (kept === start || neighbors[kept - 1] !== neighbor) neighbors[kept++] = neighbor;
    }
    distinctOffsets[origin + 1] = kept;
  }
  return {
    offsets: distinctOffsets,
    neighbors: kept === neighbors.length ? neighbors : neighbors.slice(0, kept),
    edges: undefined,
    hasSelfLoops,
    neighborRowCount,
  };
}

/** First position in `[start, end)` whose neighbour is at least `wanted`. */
export function lowerBound(neighbors: Uint32Array, start: number, end: number, wanted: number): number {
  while (start < end) {
    const middle = (start + end) >>> 1;
    if ((neighbors[middle] as number) < wanted) start = middle + 1;
    else end = middle;
  }
  return start;
}

export function adjacencyByteCount(adjacency: Adjacency): number {
  return adjacency.offsets.byteLength + adjacency.neighbors.byteLength + (adjacency.edges?.byteLength ?? 0);
}
