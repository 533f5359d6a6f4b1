import { assert } from "@omnigraphdb/common";
import type { BoundTraversal } from "../binder/bound-query.js";

/** Names of variables that have a value. */
export interface NameSet {
  has(name: string): boolean;
}

/**
 * EX-33: the order in which passes over the textual list apply the traversals, each as soon as one of its ends is
 * bound. Computed without scanning what still waits, so that a long chain written backwards stays cheap.
 *
 * `initiallyBound` holds the roots and the variables of enclosing blocks; every component has one of them.
 */
export function orderInPasses(traversals: readonly BoundTraversal[], initiallyBound: NameSet): readonly BoundTraversal[] {
  const reached = new Set<string>();
  const isBound = (name: string): boolean => reached.has(name) || initiallyBound.has(name);
  const indicesByVariable = new Map<string, number[]>();
  traversals.forEach(({ source, destination }, index) => {
    for (const { name } of [source, destination]) {
      const indices = indicesByVariable.get(name);
      if (indices === undefined) indicesByVariable.set(name, [index]);
      else indices.push(index);
    }
  });
  const ordered: BoundTraversal[] = [];
  const scheduled = new Set<number>();
  // Indices of one pass, ascending. What becomes applicable behind the current position waits for the next pass.
  let pass: number[] = [];
  let next: number[] = [];
  traversals.forEach(({ source, destination }, index) => {
    if (!isBound(source.name) && !isBound(destination.name)) return;
    scheduled.add(index);
    pass.push(index);
  });
  const schedule = (waiting: number, current: number): void => {
    if (scheduled.has(waiting)) return;
    scheduled.add(waiting);
    if (waiting > current) insertAscending(pass, waiting);
    else next.push(waiting);
  };
  for (; pass.length > 0; pass = next.sort((a, b) => a - b), next = []) {
    for (let at = 0; at < pass.length; at++) {
      const index = pass[at] as number;
      const traversal = traversals[index] as BoundTraversal;
      ordered.push(traversal);
      for (const { name } of [traversal.source, traversal.destination]) {
        if (isBound(name)) continue;
        reached.add(name);
        for (const waiting of indicesByVariable.get(name) ?? []) schedule(waiting, index);
      }
    }
  }
  assert(ordered.length === traversals.length, "every component is anchored, so every traversal is applied");
  return ordered;
}

function insertAscending(numbers: number[], value: number): void {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  numbers.splice(low, 0, value);
}
