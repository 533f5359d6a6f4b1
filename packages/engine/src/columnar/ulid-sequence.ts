import type { IdSource } from "@omnigraphdb/common";
import { hashBytes } from "../hash/entity-hash.js";
import type { BytesBuilder } from "./column-builder.js";

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARACTERS = 10;
const ULID_CHARACTERS = 26;

/**
 * Many ascending ULIDs for one write, written as bytes.
 *
 * They count up from a start whose time is that of one ULID of the source and whose random part is derived from it: not
 * from the ULID itself, whose successors the source gives to others within the same millisecond. The first random digit
 * stays below 16, so 2^79 ids follow before the part overflows.
 */
export class UlidSequence {
  readonly #ids: IdSource;
  /** Digit values of the id given next; undefined until the first is asked for. */
  #next: Uint8Array | undefined;

  constructor(ids: IdSource) {
    this.#ids = ids;
  }

  /** Appends the next id as one row. */
  appendTo(builder: BytesBuilder): void {
    const digits = (this.#next ??= startOf(this.#ids.ulid()));
    const at = builder.reserve(ULID_CHARACTERS);
    const { target } = builder;
    for (let i = 0; i < ULID_CHARACTERS; i++) target[at + i] = DIGIT_BYTES[digits[i] as number] as number;
    builder.commit(ULID_CHARACTERS);
    let last = ULID_CHARACTERS - 1;
    while (digits[last] === 31) digits[last--] = 0;
    digits[last] = (digits[last] as number) + 1;
  }
}

const DIGIT_BYTES: Uint8Array = new TextEncoder().encode(DIGITS);

function startOf(ulid: string): Uint8Array {
  const digits = new Uint8Array(ULID_CHARACTERS);
  for (let i = 0; i < TIME_CHARACTERS; i++) digits[i] = DIGITS.indexOf(ulid.charAt(i));
  const seed = new TextEncoder().encode(`${ulid}0`);
  const words = new Uint32Array(4);
  hashBytes(seed, 0, ULID_CHARACTERS, words, 0);
  hashBytes(seed, 0, seed.length, words, 1);
  const random = new Uint8Array(words.buffer);
  for (let i = TIME_CHARACTERS; i < ULID_CHARACTERS; i++) digits[i] = (random[i - TIME_CHARACTERS] as number) & 31;
  digits[TIME_CHARACTERS] = (digits[TIME_CHARACTERS] as number) & 15;
  return digits;
}
