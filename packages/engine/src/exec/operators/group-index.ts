import { must } from "@omnigraphdb/common";
import type { ColumnView } from "../../cache/column-view.js";
import { type Column, isNull } from "../../columnar/column.js";
import { readCell } from "../../columnar/read-cell.js";
import { type BindingTable, zeroRows } from "../binding-table.js";
import { CONSTANT, type Operand, operandRows } from "../operand.js";
import { type CellNumbering, makeCellNumbering } from "./cell-numbering.js";
import { WordPairTable } from "./word-pair-table.js";

/** Gives equal values equal numbers, dense from 0; null equals null here (EX-50). */
interface ValueNumbering {
  readonly count: number;
  readonly byteCount: number;
  /** Numbers for the first `rowCount` cells at `rows`. */
  number(rows: Uint32Array, rowCount: number): Uint32Array;
}

/** A dense table pays when the values are few per row numbered. */
const DENSE_SHARE = 16;

/** Numbers codes in `[0, codeCount)` by order of appearance, through a table or a map, whichever fits the first batch. */
class CodeNumbering implements ValueNumbering {
  /** Undefined: the row number is the code. */
  readonly #codes: Uint32Array | undefined;
  readonly #dense: Uint32Array | undefined;
  readonly #sparse = new WordPairTable();
  #count = 0;

  constructor(codes: Uint32Array | undefined, codeCount: number, firstBatchRows: number) {
    this.#codes = codes;
    this.#dense = codeCount <= firstBatchRows * DENSE_SHARE ? new Uint32Array(codeCount) : undefined;
  }

  get count(): number {
    return this.#count;
  }

  get byteCount(): number {
    return (this.#dense?.byteLength ?? 0) + this.#sparse.byteCount;
  }

  number(rows: Uint32Array, rowCount: number): Uint32Array {
    const codes = this.#codes;
    const out = new Uint32Array(rowCount);
    const dense = this.#dense;
    if (dense !== undefined) {
      for (let k = 0; k < rowCount; k++) {
        const row = rows[k] as number;
        const code = codes === undefined ? row : (codes[row] as number);
        let id = dense[code] as number;
        if (id === 0) {
          id = ++this.#count;
          dense[code] = id;
        }
        out[k] = id - 1;
      }
      return out;
    }
    for (let k = 0; k < rowCount; k++) {
      const row = rows[k] as number;
      const code = codes === undefined ? row : (codes[row] as number);
      const id = this.#sparse.add(code, 0, this.#count);
      if (id === this.#count) this.#count++;
      out[k] = id;
    }
    return out;
  }
}

/** Text and numbers by value; null is one more value. */
class ValuesNumbering implements ValueNumbering {
  readonly #column: Column;
  readonly #values: CellNumbering;
  #nullId: number | undefined;

  constructor(view: ColumnView) {
    this.#column = view.column;
    this.#values = makeCellNumbering(view, view);
  }

  get count(): number {
    return this.#values.count + (this.#nullId === undefined ? 0 : 1);
  }

  get byteCount(): number {
    return this.#values.byteCount;
  }

  number(rows: Uint32Array, rowCount: number): Uint32Array {
    const out = new Uint32Array(rowCount);
    for (let k = 0; k < rowCount; k++) {
      const row = rows[k] as number;
      if (isNull(this.#column, row)) {
        out[k] = this.#nullId ??= this.#values.count;
        continue;
      }
      const id = this.#values.add(row);
      // Values that came after null make room for it.
      out[k] = this.#nullId !== undefined && id >= this.#nullId ? id + 1 : id;
    }
    return out;
  }
}

/** Memory the language takes for an entry of a map besides its text: rounded up, so that the budget is crossed before the map is full. */
const MAP_ENTRY_BYTES = 256;

/** Lists and vectors, by a text that equal ones share. */
class ListNumbering implements ValueNumbering {
  readonly #column: Column;
  readonly #ids = new Map<string, number>();
  byteCount = 0;

  constructor(column: Column) {
    this.#column = column;
  }

  get count(): number {
    return this.#ids.size;
  }

  number(rows: Uint32Array, rowCount: number): Uint32Array {
    const out = new Uint32Array(rowCount);
    for (let k = 0; k < rowCount; k++) {
      const text = groupText(readCell(this.#column, rows[k] as number));
      let id = this.#ids.get(text);
      if (id === undefined) {
        id = this.#ids.size;
        this.#ids.set(text, id);
        this.byteCount += MAP_ENTRY_BYTES + text.length * 2;
      }
      out[k] = id;
    }
    return out;
  }
}

function numberingOf(operand: Operand, firstBatchRows: number): ValueNumbering {
  const { view } = operand;
  const { column } = view;
  if (operand.isUnique) return new CodeNumbering(undefined, column.length, firstBatchRows);
  switch (column.kind) {
    case "utf8":
      if (view.hasCodes || firstBatchRows * DENSE_SHARE >= column.length) {
        const { codes, codeCount } = view.codes();
        return new CodeNumbering(codes, codeCount, firstBatchRows);
      }
      return new ValuesNumbering(view);
    case "list":
    case "vector":
    case "blob":
      return new ListNumbering(column);
    default:
      return new ValuesNumbering(view);
  }
}

/** Equal lists and vectors have equal texts. */
function groupText(cell: unknown): string {
  if (typeof cell === "string") return JSON.stringify(cell);
  if (typeof cell === "object" && cell !== null) return `[${Array.from(cell as Iterable<unknown>, groupText).join(",")}]`;
  return typeof cell === "bigint" ? cell.toString() : String(cell === 0 ? 0 : cell);
}

/** Numbers the groups of an aggregating query: rows with equal key values form one (EX-50). */
export class GroupIndex {
  readonly #keys: readonly Operand[];
  #numberings: readonly ValueNumbering[] | undefined;
  readonly #pairs: WordPairTable[] = [];
  readonly #pairCounts: number[] = [];
  #count = 0;

  /** @param keys constants are left out: they do not tell rows apart */
  constructor(keys: readonly Operand[]) {
    this.#keys = keys.filter((key) => key.slot !== CONSTANT);
  }

  /** Groups so far. */
  get count(): number {
    return this.#count;
  }

  /** Memory held, in bytes. */
  get byteCount(): number {
    const tables = [...(this.#numberings ?? []), ...this.#pairs.filter((pairs) => pairs !== undefined)];
    return tables.reduce((sum, table) => sum + table.byteCount, 0);
  }

  /** Group number per row, the first `table.rowCount` of what is returned; not to be written. */
  assign(table: BindingTable): Uint32Array {
    this.#numberings ??= this.#keys.map((key) => numberingOf(key, table.rowCount));
    let groups: Uint32Array | undefined;
    this.#keys.forEach((key, position) => {
      const numbering = must(this.#numberings?.[position], "one numbering per key");
      const values = numbering.number(operandRows(key, table), table.rowCount);
      if (groups === undefined) {
        groups = values;
        this.#count = numbering.count;
      } else {
        groups = this.#combine(position, groups, values);
      }
    });
    if (groups === undefined) {
      this.#count = 1;
      return zeroRows(table.rowCount);
    }
    return groups;
  }

  /** Numbers pairs of (group by the keys so far, value of the next key). */
  #combine(position: number, groups: Uint32Array, values: Uint32Array): Uint32Array {
    const pairs = (this.#pairs[position] ??= new WordPairTable());
    let count = this.#pairCounts[position] ?? 0;
    for (let k = 0; k < groups.length; k++) {
      const id = pairs.add(groups[k] as number, values[k] as number, count);
      if (id === count) count++;
      groups[k] = id;
    }
    this.#pairCounts[position] = count;
    this.#count = count;
    return groups;
  }
}
