import type { EntityType, PropertyType } from "@omnigraphdb/compiler";
import type { Column, RowBatch } from "../columnar/column.js";
import { isNull } from "../columnar/column.js";
import { readCell } from "../columnar/read-cell.js";
import { requireColumn } from "../columnar/row-batch.js";
import type { EntityHash } from "../hash/entity-hash.js";
import { IdentityIndex, type Lookup } from "../hash/identity-index.js";
import type { Predicate, PredicateValue } from "../storage/predicate.js";
import { canonicalText } from "./canonical-text.js";
import { UnsupportedConstraintError } from "./errors.js";
import type { UniqueGroup } from "./type-rules.js";

const encoder = new TextEncoder();
const TEXT_TYPE: PropertyType = { base: { kind: "String" }, isList: false, isNullable: false };

/** Up to this many tuples the committed rows are asked for by value; beyond it all of them are read. */
const FILTERED_TUPLES_MAX = 1_024;

/** Both zeros of a float are one value here and two for a filter; a filter has no exact form for all datetimes. */
const UNFILTERED_TYPES: ReadonlySet<string> = new Set(["F32", "F64", "DateTime"]);

export interface TupleIntake {
  readonly firstOrdinal: number;
  /** Rows that do not count: a later row of the write has their id. */
  readonly isReplaced: (row: number) => boolean;
  /** Called for each row whose tuple an earlier row holds. */
  readonly report: (row: number, value: string) => void;
}

interface TupleBytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * The tuples of one `@unique` group in the rows of a write (W14, VA-20 … VA-23), known by their hashes.
 *
 * A tuple of several values is keyed by its JSON array, so `("a|b", "c")` and `("a", "b|c")` differ. A tuple with a
 * null is exempt.
 */
export class UniqueIndex {
  readonly group: UniqueGroup;
  readonly #types: readonly PropertyType[];
  readonly #index: IdentityIndex;
  /** Values per column while they are few; undefined once they are not, or when a column's values cannot be filtered by. */
  #values: PredicateValue[][] | undefined;

  constructor(type: EntityType, group: UniqueGroup, hash: EntityHash) {
    this.group = group;
    this.#types = group.columns.map((name) => type.propertyByName.get(name)?.type ?? TEXT_TYPE);
    this.#index = new IdentityIndex(hash);
    const canFilter = this.#types.every(({ base }) => !UNFILTERED_TYPES.has(base.kind));
    this.#values = canFilter ? group.columns.map(() => []) : undefined;
  }

  /** A filter that every committed row with one of the tuples passes, and few others; undefined = read all rows. */
  filter(): Predicate | undefined {
    if (this.#values === undefined) return undefined;
    const members = this.#values.map((values, i): Predicate => ({ kind: "in", column: this.group.columns[i] as string, values }));
    return members.length === 1 ? members[0] : { kind: "and", predicates: members };
  }

  /** Hashes of the tuples added. */
  hashes(): Iterable<{ readonly lo: number; readonly hi: number }> {
    return this.#index.hashes();
  }

  /** Number of distinct tuples added. */
  get size(): number {
    return this.#index.size;
  }

  addBatch(batch: RowBatch, { firstOrdinal, report, isReplaced }: TupleIntake): void {
    const columns = this.#columns(batch);
    for (let row = 0; row < batch.rowCount; row++) {
      if (isReplaced(row)) continue;
      const tuple = this.#tuple(columns, row);
      if (tuple === undefined) continue;
      const { bytes, start, end } = tuple;
      this.#noteValues(columns, row);
      if (this.#index.add(bytes, start, end, firstOrdinal + row).kind === "present") report(row, this.describe(batch, row));
    }
  }

  /** The row of the write that holds the tuple of a committed row. */
  find(batch: RowBatch, row: number): Lookup {
    const tuple = this.#tuple(this.#columns(batch), row);
    return tuple === undefined ? { kind: "absent" } : this.#index.find(tuple.bytes, tuple.start, tuple.end);
  }

  /** `'v'` or `('v', 'w')`. */
  describe(batch: RowBatch, row: number): string {
    const texts = this.#columns(batch).map((column, i) => `'${this.#text(column, row, i) ?? ""}'`);
    return texts.length === 1 ? (texts[0] as string) : `(${texts.join(", ")})`;
  }

  #noteValues(columns: readonly Column[], row: number): void {
    if (this.#values === undefined) return;
    if (this.#index.size >= FILTERED_TUPLES_MAX) {
      this.#values = undefined;
      return;
    }
    for (const [i, column] of columns.entries()) this.#values[i]?.push(predicateValue(column, row));
  }

  #columns(batch: RowBatch): readonly Column[] {
    return this.group.columns.map((name) => requireColumn(batch, name));
  }

  #tuple(columns: readonly Column[], row: number): TupleBytes | undefined {
    const only = columns[0] as Column;
    if (columns.length === 1 && only.kind === "utf8") {
      if (isNull(only, row)) return undefined;
      return { bytes: only.bytes, start: only.offsets[row] as number, end: only.offsets[row + 1] as number };
    }
    const texts: string[] = [];
    for (const [i, column] of columns.entries()) {
      const text = this.#text(column, row, i);
      if (text === undefined) return undefined;
      texts.push(text);
    }
    const bytes = encoder.encode(texts.length === 1 ? (texts[0]) : JSON.stringify(texts));
    return { bytes, start: 0, end: bytes.length };
  }

  #text(column: Column, row: number, position: number): string | undefined {
    if (isNull(column, row)) return undefined;
    if (column.kind === "list" || column.kind === "vector" || column.kind === "blob") {
      throw new UnsupportedConstraintError(`@unique on ${this.group.label}: unsupported column type`);
    }
    const cell = readCell(column, row);
    return canonicalText(cell, this.#types[position] as PropertyType) ?? String(cell);
  }
}

function predicateValue(column: Column, row: number): PredicateValue {
  const cell = readCell(column, row);
  switch (column.kind) {
    case "bool":
      return { kind: "bool", value: cell as boolean };
    case "date":
      return { kind: "date", days: cell as number };
    case "utf8":
      return { kind: "string", value: cell as string };
    default:
      return { kind: "integer", value: BigInt(cell as number | bigint) };
  }
}
