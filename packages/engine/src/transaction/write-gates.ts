import { Mutex } from "async-mutex";
import { waitUnlessAborted } from "../exec/wait.js";

/** Key `__schema_apply__`: held by a schema apply for its whole life, and by whoever settles its contract files. */
export const SCHEMA_GATE = "0:__schema_apply__";

export function branchGate(branch: string | null): string {
  return `1:branch:${branch ?? ""}`;
}

export function datasetGate(typeKey: string, nativeBranch: string | null): string {
  return `2:dataset:${typeKey}@${nativeBranch ?? ""}`;
}

/**
 * In-process locks of one graph, shared by all its handles: first in, first out per key.
 *
 * The global order is schema gate, branch gate, dataset gates ascending, then the writer lease, then the manifest
 * the keys are spelled so that sorting them gives it. Whoever holds a gate never waits for one to its left.
 */
export class WriteGates {
  readonly #gates = new Map<string, { readonly mutex: Mutex; userCount: number }>();

  /** Waits for all of `keys`, in the global order. Disposing the result releases them. @throws CancelledError; then none is held */
  async acquire(keys: readonly string[], signal?: AbortSignal): Promise<Disposable> {
    const ordered = [...new Set(keys)].sort();
    const releases: (() => void)[] = [];
    const releaseAll = (): void => {
      for (const release of releases.splice(0).reverse()) release();
    };
    try {
      for (const key of ordered) releases.push(await this.#acquireOne(key, signal));
    } catch (error) {
      releaseAll();
      throw error;
    }
    return { [Symbol.dispose]: releaseAll };
  }

  async #acquireOne(key: string, signal: AbortSignal | undefined): Promise<() => void> {
    const gate = this.#gates.get(key) ?? { mutex: new Mutex(), userCount: 0 };
    this.#gates.set(key, gate);
    gate.userCount++;
    const turn = gate.mutex.acquire().then((release) => () => {
      release();
      gate.userCount--;
      if (gate.userCount === 0) this.#gates.delete(key);
    });
    try {
      return await waitUnlessAborted(turn, signal, "the write");
    } catch (error) {
      // Its place in the line stays, and is passed on when its turn comes.
      void turn.then((release) => release());
      throw error;
    }
  }
}
