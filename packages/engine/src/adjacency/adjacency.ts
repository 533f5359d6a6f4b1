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
  /** No edge was left out for want of an endpoint. */
  readonly isComplete: boolean;
}

/** Edges as pairs of node rows. */
export interface EdgePairs {
  readonly origins: Uint32Array;
  readonly neighbors: Uint32Array;
  /** Edge row of each pair. */
  readonly edges: Uint32Array;
  readonly count: number;
  /** No edge was left out for want of an endpoint. */
  readonly isComplete: boolean;
}

/** Pairs of all edges whose two endpoints exist; a dangling edge yields nothing (EX-31). */
export function directedPairs(origins: Uint32Array, neighbors: Uint32Array): EdgePairs {
  const edges = new Uint32Array(origins.length);
  let count = 0;
  for (let edge = 0; edge < origins.length; edge++) {
    if (origins[edge] !== ABSENT && neighbors[edge] !== ABSENT) edges[count++] = edge;
  }
  if (count === origins.length) return { origins, neighbors, edges, count, isComplete: true };
  const outOrigins = new Uint32Array(count);
  const outNeighbors = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    outOrigins[i] = origins[edges[i] as number] as number;
    outNeighbors[i] = neighbors[edges[i] as number] as number;
  }
  return { origins: outOrigins, neighbors: outNeighbors, edges: edges.subarray(0, count), count, isComplete: false };
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
  return { origins, neighbors, edges, count, isComplete: pairs.isComplete };
}

/** Where each key's run begins when items are sorted by key: a running count. Length: keys + 1. */
export function runStarts(keys: Uint32Array, count: number, keyCount: number): Uint32Array<ArrayBuffer> {
  const starts = new Uint32Array(keyCount + 1);
  for (let i = 0; i < count; i++) {
    const next = (keys[i] as number) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let key = 0; key < keyCount; key++) starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
  return starts;
}

/**
 * Two transpositions: pairs are dealt out by neighbour, then by origin in order of neighbour, which leaves each list ascending. Beyond the pairs and
 * the result this holds one array of their length.
 *
 * @param keepsEdges one place per edge instead of one per distinct neighbour
 */
export function buildAdjacency(pairs: EdgePairs, originRowCount: number, neighborRowCount: number, keepsEdges: boolean): Adjacency {
  const { count } = pairs;
  const offsets = runStarts(pairs.origins, count, originRowCount);
  const neighborStarts = runStarts(pairs.neighbors, count, neighborRowCount);
  // Pair positions in order of neighbour; without edges the origin itself, which saves the way back to it.
  const byNeighbor = new Uint32Array(count);
  const place = neighborStarts.slice(0, neighborRowCount);
  for (let i = 0; i < count; i++) {
    const neighbor = pairs.neighbors[i] as number;
    const at = place[neighbor] as number;
    place[neighbor] = at + 1;
    byNeighbor[at] = keepsEdges ? i : (pairs.origins[i] as number);
  }
  const next = offsets.slice(0, originRowCount);
  const neighbors = new Uint32Array(count);
  const edges = keepsEdges ? new Uint32Array(count) : undefined;
  let hasSelfLoops = false;
  let hasParallels = false;
  for (let neighbor = 0; neighbor < neighborRowCount; neighbor++) {
    const end = neighborStarts[neighbor + 1] as number;
    for (let i = neighborStarts[neighbor] as number; i < end; i++) {
      const item = byNeighbor[i] as number;
      const origin = edges === undefined ? item : (pairs.origins[item] as number);
      const at = next[origin] as number;
      next[origin] = at + 1;
      neighbors[at] = neighbor;
      if (edges !== undefined) edges[at] = pairs.edges[item] as number;
      else if (at > (offsets[origin] as number) && neighbors[at - 1] === neighbor) hasParallels = true;
      if (origin === neighbor) hasSelfLoops = true;
    }
  }
  const { isComplete } = pairs;
  if (hasParallels) return withoutParallels({ offsets, neighbors, edges, hasSelfLoops, neighborRowCount, isComplete });
  return { offsets, neighbors, edges, hasSelfLoops, neighborRowCount, isComplete };
}

function withoutParallels(adjacency: Adjacency): Adjacency {
  const { offsets, neighbors } = adjacency;
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
  return { ...adjacency, offsets: distinctOffsets, neighbors: neighbors.slice(0, kept) };
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
