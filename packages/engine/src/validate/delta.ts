import type { EntityType } from "@omnigraphdb/compiler";
import type { RowBatch } from "../columnar/column.js";
import type { RowSet } from "../columnar/row-set.js";
import type { EntityHash } from "../hash/entity-hash.js";
import type { HashMap64 } from "../hash/hash-table.js";
import type { IdentityIndex } from "../hash/identity-index.js";
import type { UniqueIndex } from "./unique-index.js";

/** A batch of one type's new images; its row i has the ordinal `firstOrdinal + i`. */
export interface OrdinalBatch {
  readonly firstOrdinal: number;
  readonly batch: RowBatch;
}

/** New images of one type, in memory or in staging files; can be read any number of times. */
export interface DeltaRows {
  readonly rowCount: number;
  /** All batches in order, with the named columns only (all when absent). */
  batches(columns?: readonly string[]): AsyncIterable<OrdinalBatch>;
}

/** Entities of one type that the write removes. */
export interface RemovedEntities {
  readonly ids: readonly string[];
  /** Hashes of `ids`; the values mean nothing. */
  readonly hashes: HashMap64;
  /** Of removed edges: hash of the source → number of removed edges. */
  readonly sources: HashMap64;
}

/** What one write does to one type (VA-2). */
export interface TypeDelta {
  readonly type: EntityType;
  readonly rows: DeltaRows;
  /** Ids of the rows that may exist already: chosen by the caller or read from the graph. Generated ids are missing. */
  readonly ids: IdentityIndex;
  /** Rows that a later row of the same id replaces; they are not written. */
  readonly dropped: RowSet;
  /** One index per `@unique` group, already filled with the rows. */
  readonly uniqueIndexes: readonly UniqueIndex[];
  /** The rows become the whole content of the type. */
  readonly replacesAll: boolean;
  readonly removed: RemovedEntities | undefined;
}

/** What one write does to the graph, by type key. */
export interface GraphDelta {
  readonly types: ReadonlyMap<string, TypeDelta>;
  /** An id that exists is an error instead of a replacement (LD-41). */
  readonly isStrictInsert: boolean;
  /** Removed nodes may leave edges behind, which are looked for. A mutation takes them along itself. */
  readonly mayOrphanEdges?: boolean;
  readonly hash: EntityHash;
}

/** Rows of the delta by what the graph holds already. */
export interface TypeResolution {
  /** Ordinals of rows whose id is committed. */
  readonly existing: RowSet;
  /** Of edges that replace committed ones: hash of the committed source → number of replaced edges. */
  readonly replacedSources: HashMap64;
}
