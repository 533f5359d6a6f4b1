import { must } from "@omnigraphdb/common";
import { isNull } from "../../columnar/column.js";
import { type BindingTable, gather } from "../binding-table.js";
import { canonicalNumber, textAt } from "../conditions/member-kernel.js";
import { CONSTANT, type Operand, operandRows } from "../operand.js";
import { readCell } from "../../columnar/read-cell.js";

/** Gives equal values equal numbers, dense from 0; null equals null here (EX-50). */
interface ValueNumbering {
  readonly count: number;
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
  readonly #sparse = new Map<number, number>();
  #count = 0;

  constructor(codes: Uint32Array | undefined, codeCount: number, firstBatchRows: number) {
    this.#codes = codes;
    this.#dense = codeCount <= firstBatchRows * DENSE_SHARE ? new Uint32Array(codeCount) : undefined;
  }

  get count(): number {
    return this.#count;
  }

  number(rows: Uint32Array, rowCount: number): Uint32Array {
    const codes = this.#codes === undefined ? rows : gather(this.#codes, rows, rowCount);
    const out = new Uint32Array(rowCount);
    const dense = this.#dense;
    if (dense !== undefined) {
      for (let k = 0; k < rowCount; k++) {
        const code = codes[k] as number;
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
      const code = codes[k] as number;
      let id = this.#sparse.get(code);
      if (id === undefined) {
        id = this.#count++;
        this.#sparse.set(code, id);
      }
      out[k] = id;
    }
    return out;
  }
}

class KeyNumbering implements ValueNumbering {
  readonly #keyOf: (row: number) => unknown;
  readonly #ids = new Map<unknown, number>();

  constructor(keyOf: (row: number) => unknown) {
    this.#keyOf = keyOf;
  }

  get count(): number {
    return this.#ids.size;
  }

  number(rows: Uint32Array, rowCount: number): Uint32Array {
    const out = new Uint32Array(rowCount);
    for (let k = 0; k < rowCount; k++) {
      const key = this.#keyOf(rows[k] as number);
      let id = this.#ids.get(key);
      if (id === undefined) {
        id = this.#ids.size;
        this.#ids.set(key, id);
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
      return new KeyNumbering((row) => (isNull(column, row) ? null : textAt(column, row)));
    case "list":
    case "vector":
    case "blob":
      return new KeyNumbering((row) => groupText(readCell(column, row)));
    default: {
      const { values } = view.numbers();
      return new KeyNumbering((row) => (isNull(column, row) ? null : canonicalNumber(values[row] as number | bigint)));
    }
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
  readonly #pairs: Map<string | number, number>[] = [];
  #count = 0;

  /** @param keys constants are left out: they do not tell rows apart */
  constructor(keys: readonly Operand[]) {
    this.#keys = keys.filter((key) => key.slot !== CONSTANT);
  }

  /** Groups so far. */
  get count(): number {
    return this.#count;
  }

  /** Group number per row. */
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
      return new Uint32Array(table.rowCount);
    }
    return groups;
  }

  /** Numbers pairs of (group by the keys so far, value of the next key). */
  #combine(position: number, groups: Uint32Array, values: Uint32Array): Uint32Array {
    const ids = (this.#pairs[position] ??= new Map());
    for (let k = 0; k < groups.length; k++) {
      const group = groups[k] as number;
      const value = values[k] as number;
      const pair = value < PAIR_STRIDE ? group * PAIR_STRIDE + value : `${group},${value}`;
      let id = ids.get(pair);
      if (id === undefined) {
        id = ids.size;
        ids.set(pair, id);
      }
      groups[k] = id;
    }
    this.#count = ids.size;
    return groups;
  }
}

/** Group numbers are below 2^32, so pairs below this stride are exact doubles. */
const PAIR_STRIDE = 2 ** 21;
