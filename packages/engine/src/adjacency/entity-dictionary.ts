import type { Uint64Column } from "../columnar/column.js";

/** No such row. */
export const ABSENT = 0xffff_ffff;

/**
 * From entity hash (`__h`) to row number, for one version of one dataset: open addressing over the hash column itself, which stays
 * alive as the key store. Live ids of a type never share a hash (DG-6).
 */
export class EntityDictionary {
  readonly rowCount: number;
  /** Little-endian word pairs: low, high. */
  readonly #hashes: Uint32Array;
  /** Row + 1; 0 = empty. Power-of-two length, at most half full. */
  readonly #slots: Uint32Array;

  constructor(hashes: Uint64Column) {
    this.rowCount = hashes.length;
    this.#hashes = wordPairs(hashes);
    let size = 8;
    while (size < hashes.length * 2) size *= 2;
    this.#slots = new Uint32Array(size);
    const mask = size - 1;
    for (let row = 0; row < hashes.length; row++) {
      let slot = (this.#hashes[2 * row] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = row + 1;
    }
  }

  get byteCount(): number {
    return this.#slots.byteLength + this.#hashes.byteLength;
  }

  /** Row of the entity with this hash, or {@link ABSENT}. */
  find(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) return ABSENT;
      const at = (entry - 1) * 2;
      if (this.#hashes[at] === low && this.#hashes[at + 1] === high) return entry - 1;
    }
  }

  /** Rows of a whole column of hashes; {@link ABSENT} where there is none. */
  findAll(hashes: Uint64Column): Uint32Array {
    const words = wordPairs(hashes);
    const out = new Uint32Array(hashes.length);
    for (let i = 0; i < hashes.length; i++) out[i] = this.find(words[2 * i] as number, words[2 * i + 1] as number);
    return out;
  }
}

function wordPairs(column: Uint64Column): Uint32Array {
  return new Uint32Array(column.values.buffer, column.values.byteOffset, column.length * 2);
}
