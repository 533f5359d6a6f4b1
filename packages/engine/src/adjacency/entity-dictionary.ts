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

  /** @param slots the table itself, if it is known already: made for the same hashes */
  constructor(hashes: Uint64Column, slots?: Uint32Array) {
    this.rowCount = hashes.length;
    this.#hashes = wordPairs(hashes);
    this.#slots = slots ?? new Uint32Array(slotCountFor(hashes.length));
    if (slots === undefined) this.#insertFrom(0);
  }

  /**
   * The dictionary of a later version, from the one of an earlier: where the earlier rows stand unmoved at the start, only the others are
   * entered.
   */
  static advanced(earlier: EntityDictionary, hashes: Uint64Column): EntityDictionary {
    if (slotCountFor(hashes.length) !== earlier.#slots.length || !earlier.isPrefixOf(wordPairs(hashes))) return new EntityDictionary(hashes);
    const dictionary = new EntityDictionary(hashes, earlier.#slots.slice());
    dictionary.#insertFrom(earlier.rowCount);
    return dictionary;
  }

  /** Whether the first of these rows are the rows of this dictionary. @param words as {@link hashWords} */
  isPrefixOf(words: Uint32Array): boolean {
    if (words.length < this.#hashes.length) return false;
    for (let at = 0; at < this.#hashes.length; at++) if (words[at] !== this.#hashes[at]) return false;
    return true;
  }

  /** Low and high word of each row's hash. */
  get hashWords(): Uint32Array {
    return this.#hashes;
  }

  /** Row + 1 by table position; 0 = empty. */
  get slots(): Uint32Array {
    return this.#slots;
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

  /** Writes the row of each hash of a column to `out` from `start` on; {@link ABSENT} where there is none. */
  findAll(hashes: Uint64Column, out: Uint32Array, start: number): void {
    const words = wordPairs(hashes);
    for (let i = 0; i < hashes.length; i++) out[start + i] = this.find(words[2 * i] as number, words[2 * i + 1] as number);
  }

  #insertFrom(first: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let row = first; row < this.rowCount; row++) {
      let slot = (this.#hashes[2 * row] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = row + 1;
    }
  }
}

/** Length of the table for so many rows: a power of two, at most half full. */
export function slotCountFor(rowCount: number): number {
  let size = 8;
  while (size < rowCount * 2) size *= 2;
  return size;
}

function wordPairs(column: Uint64Column): Uint32Array {
  return new Uint32Array(column.values.buffer, column.values.byteOffset, column.length * 2);
}
