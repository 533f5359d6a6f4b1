import { assert } from "@omnigraphdb/common";
import { columnByteCount } from "../columnar/column-bytes.js";
import { type Column, isNull, type Utf8Column, type Validity } from "../columnar/column.js";

/**
 * Values of a number, date, instant or boolean column in a form that compares without conversion.
 *
 * `number`: every value is exact as a double. `big`: some 64-bit value is beyond 2^53, so the values stay `bigint`.
 */
export type NumberView =
  | { readonly kind: "number"; readonly values: Int32Array | Uint32Array | Float32Array | Float64Array; readonly validity: Validity }
  | { readonly kind: "big"; readonly values: BigInt64Array | BigUint64Array; readonly validity: Validity };

/** Equal texts have equal codes. Code 0 is null; the others are dense in order of first appearance. */
export interface TextCodes {
  readonly codes: Uint32Array;
  /** Number of codes, null included. */
  readonly codeCount: number;
}

/** A column together with the forms derived from it on first use. */
export class ColumnView {
  readonly column: Column;
  readonly #onGrow: ((view: ColumnView) => void) | undefined;
  #numbers: NumberView | undefined;
  #codes: TextCodes | undefined;
  #ranks: Uint32Array | "ascending" | undefined;

  /** @param onGrow called after a derived form was added */
  constructor(column: Column, onGrow?: (view: ColumnView) => void) {
    this.column = column;
    this.#onGrow = onGrow;
  }

  /** Memory held, derived forms included, in bytes. */
  get byteCount(): number {
    const derived = [this.#codes?.codes, this.#ranks === "ascending" ? undefined : this.#ranks];
    if (this.#numbers !== undefined && !("values" in this.column && this.column.values === this.#numbers.values)) derived.push(this.#numbers.values as never);
    return columnByteCount(this.column) + derived.reduce((sum, values) => sum + (values?.byteLength ?? 0), 0);
  }

  /** Defined for every kind but text, list, vector and blob. */
  numbers(): NumberView {
    if (this.#numbers === undefined) {
      this.#numbers = numberViewOf(this.column);
      this.#onGrow?.(this);
    }
    return this.#numbers;
  }

  get hasCodes(): boolean {
    return this.#codes !== undefined;
  }

  /** Defined for text. */
  codes(): TextCodes {
    if (this.#codes === undefined) {
      assert(this.column.kind === "utf8", "only text has codes");
      this.#codes = codeTexts(this.column);
      this.#onGrow?.(this);
    }
    return this.#codes;
  }

  get hasRanks(): boolean {
    return this.#ranks !== undefined;
  }

  /**
   * Position of each row when the rows are sorted by text ascending (code points). For columns of distinct non-null texts.
   *
   * @returns `ascending` when the rows are in that order already
   */
  ranks(): Uint32Array | "ascending" {
    if (this.#ranks === undefined) {
      assert(this.column.kind === "utf8", "only text has ranks");
      this.#ranks = rankTexts(this.column);
      this.#onGrow?.(this);
    }
    return this.#ranks;
  }
}

function numberViewOf(column: Column): NumberView {
  const { validity } = column;
  switch (column.kind) {
    case "i32":
    case "date":
    case "u32":
    case "f32":
    case "f64":
      return { kind: "number", values: column.values, validity };
    case "bool": {
      const values = new Int32Array(column.length);
      for (let i = 0; i < column.length; i++) values[i] = ((column.bits[i >> 3] as number) >> (i & 7)) & 1;
      return { kind: "number", values, validity };
    }
    case "i64":
    case "datetime":
    case "u64": {
      const values = exactDoubles(column.values, column.kind === "u64", column);
      return values === undefined ? { kind: "big", values: column.values, validity } : { kind: "number", values, validity };
    }
    default:
      throw new TypeError(`a ${column.kind} column has no number view`);
  }
}

const TWO_32 = 2 ** 32;

/** The values as doubles when all valid ones are within ±2^53; reads word pairs, because a `bigint` per row allocates. */
function exactDoubles(values: BigInt64Array | BigUint64Array, isUnsigned: boolean, column: Column): Float64Array | undefined {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const out = new Float64Array(column.length);
  for (let i = 0; i < column.length; i++) {
    const high = words[2 * i + 1] as number;
    const value = (isUnsigned ? high >>> 0 : high) * TWO_32 + ((words[2 * i] as number) >>> 0);
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
      if (!isNull(column, i)) return undefined;
      continue;
    }
    out[i] = value;
  }
  return out;
}

/** FNV-1a over the bytes: a table position, not an identity. */
function hashRange(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function equalRanges(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  if (aEnd - a !== bEnd - b) return false;
  for (; a < aEnd; a++, b++) if (bytes[a] !== bytes[b]) return false;
  return true;
}

function codeTexts(column: Utf8Column): TextCodes {
  const { offsets, bytes, length } = column;
  const codes = new Uint32Array(length);
  let mask = 1023;
  // Slot = code of the first text that hashed here; `firstRow[code]` is where that text stands.
  let slots = new Uint32Array(mask + 1);
  let firstRow = new Uint32Array(1024);
  let codeCount = 1;
  for (let row = 0; row < length; row++) {
    if (isNull(column, row)) continue;
    const start = offsets[row] as number;
    const end = offsets[row + 1] as number;
    let slot = hashRange(bytes, start, end) & mask;
    let code = slots[slot] as number;
    while (code !== 0) {
      const first = firstRow[code] as number;
      if (equalRanges(bytes, start, end, offsets[first] as number, offsets[first + 1] as number)) break;
      slot = (slot + 1) & mask;
      code = slots[slot] as number;
    }
    if (code === 0) {
      code = codeCount++;
      slots[slot] = code;
      if (code >= firstRow.length) firstRow = grow(firstRow);
      firstRow[code] = row;
      if (codeCount * 2 > mask) {
        mask = mask * 4 + 3;
        slots = rehash(column, firstRow, codeCount, mask);
      }
    }
    codes[row] = code;
  }
  return { codes, codeCount };
}

function grow(values: Uint32Array): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(values.length * 2);
  out.set(values);
  return out;
}

function rehash(column: Utf8Column, firstRow: Uint32Array, codeCount: number, mask: number): Uint32Array<ArrayBuffer> {
  const slots = new Uint32Array(mask + 1);
  for (let code = 1; code < codeCount; code++) {
    const row = firstRow[code] as number;
    let slot = hashRange(column.bytes, column.offsets[row] as number, column.offsets[row + 1] as number) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = code;
  }
  return slots;
}

/** Byte order of UTF-8 is code point order (EX-23). */
export function compareTexts(left: Utf8Column, i: number, right: Utf8Column, j: number): number {
  const leftBytes = left.bytes;
  const rightBytes = right.bytes;
  let a = left.offsets[i] as number;
  let b = right.offsets[j] as number;
  const aEnd = left.offsets[i + 1] as number;
  const bEnd = right.offsets[j + 1] as number;
  const common = Math.min(aEnd - a, bEnd - b);
  for (const stop = a + common; a < stop; a++, b++) {
    const difference = (leftBytes[a] as number) - (rightBytes[b] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - a - (bEnd - b);
}

function rankTexts(column: Utf8Column): Uint32Array | "ascending" {
  const { length } = column;
  let isAscending = true;
  for (let row = 1; row < length && isAscending; row++) isAscending = compareTexts(column, row - 1, column, row) <= 0;
  if (isAscending) return "ascending";
  const order = Uint32Array.from({ length }, (_, row) => row).sort((a, b) => compareTexts(column, a, column, b));
  const ranks = new Uint32Array(length);
  for (let rank = 0; rank < length; rank++) ranks[order[rank] as number] = rank;
  return ranks;
}
