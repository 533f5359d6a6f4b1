import { assert } from "@omnigraphdb/common";

/** What {@link WordPairTable.find} gives for a pair that is not there. */
export const NOT_FOUND = -1;

/**
 * Numbers by pairs of 32-bit words, with open addressing in typed arrays: twelve bytes per place, none of them on the heap of the
 * language, and no ceiling on entries but 2^30.
 */
export class WordPairTable {
  #mask = 255;
  #first = new Uint32Array(256);
  #second = new Uint32Array(256);
  /** Number + 1; 0 = free. */
  #numbers = new Uint32Array(256);
  #size = 0;

  get byteCount(): number {
    return this.#numbers.length * 12;
  }

  find(first: number, second: number): number {
    return (this.#numbers[this.#placeOf(first, second)] as number) - 1;
  }

  /** The pair's number; `fresh` if it had none, and then that is its number from now on. */
  add(first: number, second: number, fresh: number): number {
    const place = this.#placeOf(first, second);
    const known = this.#numbers[place] as number;
    if (known !== 0) return known - 1;
    this.#first[place] = first;
    this.#second[place] = second;
    this.#numbers[place] = fresh + 1;
    if (++this.#size * 2 > this.#mask) this.#grow();
    return fresh;
  }

  /** Where the pair is or belongs. */
  #placeOf(first: number, second: number): number {
    const mask = this.#mask;
    const firsts = this.#first;
    const seconds = this.#second;
    const numbers = this.#numbers;
    let place = mix(first, second) & mask;
    while (numbers[place] !== 0 && (firsts[place] !== first || seconds[place] !== second)) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const { length } = this.#numbers;
    assert(length < 2 ** 31, "a table of more than 2^30 pairs");
    const first = this.#first;
    const second = this.#second;
    const numbers = this.#numbers;
    // Large tables grow gently: what they hold twice for a moment counts.
    const grown = length * (length < 2 ** 20 ? 4 : 2);
    this.#mask = grown - 1;
    this.#first = new Uint32Array(grown);
    this.#second = new Uint32Array(grown);
    this.#numbers = new Uint32Array(grown);
    for (let i = 0; i < length; i++) {
      const number = numbers[i] as number;
      if (number === 0) continue;
      const place = this.#placeOf(first[i] as number, second[i] as number);
      this.#first[place] = first[i] as number;
      this.#second[place] = second[i] as number;
      this.#numbers[place] = number;
    }
  }
}

function mix(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e37_79b1) ^ Math.imul(second ^ (second >>> 15), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb_352d);
  return (hash ^ (hash >>> 15)) >>> 0;
}
