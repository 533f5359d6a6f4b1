import { bitmapBytes, isSet, setBit } from "./validity.js";

/** A growing set of row numbers: one bit each. */
export class RowSet {
  #bits: Uint8Array = new Uint8Array(16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(row: number): void {
    if (row >> 3 >= this.#bits.length) {
      const grown = new Uint8Array(bitmapBytes(row + 1) * 2);
      grown.set(this.#bits);
      this.#bits = grown;
    }
    if (isSet(this.#bits, row)) return;
    setBit(this.#bits, row);
    this.#size++;
  }

  has(row: number): boolean {
    return row >> 3 < this.#bits.length && isSet(this.#bits, row);
  }
}
