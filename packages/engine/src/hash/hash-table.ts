/**
 * Open addressing over 64-bit hashes with one 32-bit value each: 12 bytes per slot, at most two thirds full.
 *
 * Keys are hashes already, so the slot is taken from the key's low word directly. Keys are never removed.
 */
export class HashMap64 {
  #keys: Uint32Array;
  #values: Uint32Array;
  #used: Uint8Array;
  #mask: number;
  #size = 0;

  /** @param expectedSize keys to make room for; more may come */
  constructor(expectedSize: number = 0) {
    let capacity = 64;
    while (capacity * 2 < expectedSize * 3) capacity *= 2;
    this.#keys = new Uint32Array(capacity * 2);
    this.#values = new Uint32Array(capacity);
    this.#used = new Uint8Array(capacity);
    this.#mask = capacity - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** Slot of the key, or -1. Slots are valid until the next insertion. */
  find(lo: number, hi: number): number {
    const keys = this.#keys;
    const used = this.#used;
    const mask = this.#mask;
    let slot = lo & mask;
    while (used[slot] === 1) {
      if (keys[2 * slot] === lo >>> 0 && keys[2 * slot + 1] === hi >>> 0) return slot;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  has(lo: number, hi: number): boolean {
    return this.find(lo, hi) >= 0;
  }

  /** Value of the key, or undefined. */
  get(lo: number, hi: number): number | undefined {
    const slot = this.find(lo, hi);
    return slot < 0 ? undefined : this.#values[slot];
  }

  /** Inserts the key unless it is there. @returns its slot if it was there already, else -1 */
  insert(lo: number, hi: number, value: number): number {
    if ((this.#size + 1) * 3 > (this.#mask + 1) * 2) this.#rehash();
    const slot = this.#probe(lo, hi);
    if (this.#used[slot] === 1) return slot;
    this.#write(slot, lo, hi, value);
    this.#size++;
    return -1;
  }

  valueAt(slot: number): number {
    return this.#values[slot] as number;
  }

  setValueAt(slot: number, value: number): void {
    this.#values[slot] = value;
  }

  /** Every key and value; the order is unspecified but the same for the same insertions. */
  *entries(): Generator<{ readonly lo: number; readonly hi: number; readonly value: number }> {
    for (let slot = 0; slot <= this.#mask; slot++) {
      if (this.#used[slot] === 0) continue;
      yield {
        lo: this.#keys[2 * slot] as number,
        hi: this.#keys[2 * slot + 1] as number,
        value: this.#values[slot] as number,
      };
    }
  }

  #probe(lo: number, hi: number): number {
    const keys = this.#keys;
    const used = this.#used;
    const mask = this.#mask;
    let slot = lo & mask;
    while (used[slot] === 1 && (keys[2 * slot] !== lo >>> 0 || keys[2 * slot + 1] !== hi >>> 0)) slot = (slot + 1) & mask;
    return slot;
  }

  #write(slot: number, lo: number, hi: number, value: number): void {
    this.#used[slot] = 1;
    this.#keys[2 * slot] = lo;
    this.#keys[2 * slot + 1] = hi;
    this.#values[slot] = value;
  }

  #rehash(): void {
    const keys = this.#keys;
    const values = this.#values;
    const used = this.#used;
    const capacity = used.length * 2;
    this.#keys = new Uint32Array(capacity * 2);
    this.#values = new Uint32Array(capacity);
    this.#used = new Uint8Array(capacity);
    this.#mask = capacity - 1;
    for (let from = 0; from < used.length; from++) {
      if (used[from] === 0) continue;
      const lo = keys[2 * from] as number;
      const hi = keys[2 * from + 1] as number;
      this.#write(this.#probe(lo, hi), lo, hi, values[from] as number);
    }
  }
}
