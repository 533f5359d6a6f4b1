import type { TextAnalysis } from "@omnigraphdb/compiler";
import type { RowBatch } from "../columnar/column.js";
import type { DatasetColumn, DatasetSchema } from "./dataset-schema.js";
import type { Predicate } from "./predicate.js";

/** Where one type's rows live: a directory below the root (without `.lance`) and the native branch that owns them. */
export interface DatasetLocation {
  /** `nodes/<typeId:016x>-<incarnation:016x>` or `edges/…` (LAY-6). */
  readonly directory: string;
  /** Null = the native main lineage. */
  readonly nativeBranch: string | null;
}

/** What a scan calls the number (u64) by which the dataset finds a row again, at the same version only. It is no stored column. */
export const ROW_NUMBER_COLUMN = "_rowid";

export interface ScanOptions {
  /** Columns to read, hidden ones and {@link ROW_NUMBER_COLUMN} included. May be empty: then only row counts arrive. */
  readonly columns: readonly string[];
  readonly filter?: Predicate;
  readonly rowCountMax?: number;
  /** Rows to leave out at the beginning. Every scan of a version has the same order. Not with a filter. */
  readonly rowCountSkipped?: number;
  readonly signal?: AbortSignal;
}

export interface NearestOptions {
  /** A vector property that has a vector index. */
  readonly column: string;
  /** As many numbers as the property has dimensions. */
  readonly vector: Float32Array;
  readonly rowCountMax: number;
  /** Lists of the index that are looked into: more find more of the true neighbours. */
  readonly probeCount: number;
  readonly columns: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

export interface TextMatchOptions {
  /** A text property that has a full-text index. */
  readonly column: string;
  /** Analysed as the index was built. */
  readonly query: string;
  readonly columns: readonly string[];
  readonly filter?: Predicate;
  readonly signal?: AbortSignal | undefined;
}

/** The bytes of one blob, at the version of the dataset it was opened from. Holds none of them. */
export interface StoredBlob {
  /** In bytes. */
  readonly length: number;
  /**
   * Bytes `[start, end)`, with `0 ≤ start ≤ end ≤ length`.
   *
   * @throws HistoricalVersionReclaimedError when a cleanup removed the version in the meantime
   */
  readRange(start: number, end: number): Promise<Uint8Array>;
}

/** A dataset at one version. Immutable; safe to share between readers. Without a filter the row order is stable. */
export interface PinnedDataset {
  readonly version: number;
  /** Streams row batches of at most 65,536 rows and, where a row is not larger by itself, 32 MiB of blobs. Breaking out of the loop stops the scan. */
  scan(options: ScanOptions): AsyncIterable<RowBatch>;
  countRows(filter?: Predicate): Promise<number>;
  /** The blobs of some rows, by the numbers a scan delivered as {@link ROW_NUMBER_COLUMN}, in that order; null where there is none. */
  openBlobs(column: string, rowNumbers: BigUint64Array): Promise<readonly (StoredBlob | null)[]>;
  /** Indexes of this version; ascending by column, then kind. */
  indexes(): Promise<readonly IndexState[]>;
  /**
   * Rows near a vector by Euclidean distance, nearest first, through the vector index; rows it does not cover are compared one by one.
   * Approximate: a row of another list may be missing. Rows without a vector never arrive.
   */
  nearest(options: NearestOptions): Promise<RowBatch>;
  /** All rows whose text shares a word with the query, through the full-text index; rows it does not cover are analysed. Unordered. */
  matchText(options: TextMatchOptions): AsyncIterable<RowBatch>;
}

/** Rows that arrive in batches whose number is known beforehand; every batch becomes one native version. */
export interface BatchSource {
  readonly batchCount: number;
  readonly rowCount: number;
  batches(): Iterable<RowBatch> | AsyncIterable<RowBatch>;
}

/**
 * One planned native change. `append` adds rows known to be new; `upsert` replaces rows known to exist, matched by
 * `id`; deletes remove rows known to exist. Rows carry every dataset column except `__rev`, which the gateway fills with
 * the version it is about to write. Effect-free changes are never planned (WR-9).
 */
export type DatasetEffect =
  | { readonly kind: "append"; readonly source: BatchSource }
  | { readonly kind: "upsert"; readonly source: BatchSource }
  | { readonly kind: "deleteByIds"; readonly ids: readonly string[] }
  | { readonly kind: "deleteAll" }
  /** Rewrites small fragments and extends the indexes to all rows; content stays. Adds zero to three versions. */
  | { readonly kind: "compact"; readonly onCompacted?: (counts: CompactionCounts) => void }
  /** Nullable columns, null in every row. Rewrites no data. */
  | { readonly kind: "addColumns"; readonly columns: readonly DatasetColumn[] }
  /** With their indexes. Rewrites no data; older versions keep the columns. */
  | { readonly kind: "dropColumns"; readonly names: readonly string[] }
  /** All at once, so names may be swapped. Indexes follow their column. */
  | { readonly kind: "renameColumns"; readonly renames: readonly ColumnRename[] }
  /** Builds the index, or builds it anew. Adds at least one version. */
  | { readonly kind: "buildIndex"; readonly index: DatasetIndex }
  /**
   * Removes old versions, as {@link DatasetAdministration.prune}. Adds a version only when the native call finds something to
   * compact as well (SUB-12).
   */
  | { readonly kind: "prune"; readonly beforeMs: number; readonly onPruned: (result: RemovedVersions) => void };

/** Fragments that one compaction replaced, and by how many. */
export interface CompactionCounts {
  readonly fragmentsRemoved: number;
  readonly fragmentsAdded: number;
}

export interface ColumnRename {
  readonly from: string;
  readonly to: string;
}

export type IndexKind = "btree" | "fullText" | "vector";
export type VectorMetric = "l2" | "cosine" | "dot";

export interface DatasetIndex {
  readonly column: string;
  readonly kind: IndexKind;
  /** Of vector indexes only; default `l2`. A search by another metric does not use the index. */
  readonly metric?: VectorMetric;
  /** Of full-text indexes only; default that of properties without settings. */
  readonly textAnalysis?: TextAnalysis;
}

/** Lists of a vector index: as many as they are long. The native default has lists of thousands, of which a search reads each whole. */
export function vectorListCount(vectorCount: number): number {
  return Math.max(1, Math.round(Math.sqrt(vectorCount)));
}

/** An index as it is stored. */
export interface IndexState {
  readonly column: string;
  readonly kind: IndexKind;
  /** Of full-text indexes: how they were built; undefined when no property can be searched like that. */
  readonly textAnalysis?: TextAnalysis;
  /** Rows written since it was built or extended; reads scan them. */
  readonly unindexedRowCount: number;
}

/** Ids per native delete call, which takes about 0.2 s at this size (SUB-21); more ids take several versions (AC-5). */
export const DELETE_IDS_PER_CALL_MAX = 10_000;

/** Native versions an effect adds, or undefined when only the native call can tell. */
export function plannedVersionCount(effect: DatasetEffect): number | undefined {
  switch (effect.kind) {
    case "append":
    case "upsert":
      return effect.source.batchCount;
    case "deleteByIds":
      return Math.ceil(effect.ids.length / DELETE_IDS_PER_CALL_MAX);
    case "deleteAll":
    case "addColumns":
    case "dropColumns":
    case "renameColumns":
      return 1;
    case "compact":
    case "buildIndex":
    case "prune":
      return undefined;
  }
}

export interface DatasetState {
  readonly version: number;
  readonly fragmentCount: number;
  readonly rowCount: number;
  /** Rows that are deleted but still in their files, until a compaction. */
  readonly deletedRowCount: number;
}

export interface EffectOptions {
  /** The caller persists the version later, together with others: {@link DatasetGateway.persist}. */
  readonly isPersistedLater: boolean;
  /** The caller has just made `baseVersion` itself: an append need not look at the head first, since the version it makes tells as well. */
  readonly isContinued?: boolean;
}

/**
 * Reads, and planned effects executed by the commit coordinator (DG-2). The only door to datasets.
 */
export interface DatasetGateway {
  /** Throws HistoricalVersionReclaimedError when the version was pruned. */
  openPinned(location: DatasetLocation, version: number): Promise<PinnedDataset>;
  headVersion(location: DatasetLocation): Promise<number>;
  /**
   * Tells a version from another one that came to have its number: after a loss of power, or when a backup was put back. Undefined when the
   * version was removed. Reads a file of some kilobytes.
   */
  fingerprint(location: DatasetLocation, version: number): Promise<string | undefined>;
  /** The newest version, unless another one is named. */
  inspect(location: DatasetLocation, version?: number): Promise<DatasetState>;
  /**
   * Performs `effect` on the head, which must be at `baseVersion`, verifying after every native call that the returned
   * version is the planned one (WR-10).
   *
   * @returns the new head version
   * @throws DatasetVersionMovedError when another writer interleaved; the effect may be partly done
   */
  applyEffect(location: DatasetLocation, effect: DatasetEffect, baseVersion: number, options?: EffectOptions): Promise<number>;
  /** Makes the versions after `baseVersion`, up to the head `headVersion`, as durable as the level of the graph wants it (ST-21). */
  persist(location: DatasetLocation, baseVersion: number, headVersion: number): Promise<void>;
  /** Searchable words of a text, in order and with repetitions: the ones that a full-text index with these settings holds. */
  tokenize(text: string, analysis: TextAnalysis): readonly string[];
  close(): void;
}

/** A native branch of a dataset, or what a crash left of one. */
export interface ForkState {
  readonly nativeBranch: string;
  /** Null = the native main lineage; also for incomplete forks, of which nothing is known. */
  readonly parent: string | null;
  readonly parentVersion: number;
  /** False = only left-over files of a branch that was being created or deleted; no location may name it. */
  readonly isComplete: boolean;
}

export interface VersionState {
  readonly version: number;
  /** Unix time in milliseconds, rounded down. */
  readonly createdAtMs: number;
}

export interface RemovedVersions {
  readonly versionCount: number;
  readonly byteCount: number;
}

export interface PruneResult extends RemovedVersions {
  /** Greater than before when the call compacted as well (SUB-12). */
  readonly headVersion: number;
}

/**
 * Operations that commit as a side effect outside the coordinator; named apart so that no writer uses them by accident
 * (DG-2). For recovery, forks, maintenance, init and schema apply.
 */
export interface DatasetAdministration {
  /** Creates an empty dataset with its fixed indexes. @returns its version */
  createEmpty(location: DatasetLocation, schema: DatasetSchema): Promise<number>;
  exists(location: DatasetLocation): Promise<boolean>;
  /** Appends a version with the content of `version`. @returns the new head version */
  restore(location: DatasetLocation, version: number): Promise<number>;
  /** The whole dataset, native branches included. */
  drop(location: DatasetLocation): Promise<void>;
  /**
   * Creates the native branch `to.nativeBranch` at `version` of `from`, with usable indexes (DG-7: they are rebuilt when `from` is
   * itself a fork). Copies no rows.
   *
   * @returns the head version of the fork: `version`, or more when indexes were rebuilt
   * @throws StorageError of kind Precondition when the name is taken, also by left-over files;
   *   HistoricalVersionReclaimedError when `version` was pruned
   */
  fork(from: DatasetLocation, version: number, to: DatasetLocation): Promise<number>;
  /**
   * Native version of the lineage's head; undefined when the dataset or the native branch does not exist. Versions that a loss of power
   * left without their content do not count: they are set aside.
   */
  findHead(location: DatasetLocation): Promise<number | undefined>;
  /**
   * Ascending by name. A branch that is being created at this moment looks incomplete: hold the dataset's gate and the lease.
   *
   * @throws StorageError of kind NotFound when there is no dataset
   */
  listForks(directory: string): Promise<readonly ForkState[]>;
  /**
   * Removes a native branch, or what is left of one. Idempotent. Open readers of the branch lose their files.
   *
   * @throws ForkInUseError when another fork descends from it
   */
  deleteFork(location: DatasetLocation): Promise<void>;
  /** Ascending. Reads every version file that is kept: never on a hot path. */
  listVersions(location: DatasetLocation): Promise<readonly VersionState[]>;
  /**
   * Native operation of each version after `version`, up to the head, ascending (MT-45): `Append`, `Delete`, `Overwrite`,
   * `CreateIndex`, `Rewrite`, `Merge`, `Restore`, `ReserveFragments`, `Update`, `Project`, `UpdateConfig`, `DataReplacement`, `Clone`.
   * Undefined where the record is missing, unreadable or of another kind.
   */
  operationsAfter(location: DatasetLocation, version: number): Promise<readonly (string | undefined)[]>;
  /** Of the newest version, unless another one is named; ascending by column, then kind. */
  indexes(location: DatasetLocation, version?: number): Promise<readonly IndexState[]>;
  /**
   * Removes versions created before `beforeMs` (Unix time in milliseconds, exclusive) and the files only they use. The newest
   * version, versions that forks start from and files that no version names yet stay.
   */
  prune(location: DatasetLocation, beforeMs: number): Promise<PruneResult>;
  /** Removes temporary files of killed writers, last changed before `beforeMs`, in all lineages of a dataset. @returns bytes */
  removeResidue(directory: string, beforeMs: number): Promise<number>;
}

/** One row of the manifest table (`spec/engine-storage.md` §5.2). */
export interface ManifestRow {
  readonly key: string;
  readonly seq: number;
  /** `seq` this row's writer saw; the head moves only from it. */
  readonly base: number;
  readonly txId: string;
  /** Unix time in microseconds. */
  readonly createdAt: number;
  /** JSON. */
  readonly payload: string;
}

export interface MergeResult {
  readonly updatedCount: number;
  readonly insertedCount: number;
  /** Native version the merge made. */
  readonly version: number;
}

/** The table behind the manifest: conditional merges and point reads. Knows nothing about graphs. */
export interface ManifestTable {
  exists(): Promise<boolean>;
  /** Creates the table with all its first rows in one native call. Fails when it exists. */
  create(rows: readonly ManifestRow[]): Promise<void>;
  /** Native version of the table, changes of other processes included. Cheap: microseconds on a quiet local disk. */
  probe(): Promise<number>;
  /** As {@link probe}, where one look at the local disk shows that nothing changed since the last one; otherwise undefined. */
  probeNow(): number | undefined;
  /** Newest stored rows for `keys`; absent keys are missing from the map. */
  readRows(keys: readonly string[]): Promise<ReadonlyMap<string, ManifestRow>>;
  /** All rows whose key starts with `prefix`, ascending by `seq`. For history listings, never on a hot path. */
  readRowsByPrefix(prefix: string): Promise<readonly ManifestRow[]>;
  /**
   * One native merge on `key`: a row that exists is replaced iff its stored `seq` equals the new row's `base`; a row
   * that does not exist is inserted (MAN-20).
   */
  conditionalMerge(rows: readonly ManifestRow[]): Promise<MergeResult>;
  /**
   * Compacts the table without changing a row, and removes its native versions older than `keepMs`, by default half a minute.
   * Best effort: nothing is replaced when a publish came in between.
   */
  compact(keepMs?: number): Promise<CompactionCounts>;
  /**
   * For a writer that cannot read the table: renames its newest versions when a loss of power left them without their content.
   *
   * @returns names of the files that were set aside; none when the table is whole, and on S3
   */
  setTornVersionsAside(): Promise<readonly string[]>;
}

/** Everything below one graph root, opened together. */
export interface GraphStorage {
  readonly datasets: DatasetGateway;
  readonly administration: DatasetAdministration;
  readonly manifest: ManifestTable;
  close(): void;
}
