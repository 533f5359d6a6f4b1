import { decodeUtf8 } from "../columnar/read-cell.js";

const ABSENT = -1;

/** Distinct byte strings by number, counted from zero in the order of their first appearance: open addressing over one byte pool. */
export class ByteStringTable {
  #pool: Uint8Array;
  /** String i is `pool[offsets[i] … offsets[i + 1])`. */
  #offsets: Uint32Array;
  #hashes: Uint32Array;
  /** Number + 1; 0 = empty. Power-of-two length, at most half full. */
  #slots: Uint32Array;
  #count = 0;

  constructor(expectedCount = 1024, expectedBytes = 16_384) {
    this.#pool = new Uint8Array(expectedBytes);
    this.#offsets = new Uint32Array(expectedCount + 1);
    this.#hashes = new Uint32Array(expectedCount);
    this.#slots = new Uint32Array(slotCountFor(expectedCount));
  }

  /** Over strings that are known to be distinct; both arrays are taken over. */
  static of(pool: Uint8Array, offsets: Uint32Array): ByteStringTable {
    const table = new ByteStringTable(0, 0);
    table.#count = offsets.length - 1;
    table.#pool = pool;
    table.#offsets = offsets;
    table.#hashes = new Uint32Array(table.#count);
    for (let i = 0; i < table.#count; i++) table.#hashes[i] = hashOf(pool, offsets[i] as number, offsets[i + 1] as number);
    table.#resizeSlots(slotCountFor(table.#count));
    return table;
  }

  get count(): number {
    return this.#count;
  }

  get byteCount(): number {
    return this.#pool.byteLength + this.#offsets.byteLength + this.#hashes.byteLength + this.#slots.byteLength;
  }

  /** Bytes of all strings in order, without room to grow. */
  pool(): Uint8Array {
    return this.#pool.subarray(0, this.#offsets[this.#count]);
  }

  offsets(): Uint32Array {
    return this.#offsets.subarray(0, this.#count + 1);
  }

  textOf(id: number): string {
    return decodeUtf8(this.#pool, this.#offsets[id] as number, this.#offsets[id + 1] as number);
  }

  codePointCountOf(id: number): number {
    const end = this.#offsets[id + 1] as number;
    let count = 0;
    for (let at = this.#offsets[id] as number; at < end; at++) if (((this.#pool[at] as number) & 0xc0) !== 0x80) count++;
    return count;
  }

  /** Writes the code points of a string, which is UTF-8, into `out`. */
  codePointsOf(id: number, out: Uint32Array): void {
    const end = this.#offsets[id + 1] as number;
    let count = 0;
    for (let at = this.#offsets[id] as number; at < end; count++) {
      const lead = this.#pool[at++] as number;
      let point = lead < 0x80 ? lead : lead < 0xe0 ? lead & 0x1f : lead < 0xf0 ? lead & 0x0f : lead & 0x07;
      for (; at < end && ((this.#pool[at] as number) & 0xc0) === 0x80; at++) point = (point << 6) | ((this.#pool[at] as number) & 0x3f);
      out[count] = point;
    }
  }

  /** Number of `bytes[start … end)`, or -1. */
  find(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    const hash = hashOf(bytes, start, end);
    return (this.#slots[this.#slotOf(hash, bytes, start, end)] as number) - 1;
  }

  /** Number of `bytes[start … end)`, added when it is new. */
  intern(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    const hash = hashOf(bytes, start, end);
    const slot = this.#slotOf(hash, bytes, start, end);
    const known = (this.#slots[slot] as number) - 1;
    return known === ABSENT ? this.#add(hash, slot, bytes, start, end) : known;
  }

  #slotOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    const pool = this.#pool;
    const length = end - start;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = (this.#slots[slot] as number) - 1;
      if (id === ABSENT) return slot;
      if (this.#hashes[id] !== hash) continue;
      const from = this.#offsets[id] as number;
      if ((this.#offsets[id + 1] as number) - from !== length) continue;
      let at = 0;
      while (at < length && pool[from + at] === bytes[start + at]) at++;
      if (at === length) return slot;
    }
  }

  #add(hash: number, slot: number, bytes: Uint8Array, start: number, end: number): number {
    const id = this.#count;
    const from = this.#offsets[id] as number;
    const to = from + end - start;
    if (to > this.#pool.length) this.#pool = grown(this.#pool, new Uint8Array(Math.max(64, to * 2)));
    if (id + 2 > this.#offsets.length) {
      this.#offsets = grown(this.#offsets, new Uint32Array(id * 2 + 64));
      this.#hashes = grown(this.#hashes, new Uint32Array(id * 2 + 64));
    }
    for (let at = start; at < end; at++) this.#pool[from + at - start] = bytes[at] as number;
    this.#offsets[id + 1] = to;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    this.#count++;
    if (this.#count * 2 > this.#slots.length) this.#resizeSlots(this.#slots.length * 2);
    return id;
  }

  #resizeSlots(size: number): void {
    this.#slots = new Uint32Array(size);
    for (let id = 0; id < this.#count; id++) {
      let slot = (this.#hashes[id] as number) & (size - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (size - 1);
      this.#slots[slot] = id + 1;
    }
  }
}

/** FNV-1a, with its upper bits mixed into the lower ones that choose the slot. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function slotCountFor(count: number): number {
  let size = 16;
  while (size < count * 2) size *= 2;
  return size;
}

function grown<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
