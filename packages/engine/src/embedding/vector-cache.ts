import type { BudgetEntry, ByteBudget } from "../cache/byte-budget.js";

/** Bytes of one entry besides its text and its vector: the map's slot, the budget's, and two objects. */
const ENTRY_OVERHEAD_BYTES = 256;

/** Vectors by model, dimension and text, dropped least recently used first. Vectors are shared: nobody writes to them. */
export class VectorCache {
  readonly #budget: ByteBudget;
  readonly #entries = new Map<string, BudgetEntry<Float32Array>>();

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  find(model: string, dimension: number, text: string): Float32Array | undefined {
    const entry = this.#entries.get(keyOf(model, dimension, text));
    if (entry !== undefined) this.#budget.touch(entry);
    return entry?.value;
  }

  keep(model: string, dimension: number, text: string, vector: Float32Array): void {
    const key = keyOf(model, dimension, text);
    const known = this.#entries.get(key);
    if (known !== undefined) this.#budget.remove(known);
    const byteCount = key.length * 2 + vector.byteLength + ENTRY_OVERHEAD_BYTES;
    this.#entries.set(key, this.#budget.add(vector, byteCount, () => this.#entries.delete(key)));
  }
}

function keyOf(model: string, dimension: number, text: string): string {
  return `${model}\n${dimension}\n${text}`;
}
