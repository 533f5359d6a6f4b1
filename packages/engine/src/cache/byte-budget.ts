/** One cached value, linked into its budget's use order. */
export interface BudgetEntry<V> {
  readonly value: V;
  readonly byteCount: number;
}

interface Slot<V> extends BudgetEntry<V> {
  readonly onEvict: () => void;
  newer: Slot<unknown> | undefined;
  older: Slot<unknown> | undefined;
  isLinked: boolean;
}

/**
 * Least-recently-used eviction over one byte budget shared by caches of every kind (CA-2).
 *
 * After each {@link add} the held bytes are at most the ceiling, or the new entry is the only one left: the entry in use is never
 * dropped for being large.
 */
export class ByteBudget {
  readonly byteCountMax: number;
  #byteCount = 0;
  #newest: Slot<unknown> | undefined;
  #oldest: Slot<unknown> | undefined;

  constructor(byteCountMax: number) {
    this.byteCountMax = byteCountMax;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** @param onEvict removes the entry from the cache that owns it; called once, never after {@link remove} */
  add<V>(value: V, byteCount: number, onEvict: () => void): BudgetEntry<V> {
    const slot: Slot<V> = { value, byteCount, onEvict, newer: undefined, older: undefined, isLinked: false };
    this.#link(slot);
    this.#byteCount += byteCount;
    while (this.#byteCount > this.byteCountMax && this.#oldest !== undefined && this.#oldest !== slot) {
      const victim = this.#oldest;
      this.remove(victim);
      victim.onEvict();
    }
    return slot;
  }

  touch(entry: BudgetEntry<unknown>): void {
    const slot = entry as Slot<unknown>;
    if (slot === this.#newest || !slot.isLinked) return;
    this.#unlink(slot);
    this.#link(slot);
  }

  remove(entry: BudgetEntry<unknown>): void {
    const slot = entry as Slot<unknown>;
    if (!slot.isLinked) return;
    this.#unlink(slot);
    this.#byteCount -= slot.byteCount;
  }

  #link(slot: Slot<unknown>): void {
    slot.older = this.#newest;
    slot.newer = undefined;
    if (this.#newest !== undefined) this.#newest.newer = slot;
    this.#newest = slot;
    this.#oldest ??= slot;
    slot.isLinked = true;
  }

  #unlink(slot: Slot<unknown>): void {
    if (slot.newer === undefined) this.#newest = slot.older;
    else slot.newer.older = slot.older;
    if (slot.older === undefined) this.#oldest = slot.newer;
    else slot.older.newer = slot.newer;
    slot.newer = undefined;
    slot.older = undefined;
    slot.isLinked = false;
  }
}
