import type { PropertyType } from "@omnigraphdb/compiler";
import { assert } from "@omnigraphdb/common";
import { isNull, type Column, type ColumnKind, type Validity } from "./column.js";
import { type Cell, decodeUtf8, readCell } from "./read-cell.js";
import { copyBytes } from "./copy-bytes.js";
import { bitmapBytes, clearBit, isSet, setBit } from "./validity.js";

/**
 * Grows one column row by row in reused typed buffers. `freeze` copies the rows out at their exact size and empties
 * the builder, so a stream of batches allocates its working buffers once.
 */
export interface ColumnBuilder {
  readonly length: number;
  /** Bytes of the rows so far, for batch budgets. */
  readonly byteLength: number;
  appendNull(): void;
  /** Appends a value of the shape {@link readCell} gives for this kind; null included. */
  appendCell(cell: Cell): void;
  /** Appends row `row` of a column of the same kind. */
  appendFrom(column: Column, row: number): void;
  freeze(): Column;
}

/** A builder of single values, which can show the one appended last. */
export interface ScalarColumnBuilder extends ColumnBuilder {
  lastCell(): Cell;
}

const INITIAL_ROWS = 64;
const INITIAL_BYTES = 1024;

type NumberArray = Int32Array | Uint32Array | Float32Array | Float64Array;

/** One bit per row, allocated when the first null arrives. */
class ValidityBuilder {
  #bits: Uint8Array = new Uint8Array(0);
  #hasNulls = false;

  setNull(row: number): void {
    if (!this.#hasNulls) {
      this.#hasNulls = true;
      this.#bits.fill(0xff);
    }
    this.#reserve(row);
    clearBit(this.#bits, row);
  }

  freeze(length: number): Validity {
    if (!this.#hasNulls) return undefined;
    this.#reserve(length);
    this.#hasNulls = false;
    return this.#bits.slice(0, bitmapBytes(length));
  }

  /** Bits beyond the ones touched so far always read as valid. */
  #reserve(row: number): void {
    if (row >> 3 < this.#bits.length) return;
    const grown = new Uint8Array(Math.max(INITIAL_ROWS, bitmapBytes(row + 1) * 2)).fill(0xff);
    grown.set(this.#bits);
    this.#bits = grown;
  }
}

/** Text, and large bytes with the same layout. Rows are appended as byte ranges: no strings on the way. */
export class BytesBuilder implements ScalarColumnBuilder {
  readonly #kind: "utf8" | "blob";
  readonly #validity: ValidityBuilder = new ValidityBuilder();
  #offsets: Int32Array = new Int32Array(INITIAL_ROWS + 1);
  #bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  #length = 0;
  #byteCount = 0;

  constructor(kind: "utf8" | "blob") {
    this.#kind = kind;
  }

  get length(): number {
    return this.#length;
  }

  get byteLength(): number {
    return this.#byteCount + this.#length * 4;
  }

  appendBytes(bytes: Uint8Array, start: number, end: number): void {
    const at = this.reserve(end - start);
    copyBytes(bytes, start, end, this.#bytes, at);
    this.commit(end - start);
  }

  /** Makes room for one row of at most `byteCount` bytes; write it to `target` from the returned position, then `commit`. */
  reserve(byteCount: number): number {
    const needed = this.#byteCount + byteCount;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#byteCount));
      this.#bytes = grown;
    }
    return this.#byteCount;
  }

  get target(): Uint8Array {
    return this.#bytes;
  }

  commit(byteCount: number): void {
    if (this.#length + 1 >= this.#offsets.length) this.#offsets = grow(this.#offsets, new Int32Array(this.#offsets.length * 2));
    this.#byteCount += byteCount;
    this.#offsets[++this.#length] = this.#byteCount;
  }

  appendNull(): void {
    this.#validity.setNull(this.#length);
    this.commit(0);
  }

  appendCell(cell: Cell): void {
    if (cell === null) return this.appendNull();
    if (typeof cell === "string") {
      const at = this.reserve(cell.length * 3);
      return this.commit(encoder.encodeInto(cell, this.#bytes.subarray(at)).written);
    }
    assert(cell instanceof Uint8Array, "text and blob columns take strings or bytes");
    this.appendBytes(cell, 0, cell.length);
  }

  lastCell(): Cell {
    const start = this.#offsets[this.#length - 1] as number;
    return this.#kind === "utf8" ? decodeUtf8(this.#bytes, start, this.#byteCount) : this.#bytes.slice(start, this.#byteCount);
  }

  /** Whether the last row is `bytes[start … end)`. */
  lastEquals(bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#offsets[this.#length - 1] as number;
    if (this.#byteCount - from !== end - start) return false;
    for (let i = start; i < end; i++) if (this.#bytes[from + i - start] !== bytes[i]) return false;
    return true;
  }

  appendFrom(column: Column, row: number): void {
    assert(column.kind === this.#kind, "columns of one kind");
    if (isNull(column, row)) return this.appendNull();
    this.appendBytes(column.bytes, column.offsets[row] as number, column.offsets[row + 1] as number);
  }

  freeze(): Column {
    const length = this.#length;
    const offsets = this.#offsets.slice(0, length + 1);
    const bytes = this.#bytes.slice(0, this.#byteCount);
    const validity = this.#validity.freeze(length);
    this.#length = 0;
    this.#byteCount = 0;
    return { kind: this.#kind, length, validity, offsets, bytes };
  }
}

const encoder = new TextEncoder();

export class NumberBuilder implements ScalarColumnBuilder {
  readonly #kind: "i32" | "u32" | "f32" | "f64" | "date";
  readonly #validity: ValidityBuilder = new ValidityBuilder();
  #values: NumberArray;
  #length = 0;

  constructor(kind: "i32" | "u32" | "f32" | "f64" | "date") {
    this.#kind = kind;
    this.#values = allocateNumbers(kind, INITIAL_ROWS);
  }

  get length(): number {
    return this.#length;
  }

  get byteLength(): number {
    return this.#length * this.#values.BYTES_PER_ELEMENT;
  }

  append(value: number): void {
    if (this.#length === this.#values.length) {
      this.#values = grow(this.#values, allocateNumbers(this.#kind, this.#length * 2));
    }
    this.#values[this.#length++] = value;
  }

  appendNull(): void {
    this.#validity.setNull(this.#length);
    this.append(0);
  }

  appendCell(cell: Cell): void {
    if (cell === null) return this.appendNull();
    assert(typeof cell === "number", "number columns take numbers");
    this.append(cell);
  }

  lastCell(): Cell {
    return this.#values[this.#length - 1] as number;
  }

  appendFrom(column: Column, row: number): void {
    this.appendCell(readCell(column, row));
  }

  freeze(): Column {
    const length = this.#length;
    const values = this.#values.slice(0, length);
    const validity = this.#validity.freeze(length);
    this.#length = 0;
    return { kind: this.#kind, length, validity, values } as Column;
  }
}

/** 64-bit integers, kept as word pairs so that values within 2^53 need no `bigint`. */
export class Int64Builder implements ScalarColumnBuilder {
  readonly #kind: "i64" | "u64" | "datetime";
  readonly #validity: ValidityBuilder = new ValidityBuilder();
  #words: Uint32Array = new Uint32Array(INITIAL_ROWS * 2);
  #length = 0;

  constructor(kind: "i64" | "u64" | "datetime") {
    this.#kind = kind;
  }

  get length(): number {
    return this.#length;
  }

  get byteLength(): number {
    return this.#length * 8;
  }

  /** Two's complement, low word first. */
  appendWords(lo: number, hi: number): void {
    if (this.#length * 2 === this.#words.length) this.#words = grow(this.#words, new Uint32Array(this.#words.length * 2));
    this.#words[this.#length * 2] = lo;
    this.#words[this.#length * 2 + 1] = hi;
    this.#length++;
  }

  /** `value` is an integer of at most 53 bits. */
  appendSafe(value: number): void {
    this.appendWords(value >>> 0, Math.floor(value / 0x1_0000_0000));
  }

  appendBigInt(value: bigint): void {
    this.appendWords(Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)));
  }

  appendNull(): void {
    this.#validity.setNull(this.#length);
    this.appendWords(0, 0);
  }

  appendCell(cell: Cell): void {
    if (cell === null) return this.appendNull();
    assert(typeof cell === "bigint", "64-bit columns take bigint");
    this.appendBigInt(cell);
  }

  lastCell(): Cell {
    const lo = BigInt(this.#words[this.#length * 2 - 2] as number);
    const hi = BigInt(this.#words[this.#length * 2 - 1] as number);
    const bits = (hi << 32n) | lo;
    return this.#kind === "u64" ? bits : BigInt.asIntN(64, bits);
  }

  appendFrom(column: Column, row: number): void {
    this.appendCell(readCell(column, row));
  }

  freeze(): Column {
    const length = this.#length;
    const words = this.#words.slice(0, length * 2);
    const validity = this.#validity.freeze(length);
    this.#length = 0;
    return this.#kind === "u64"
      ? { kind: "u64", length, validity, values: new BigUint64Array(words.buffer) }
      : { kind: this.#kind, length, validity, values: new BigInt64Array(words.buffer) };
  }
}

export class BoolBuilder implements ScalarColumnBuilder {
  readonly #validity: ValidityBuilder = new ValidityBuilder();
  #bits: Uint8Array = new Uint8Array(INITIAL_ROWS >> 3);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get byteLength(): number {
    return bitmapBytes(this.#length);
  }

  append(value: boolean): void {
    if (bitmapBytes(this.#length + 1) > this.#bits.length) this.#bits = grow(this.#bits, new Uint8Array(this.#bits.length * 2));
    if (value) setBit(this.#bits, this.#length);
    else clearBit(this.#bits, this.#length);
    this.#length++;
  }

  appendNull(): void {
    this.#validity.setNull(this.#length);
    this.append(false);
  }

  appendCell(cell: Cell): void {
    if (cell === null) return this.appendNull();
    assert(typeof cell === "boolean", "bool columns take booleans");
    this.append(cell);
  }

  lastCell(): Cell {
    return isSet(this.#bits, this.#length - 1);
  }

  appendFrom(column: Column, row: number): void {
    assert(column.kind === "bool", "columns of one kind");
    if (isNull(column, row)) this.appendNull();
    else this.append(isSet(column.bits, row));
  }

  freeze(): Column {
    const length = this.#length;
    const bits = this.#bits.slice(0, bitmapBytes(length));
    const validity = this.#validity.freeze(length);
    this.#length = 0;
    return { kind: "bool", length, validity, bits };
  }
}

/** Append the items to `items`, then close the row. */
export class ListBuilder implements ColumnBuilder {
  readonly items: ColumnBuilder;
  readonly #validity: ValidityBuilder = new ValidityBuilder();
  #offsets: Int32Array = new Int32Array(INITIAL_ROWS + 1);
  #length = 0;

  constructor(items: ColumnBuilder) {
    this.items = items;
  }

  get length(): number {
    return this.#length;
  }

  get byteLength(): number {
    return this.#length * 4 + this.items.byteLength;
  }

  closeRow(): void {
    if (this.#length + 1 >= this.#offsets.length) this.#offsets = grow(this.#offsets, new Int32Array(this.#offsets.length * 2));
    this.#offsets[++this.#length] = this.items.length;
  }

  appendNull(): void {
    this.#validity.setNull(this.#length);
    this.closeRow();
  }

  appendCell(cell: Cell): void {
    if (cell === null) return this.appendNull();
    assert(Array.isArray(cell), "list columns take arrays");
    for (const item of cell as readonly Cell[]) this.items.appendCell(item);
    this.closeRow();
  }

  appendFrom(column: Column, row: number): void {
    this.appendCell(readCell(column, row));
  }

  freeze(): Column {
    const length = this.#length;
    const offsets = this.#offsets.slice(0, length + 1);
    const validity = this.#validity.freeze(length);
    this.#length = 0;
    return { kind: "list", length, validity, offsets, items: this.items.freeze() };
  }
}

/** Append `dimension` components, then close the row. */
export class VectorBuilder implements ColumnBuilder {
  readonly dimension: number;
  readonly #components: NumberBuilder = new NumberBuilder("f32");
  readonly #validity: ValidityBuilder = new ValidityBuilder();
  #length = 0;

  constructor(dimension: number) {
    this.dimension = dimension;
  }

  get length(): number {
    return this.#length;
  }

  get byteLength(): number {
    return this.#components.byteLength;
  }

  appendComponent(value: number): void {
    this.#components.append(value);
  }

  closeRow(): void {
    this.#length++;
    assert(this.#components.length === this.#length * this.dimension, "a vector row has as many components as its type says");
  }

  appendNull(): void {
    this.#validity.setNull(this.#length);
    for (let i = 0; i < this.dimension; i++) this.#components.append(0);
    this.closeRow();
  }

  appendCell(cell: Cell): void {
    if (cell === null) return this.appendNull();
    assert(cell instanceof Float32Array, "vector columns take Float32Array");
    for (const component of cell) this.#components.append(component);
    this.closeRow();
  }

  appendFrom(column: Column, row: number): void {
    this.appendCell(readCell(column, row));
  }

  freeze(): Column {
    const length = this.#length;
    const validity = this.#validity.freeze(length);
    const components = this.#components.freeze();
    assert(components.kind === "f32", "vector components are f32");
    this.#length = 0;
    return { kind: "vector", dimension: this.dimension, length, validity, values: components.values };
  }
}

function allocateNumbers(kind: "i32" | "u32" | "f32" | "f64" | "date", length: number): NumberArray {
  switch (kind) {
    case "i32":
    case "date":
      return new Int32Array(length);
    case "u32":
      return new Uint32Array(length);
    case "f32":
      return new Float32Array(length);
    case "f64":
      return new Float64Array(length);
  }
}

function grow<A extends Uint8Array | NumberArray>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** Column kind of one value of a property type, lists and vectors included. */
function columnKindOf(type: PropertyType): ColumnKind {
  if (type.isList) return "list";
  switch (type.base.kind) {
    case "String":
      return "utf8";
    case "Blob":
      return "blob";
    case "Bool":
      return "bool";
    case "I32":
      return "i32";
    case "I64":
      return "i64";
    case "U32":
      return "u32";
    case "U64":
      return "u64";
    case "F32":
      return "f32";
    case "F64":
      return "f64";
    case "Date":
      return "date";
    case "DateTime":
      return "datetime";
    case "Vector":
      return "vector";
  }
}

export function createColumnBuilder(type: PropertyType): ColumnBuilder {
  const kind = columnKindOf(type);
  switch (kind) {
    case "utf8":
    case "blob":
      return new BytesBuilder(kind);
    case "bool":
      return new BoolBuilder();
    case "i64":
    case "u64":
    case "datetime":
      return new Int64Builder(kind);
    case "list":
      return new ListBuilder(createColumnBuilder({ ...type, isList: false }));
    case "vector":
      assert(type.base.kind === "Vector", "a vector column has a vector type");
      return new VectorBuilder(type.base.dimension);
    default:
      return new NumberBuilder(kind);
  }
}
