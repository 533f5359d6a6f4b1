import type { Adjacency } from "../../adjacency/adjacency.js";

/** Edges followed between two chances to pause, over all searches: some milliseconds. */
const STEP_EDGES = 1_000_000;

/**
 * Bounded breadth-first reachability from one origin at a time (EX-34). Holds scratch of one entry per node; marks are epoch numbers, so
 * a new origin costs nothing to start.
 */
export class Reachability {
  readonly #adjacency: Adjacency;
  readonly #visited: Uint32Array;
  readonly #queue: Uint32Array;
  /** With self-loops a node may be emitted after it was visited. */
  readonly #emitted: Uint32Array | undefined;
  readonly #found: Uint32Array;
  #epoch = 0;
  #stepsLeft = STEP_EDGES;
  #minHops = 1;
  #maxHops = 1;
  #hop = 1;
  /** Next node of the queue to look at, where its level ends, and where the queue does. */
  #next = 0;
  #levelEnd = 1;
  #end = 1;
  /** Without self-loops, where in the queue the result starts; with them, how many were found. */
  #resultStart = -1;
  #foundCount = 0;

  constructor(adjacency: Adjacency) {
    const nodes = adjacency.offsets.length - 1;
    this.#adjacency = adjacency;
    this.#visited = new Uint32Array(nodes);
    this.#queue = new Uint32Array(nodes);
    this.#emitted = adjacency.hasSelfLoops ? new Uint32Array(nodes) : undefined;
    this.#found = adjacency.hasSelfLoops ? new Uint32Array(nodes) : this.#queue;
  }

  /** Starts a search; {@link advance} does it. */
  begin(origin: number, minHops: number, maxHops: number): void {
    this.#epoch++;
    if (this.#epoch === 0xffff_ffff) {
      this.#visited.fill(0);
      this.#emitted?.fill(0);
      this.#epoch = 1;
    }
    this.#visited[origin] = this.#epoch;
    this.#queue[0] = origin;
    this.#minHops = minHops;
    this.#maxHops = maxHops;
    this.#hop = 1;
    this.#next = 0;
    this.#levelEnd = 1;
    this.#end = 1;
    this.#resultStart = minHops === 1 ? 1 : -1;
    this.#foundCount = 0;
  }

  /** Goes on with the search; false when it is time for a chance to pause, and there is more to do. */
  advance(): boolean {
    while (this.#hop <= this.#maxHops && this.#next < this.#end) {
      if (this.#stepsLeft <= 0) {
        this.#stepsLeft = STEP_EDGES;
        return false;
      }
      this.#stepsLeft = this.#emitted === undefined ? this.#followSimple(this.#stepsLeft) : this.#followWithSelfLoops(this.#stepsLeft, this.#emitted);
      if (this.#next < this.#levelEnd) continue;
      this.#hop++;
      if (this.#hop === this.#minHops) this.#resultStart = this.#end;
      this.#levelEnd = this.#end;
    }
    return true;
  }

  /** Destinations in order of discovery, once {@link advance} is done. Valid until the next {@link begin}. */
  get reached(): Uint32Array {
    if (this.#emitted !== undefined) return this.#found.subarray(0, this.#foundCount);
    return this.#resultStart === -1 ? this.#queue.subarray(0, 0) : this.#queue.subarray(this.#resultStart, this.#end);
  }

  /** Looks at nodes of the current level until it ends or the steps are used up; returns what is left of them. */
  #followSimple(steps: number): number {
    const { offsets, neighbors } = this.#adjacency;
    const visited = this.#visited;
    const queue = this.#queue;
    const epoch = this.#epoch;
    const levelEnd = this.#levelEnd;
    let next = this.#next;
    let end = this.#end;
    let stepsLeft = steps;
    for (; next < levelEnd && stepsLeft > 0; next++) {
      const node = queue[next] as number;
      const stop = offsets[node + 1] as number;
      const start = offsets[node] as number;
      for (let i = start; i < stop; i++) {
        const neighbor = neighbors[i] as number;
        if (visited[neighbor] === epoch) continue;
        visited[neighbor] = epoch;
        queue[end++] = neighbor;
      }
      stepsLeft -= stop - start;
    }
    this.#next = next;
    this.#end = end;
    return stepsLeft;
  }

  #followWithSelfLoops(steps: number, emitted: Uint32Array): number {
    const { offsets, neighbors } = this.#adjacency;
    const visited = this.#visited;
    const queue = this.#queue;
    const found = this.#found;
    const epoch = this.#epoch;
    const levelEnd = this.#levelEnd;
    const isEmitting = this.#hop >= this.#minHops;
    let next = this.#next;
    let end = this.#end;
    let count = this.#foundCount;
    let stepsLeft = steps;
    for (; next < levelEnd && stepsLeft > 0; next++) {
      const node = queue[next] as number;
      const stop = offsets[node + 1] as number;
      const start = offsets[node] as number;
      for (let i = start; i < stop; i++) {
        const neighbor = neighbors[i] as number;
        if (visited[neighbor] !== epoch) {
          visited[neighbor] = epoch;
          queue[end++] = neighbor;
        } else if (neighbor !== node) {
          continue;
        }
        if (!isEmitting || emitted[neighbor] === epoch) continue;
        emitted[neighbor] = epoch;
        found[count++] = neighbor;
      }
      stepsLeft -= stop - start;
    }
    this.#next = next;
    this.#end = end;
    this.#foundCount = count;
    return stepsLeft;
  }
}

/** A search that is lent: scratch that somebody else may have afterwards. */
export interface BorrowedReachability extends Disposable {
  readonly search: Reachability;
}

const idle = new WeakMap<Adjacency, Reachability>();

/** Scratch for `adjacency`, for one user at a time; disposing gives it back. */
export function borrowReachability(adjacency: Adjacency): BorrowedReachability {
  const search = idle.get(adjacency) ?? new Reachability(adjacency);
  idle.delete(adjacency);
  return { search, [Symbol.dispose]: () => void idle.set(adjacency, search) };
}
