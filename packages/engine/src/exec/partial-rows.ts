import type { EntityType } from "@omnigraphdb/compiler";
import { ColumnView } from "../cache/column-view.js";
import { LoadedRows } from "../cache/row-space.js";
import type { Column, Uint64Column } from "../columnar/column.js";
import { concatColumns } from "../columnar/concat.js";
import { emptyColumnOf } from "../columnar/empty-column.js";
import { takeRows } from "../columnar/take.js";
import { uint64ToHashPairs } from "../hash/entity-hash.js";
import { HashMap64 } from "../hash/hash-table.js";
import { HASH_COLUMN } from "../storage/dataset-schema.js";

/** Some rows of one type, numbered in the order they were found; an entity stands once however often it is found. */
export class PartialRows {
  readonly type: EntityType;
  /** What every row is read with; the entity hash is among them. */
  readonly columns: readonly string[];
  readonly #rowByHash = new HashMap64();
  readonly #parts = new Map<string, Column[]>();
  readonly #hashes: bigint[] = [];

  constructor(type: EntityType, columns: readonly string[]) {
    this.type = type;
    this.columns = [...new Set([...columns, HASH_COLUMN])];
    for (const name of this.columns) this.#parts.set(name, []);
  }

  get rowCount(): number {
    return this.#hashes.length;
  }

  hashOf(row: number): bigint {
    return this.#hashes[row] as bigint;
  }

  find(low: number, high: number): number | undefined {
    return this.#rowByHash.get(low, high);
  }

  /** @returns the row of each row of `fetched` */
  add(fetched: LoadedRows): Uint32Array {
    const { values } = fetched.view(HASH_COLUMN).column as Uint64Column;
    const words = uint64ToHashPairs(values, fetched.rowCount);
    const rows = new Uint32Array(fetched.rowCount);
    const added: number[] = [];
    for (let i = 0; i < fetched.rowCount; i++) {
      const [low, high] = [words[2 * i] as number, words[2 * i + 1] as number];
      const known = this.#rowByHash.get(low, high);
      rows[i] = known ?? this.#hashes.length;
      if (known !== undefined) continue;
      this.#rowByHash.insert(low, high, this.#hashes.length);
      this.#hashes.push(values[i] as bigint);
      added.push(i);
    }
    if (added.length > 0) for (const [name, parts] of this.#parts) parts.push(takeRows(fetched.view(name).column, Uint32Array.from(added)));
    return rows;
  }

  /** All rows so far. */
  space(): LoadedRows {
    const views = [...this.#parts].map(([name, parts]): [string, ColumnView] => [name, new ColumnView(parts.length === 0 ? emptyColumnOf(this.type, name) : concatColumns(parts))]);
    return new LoadedRows(this.rowCount, new Map(views));
  }
}
