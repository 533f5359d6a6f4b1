import { hashBytes, type EntityHash } from "./entity-hash.js";
import { HashMap64 } from "./hash-table.js";

/**
 * A second, independent 32-bit hash (FNV-1a): tells two texts with equal 64-bit hashes apart, so that a collision is
 * noticed without keeping the texts (DG-6).
 */
function fingerprintBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c_9dc5 | 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x0100_0193);
  return hash >>> 0;
}

/** What {@link IdentityIndex} says about a text. */
export type Lookup =
  | { readonly kind: "absent" }
  | { readonly kind: "present"; readonly ordinal: number }
  /** Another text with the same 64-bit hash is present. */
  | { readonly kind: "collision"; readonly ordinal: number };

const ABSENT: Lookup = { kind: "absent" };

/**
 * Texts of rows, known by their hashes only: 20 bytes and a little per text. Ordinals are the caller's row numbers.
 */
export class IdentityIndex {
  readonly #map: HashMap64;
  readonly #hash: EntityHash;
  #fingerprints: Uint32Array = new Uint32Array(64);
  #ordinals: Uint32Array = new Uint32Array(64);
  readonly #scratch: Uint32Array = new Uint32Array(2);

  constructor(hash: EntityHash = hashBytes, expectedSize: number = 0) {
    this.#hash = hash;
    this.#map = new HashMap64(expectedSize);
  }

  get size(): number {
    return this.#map.size;
  }

  /** Adds a text under `ordinal` unless its hash is present; returns what was there before. */
  add(bytes: Uint8Array, start: number, end: number, ordinal: number): Lookup {
    this.#hash(bytes, start, end, this.#scratch, 0);
    return this.addHashed(this.#scratch[0] as number, this.#scratch[1] as number, bytes, start, end, ordinal);
  }

  /** {@link add} for a text whose hash is known. */
  addHashed(lo: number, hi: number, bytes: Uint8Array, start: number, end: number, ordinal: number): Lookup {
    const entry = this.#map.size;
    const slot = this.#map.insert(lo, hi, entry);
    if (slot >= 0) return this.#judge(this.#map.valueAt(slot), bytes, start, end);
    if (entry === this.#ordinals.length) this.#grow();
    this.#ordinals[entry] = ordinal;
    this.#fingerprints[entry] = fingerprintBytes(bytes, start, end);
    return ABSENT;
  }

  find(bytes: Uint8Array, start: number, end: number): Lookup {
    this.#hash(bytes, start, end, this.#scratch, 0);
    return this.findHashed(this.#scratch[0] as number, this.#scratch[1] as number, bytes, start, end);
  }

  findHashed(lo: number, hi: number, bytes: Uint8Array, start: number, end: number): Lookup {
    const entry = this.#map.get(lo, hi);
    return entry === undefined ? ABSENT : this.#judge(entry, bytes, start, end);
  }

  /** Whether some text has this hash. */
  hasHash(lo: number, hi: number): boolean {
    return this.#map.has(lo, hi);
  }

  /** Points a present text to another row. */
  moveTo(lo: number, hi: number, ordinal: number): void {
    const entry = this.#map.get(lo, hi);
    if (entry !== undefined) this.#ordinals[entry] = ordinal;
  }

  /** Hashes of all texts. */
  hashes(): Iterable<{ readonly lo: number; readonly hi: number }> {
    return this.#map.entries();
  }

  #judge(entry: number, bytes: Uint8Array, start: number, end: number): Lookup {
    const ordinal = this.#ordinals[entry] as number;
    const isSame = this.#fingerprints[entry] === fingerprintBytes(bytes, start, end);
    return { kind: isSame ? "present" : "collision", ordinal };
  }

  #grow(): void {
    const fingerprints = new Uint32Array(this.#ordinals.length * 2);
    const ordinals = new Uint32Array(this.#ordinals.length * 2);
    fingerprints.set(this.#fingerprints);
    ordinals.set(this.#ordinals);
    this.#fingerprints = fingerprints;
    this.#ordinals = ordinals;
  }
}
