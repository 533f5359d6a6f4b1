import type { EntityType } from "@omnigraphdb/compiler";
import type { RowBatch } from "../columnar/column.js";
import { readCell, type Cell } from "../columnar/read-cell.js";
import { requireColumn } from "../columnar/row-batch.js";
import type { EntityHash } from "../hash/entity-hash.js";
import { HashMap64 } from "../hash/hash-table.js";
import { increment } from "../validate/existing-rows.js";
import type { RemovedEntities } from "../validate/delta.js";
import type { Cells } from "./compile-mutation.js";

/** A pending image: the columns in `cells` as given, all others from the committed row (or null without one). */
export interface Image {
  readonly committed: { readonly batch: RowBatch; readonly row: number } | undefined;
  readonly cells: Cells;
  /** The id may exist in the graph: chosen by a key, or read from a committed row. */
  readonly isNamed: boolean;
}

/** The value of one column of an image. */
export function imageCell(image: Image, column: string): Cell {
  const own = image.cells.get(column);
  if (own !== undefined) return own;
  return image.committed === undefined ? null : readCell(requireColumn(image.committed.batch, column), image.committed.row);
}

/** Pending state of one type within a mutation (AC-1): images or removals, never both (MU-1). */
export class TypeAccumulator {
  readonly type: EntityType;
  /** By id, in order of first touch. The last image of an id wins (AC-2). */
  readonly images: Map<string, Image> = new Map();
  readonly #removed: Set<string> = new Set();
  readonly #removedHashes: HashMap64 = new HashMap64();
  readonly #removedSources: HashMap64 = new HashMap64();
  readonly #hash: EntityHash;

  constructor(type: EntityType, hash: EntityHash) {
    this.type = type;
    this.#hash = hash;
  }

  get removedCount(): number {
    return this.#removed.size;
  }

  /** Marks an entity as removed; false when it was already. Of an edge, `source` is the hash of its source. */
  remove(id: string, source?: { readonly lo: number; readonly hi: number }): boolean {
    if (this.#removed.has(id)) return false;
    this.#removed.add(id);
    const bytes = new TextEncoder().encode(id);
    const words = new Uint32Array(2);
    this.#hash(bytes, 0, bytes.length, words, 0);
    this.#removedHashes.insert(words[0] as number, words[1] as number, 0);
    if (source !== undefined) increment(this.#removedSources, source.lo, source.hi);
    return true;
  }

  removedEntities(): RemovedEntities | undefined {
    if (this.#removed.size === 0) return undefined;
    return { ids: [...this.#removed], hashes: this.#removedHashes, sources: this.#removedSources };
  }
}

/** Pending state of a mutation, by type key. */
export class Accumulator {
  readonly types: Map<string, TypeAccumulator> = new Map();
  readonly #hash: EntityHash;

  constructor(hash: EntityHash) {
    this.#hash = hash;
  }

  of(type: EntityType): TypeAccumulator {
    let accumulator = this.types.get(type.typeKey);
    if (accumulator === undefined) {
      accumulator = new TypeAccumulator(type, this.#hash);
      this.types.set(type.typeKey, accumulator);
    }
    return accumulator;
  }
}
