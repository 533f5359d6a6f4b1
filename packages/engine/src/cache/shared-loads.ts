import { type BudgetEntry, type ByteBudget } from "./byte-budget.js";

/**
 * Values of one owner by name, under a shared byte budget. Concurrent first loads of one name share one promise; a failed load is
 * forgotten, so the next caller tries again.
 */
export class SharedLoads {
  readonly #budget: ByteBudget;
  readonly #entries = new Map<string, BudgetEntry<unknown>>();
  readonly #loading = new Map<string, Promise<ReadonlyMap<string, unknown>>>();

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** The value, marked as just used; undefined when absent. */
  find(name: string): unknown {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    this.#budget.touch(entry);
    return entry.value;
  }

  names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  put<V>(name: string, value: V, byteCount: number): V {
    this.delete(name);
    this.#entries.set(name, this.#budget.add(value, byteCount, () => this.#entries.delete(name)));
    return value;
  }

  delete(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#budget.remove(entry);
    this.#entries.delete(name);
  }

  clear(): void {
    for (const name of this.names()) this.delete(name);
  }

  /**
   * Values for `names`: those being loaded by another caller are waited for, the others are loaded by one call of `load`.
   *
   * A load belongs to nobody: it runs to its end even if the caller that started it gives up.
   */
  async loadAll(names: readonly string[], load: (names: readonly string[]) => Promise<ReadonlyMap<string, unknown>>): Promise<ReadonlyMap<string, unknown>> {
    const unshared = names.filter((name) => !this.#loading.has(name));
    if (unshared.length > 0) {
      const started = load(unshared);
      const forget = (): void => unshared.forEach((name) => this.#loading.delete(name));
      for (const name of unshared) this.#loading.set(name, started);
      started.then(forget, forget);
    }
    const waits = names.map((name) => this.#loading.get(name) as Promise<ReadonlyMap<string, unknown>>);
    const results = await Promise.all(waits);
    return new Map(names.map((name, i) => [name, results[i]?.get(name)]));
  }
}
