import type { ColumnView } from "../../cache/column-view.js";
import { isNull, type Utf8Column } from "../../columnar/column.js";
import { NOT_FOUND, WordPairTable } from "./word-pair-table.js";

/** Gives equal cells of a column equal numbers, dense from 0 in order of first appearance (EX-24). Null has none. */
export interface CellNumbering {
  /** Distinct values so far. */
  readonly count: number;
  readonly byteCount: number;
  /** Number of the value at `row`, which is not null. */
  add(row: number): number;
  /** Number of an equal value among those added, of a cell of the other column that is not null; or {@link NOT_FOUND}. */
  find(otherRow: number): number;
}

/** Numbers that a text column has anyway, in the order of its codes; for joins of a column with itself. */
export function codeNumbering(view: ColumnView): CellNumbering {
  const { codes, codeCount } = view.codes();
  const numberOf = (row: number): number => (codes[row] as number) - 1;
  return { count: codeCount - 1, byteCount: 0, add: numberOf, find: numberOf };
}

/**
 * @param view text or numbers
 * @param other column whose cells `find` looks for: text for text, numbers for numbers
 */
export function makeCellNumbering(view: ColumnView, other: ColumnView): CellNumbering {
  const { column } = view;
  if (column.kind === "utf8") return new TextNumbering(column, other.column as Utf8Column);
  return new NumberNumbering(view.numbers().values, other.numbers().values);
}

class TextNumbering implements CellNumbering {
  readonly #column: Utf8Column;
  readonly #other: Utf8Column;
  #mask = 1023;
  /** Number + 1 by place; 0 = free. */
  #places = new Uint32Array(1024);
  /** By number, where its text stands first. */
  #firstRow = new Uint32Array(1024);
  count = 0;

  constructor(column: Utf8Column, other: Utf8Column) {
    this.#column = column;
    this.#other = other;
  }

  get byteCount(): number {
    return this.#places.byteLength + this.#firstRow.byteLength;
  }

  add(row: number): number {
    const place = this.#placeOf(this.#column, row);
    const known = this.#places[place] as number;
    if (known !== 0) return known - 1;
    const number = this.count++;
    this.#places[place] = this.count;
    if (number >= this.#firstRow.length) this.#firstRow = doubled(this.#firstRow);
    this.#firstRow[number] = row;
    if (this.count * 2 > this.#mask) this.#grow();
    return number;
  }

  find(otherRow: number): number {
    return (this.#places[this.#placeOf(this.#other, otherRow)] as number) - 1;
  }

  /** Where the text is or belongs. */
  #placeOf(column: Utf8Column, row: number): number {
    const start = column.offsets[row] as number;
    const end = column.offsets[row + 1] as number;
    let place = hashText(column.bytes, start, end) & this.#mask;
    for (let known = this.#places[place] as number; known !== 0; known = this.#places[place] as number) {
      if (this.#isText(this.#firstRow[known - 1] as number, column.bytes, start, end)) break;
      place = (place + 1) & this.#mask;
    }
    return place;
  }

  #isText(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#column.bytes;
    let at = this.#column.offsets[row] as number;
    if ((this.#column.offsets[row + 1] as number) - at !== end - start) return false;
    for (let i = start; i < end; i++) if (own[at++] !== bytes[i]) return false;
    return true;
  }

  #grow(): void {
    this.#mask = this.#mask * 2 + 1;
    this.#places = new Uint32Array(this.#mask + 1);
    for (let number = 0; number < this.count; number++) this.#places[this.#placeOf(this.#column, this.#firstRow[number] as number)] = number + 1;
  }
}

/** FNV-1a over the bytes: a table position, not an identity. */
function hashText(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c_9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x0100_0193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function doubled(values: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(values.length * 2);
  out.set(values);
  return out;
}

type Numbers = ReturnType<ColumnView["numbers"]>["values"];

/** A value by its words: as a double where one holds it exactly, otherwise as a 64-bit integer. */
class NumberNumbering implements CellNumbering {
  readonly #values: Numbers;
  readonly #other: Numbers;
  readonly #doubles = new WordPairTable();
  readonly #positive = new WordPairTable();
  readonly #negative = new WordPairTable();
  readonly #double = new Float64Array(1);
  readonly #doubleWords = new Uint32Array(this.#double.buffer);
  count = 0;

  constructor(values: Numbers, other: Numbers) {
    this.#values = values;
    this.#other = other;
  }

  get byteCount(): number {
    return this.#doubles.byteCount + this.#positive.byteCount + this.#negative.byteCount;
  }

  add(row: number): number {
    const { table, first, second } = this.#place(this.#values[row] as number | bigint);
    const number = table.add(first, second, this.count);
    if (number === this.count) this.count++;
    return number;
  }

  find(otherRow: number): number {
    const { table, first, second } = this.#place(this.#other[otherRow] as number | bigint);
    return table.find(first, second);
  }

  #place(value: number | bigint): { readonly table: WordPairTable; readonly first: number; readonly second: number } {
    const double = Number(value);
    if (typeof value === "bigint" && BigInt(double) !== value) {
      const table = value < 0n ? this.#negative : this.#positive;
      return { table, first: Number(BigInt.asUintN(32, value)), second: Number(BigInt.asUintN(32, value >> 32n)) };
    }
    // Minus zero is zero, and one NaN is like another.
    this.#double[0] = double === 0 ? 0 : Number.isNaN(double) ? NaN : double;
    return { table: this.#doubles, first: this.#doubleWords[0] as number, second: this.#doubleWords[1] as number };
  }
}

/** Number of the cell's value, or {@link NOT_FOUND} for null. */
export function addCell(numbering: CellNumbering, view: ColumnView, row: number): number {
  return isNull(view.column, row) ? NOT_FOUND : numbering.add(row);
}
