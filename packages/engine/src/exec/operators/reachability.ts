import type { Adjacency } from "../../adjacency/adjacency.js";

/**
 * Bounded breadth-first reachability from one origin (EX-34). Holds scratch of one entry per node; marks are epoch numbers, so a new origin
 * costs nothing to start.
 */
export class Reachability {
  readonly #adjacency: Adjacency;
  readonly #visited: Uint32Array;
  readonly #queue: Uint32Array;
  /** With self-loops a node may be emitted after it was visited. */
  readonly #emitted: Uint32Array | undefined;
  readonly #found: Uint32Array;
  #epoch = 0;

  constructor(adjacency: Adjacency) {
    const nodes = adjacency.offsets.length - 1;
    this.#adjacency = adjacency;
    this.#visited = new Uint32Array(nodes);
    this.#queue = new Uint32Array(nodes);
    this.#emitted = adjacency.hasSelfLoops ? new Uint32Array(nodes) : undefined;
    this.#found = adjacency.hasSelfLoops ? new Uint32Array(nodes) : this.#queue;
  }

  /** Destinations in order of discovery. Valid until the next call. */
  from(origin: number, minHops: number, maxHops: number): Uint32Array {
    this.#epoch++;
    if (this.#epoch === 0xffff_ffff) {
      this.#visited.fill(0);
      this.#emitted?.fill(0);
      this.#epoch = 1;
    }
    return this.#emitted === undefined ? this.#simple(origin, minHops, maxHops) : this.#withSelfLoops(origin, minHops, maxHops, this.#emitted);
  }

  #simple(origin: number, minHops: number, maxHops: number): Uint32Array {
    const { offsets, neighbors } = this.#adjacency;
    const visited = this.#visited;
    const queue = this.#queue;
    const epoch = this.#epoch;
    visited[origin] = epoch;
    queue[0] = origin;
    let levelStart = 0;
    let end = 1;
    let resultStart = minHops === 1 ? 1 : -1;
    for (let hop = 1; hop <= maxHops && levelStart < end; hop++) {
      const levelEnd = end;
      if (hop === minHops) resultStart = levelEnd;
      for (; levelStart < levelEnd; levelStart++) {
        const node = queue[levelStart] as number;
        const stop = offsets[node + 1] as number;
        for (let i = offsets[node] as number; i < stop; i++) {
          const neighbor = neighbors[i] as number;
          if (visited[neighbor] === epoch) continue;
          visited[neighbor] = epoch;
          queue[end++] = neighbor;
        }
      }
    }
    return resultStart === -1 ? queue.subarray(0, 0) : queue.subarray(resultStart, end);
  }

  #withSelfLoops(origin: number, minHops: number, maxHops: number, emitted: Uint32Array): Uint32Array {
    const { offsets, neighbors } = this.#adjacency;
    const visited = this.#visited;
    const queue = this.#queue;
    const found = this.#found;
    const epoch = this.#epoch;
    visited[origin] = epoch;
    queue[0] = origin;
    let levelStart = 0;
    let end = 1;
    let count = 0;
    for (let hop = 1; hop <= maxHops && levelStart < end; hop++) {
      const levelEnd = end;
      for (; levelStart < levelEnd; levelStart++) {
        const node = queue[levelStart] as number;
        const stop = offsets[node + 1] as number;
        for (let i = offsets[node] as number; i < stop; i++) {
          const neighbor = neighbors[i] as number;
          if (visited[neighbor] !== epoch) {
            visited[neighbor] = epoch;
            queue[end++] = neighbor;
          } else if (neighbor !== node) {
            continue;
          }
          if (hop < minHops || emitted[neighbor] === epoch) continue;
          emitted[neighbor] = epoch;
          found[count++] = neighbor;
        }
      }
    }
    return found.subarray(0, count);
  }
}

const idle = new WeakMap<Adjacency, Reachability>();

/** Lends scratch for `adjacency` to `use`; nothing may wait inside. */
export function withReachability<T>(adjacency: Adjacency, use: (reachability: Reachability) => T): T {
  const reachability = idle.get(adjacency) ?? new Reachability(adjacency);
  idle.delete(adjacency);
  const result = use(reachability);
  idle.set(adjacency, reachability);
  return result;
}
