import { assert, CancelledError, must, throwIfAborted } from "@omnigraphdb/common";
import type { TextAnalysis } from "@omnigraphdb/compiler";
import type { Schema } from "apache-arrow";
import type { Table } from "@lancedb/lancedb";
import { batchByteCount } from "../../columnar/column-bytes.js";
import { nativeBuffersDropped } from "../../columnar/dropped-buffers.js";
import type { Column, RowBatch } from "../../columnar/column.js";
import { hashBytes, hashWordsToBigInt } from "../../hash/entity-hash.js";
import {
  type BatchSource,
  type DatasetEffect,
  type DatasetGateway,
  type DatasetLocation,
  type DatasetState,
  DELETE_IDS_PER_CALL_MAX,
  type EffectOptions,
  type IndexState,
  type NearestOptions,
  type PinnedDataset,
  ROW_NUMBER_COLUMN,
  type ScanOptions,
  type StoredBlob,
  type TextMatchOptions,
} from "../dataset-gateway.js";
import { ID_COLUMN, REVISION_COLUMN } from "../dataset-schema.js";
import { DatasetVersionMovedError, HistoricalVersionReclaimedError, isStorageError, StorageError } from "../errors.js";
import type { Predicate } from "../predicate.js";
import { classifyNativeError, translateNativeErrors } from "./classify-error.js";
import { openBlobs, rowNumbersOf, withBlobs } from "./blob-reads.js";
import { fromArrowBatch, isBlobField, nullableFieldOf, toArrowTable } from "./column-codec.js";
import { type LanceConnections, tableAddressOf } from "./lance-connection.js";
import { buildIndex, indexStates, rebuildIndexes } from "./native-indexes.js";
import { batchesOf, SCAN_BATCH_ROWS } from "./query-batches.js";
import { quoteColumn, quoteText, renderPredicate } from "./render-predicate.js";
import { nearestRows, textMatches } from "./search-reads.js";
import { tokenizeNatively } from "./text-settings.js";
import { decodeVersionFile, versionFileName } from "./version-record.js";

/** Open pinned handles kept; one costs a few kilobytes. */
const PINNED_HANDLES_MAX = 512;
/** Keeps compaction from pruning: nothing is older (SUB-10). */
const KEEP_ALL_VERSIONS = new Date(0);

/**
 * Datasets as LanceDB tables. Readers get handles pinned to a version, never shared with writers (DG-5); writers use one
 * head handle per lineage, refreshed before each effect.
 */
export class LanceDatasetGateway implements DatasetGateway {
  readonly #connections: LanceConnections;
  /** Least recently used first. */
  readonly #pinned = new Map<string, Promise<PinnedDataset>>();
  readonly #heads = new Map<string, Promise<Table>>();
  /** Where the newest write of rows to a lineage left its head. */
  readonly #lastWrites = new Map<string, { readonly head: Table; readonly version: number; readonly schema: Schema }>();

  constructor(connections: LanceConnections) {
    this.#connections = connections;
  }

  async openPinned(location: DatasetLocation, version: number): Promise<PinnedDataset> {
    const key = `${lineageKey(location)}#${version}`;
    const cached = this.#pinned.get(key);
    const opening = cached ?? this.#openPinned(location, version);
    this.#pinned.delete(key);
    this.#pinned.set(key, opening);
    if (cached === undefined) {
      opening.catch(() => this.#pinned.delete(key));
      const oldest = this.#pinned.keys().next().value;
      if (this.#pinned.size > PINNED_HANDLES_MAX && oldest !== undefined) this.#pinned.delete(oldest);
    }
    return opening;
  }

  async headVersion(location: DatasetLocation): Promise<number> {
    const head = await this.#refreshedHead(location);
    return head.version();
  }

  async fingerprint(location: DatasetLocation, version: number): Promise<string | undefined> {
    const files = await this.#connections.files();
    const record = await files.read(`${this.#connections.lineagePath(location)}/_versions/${versionFileName(version)}`);
    if (record === undefined) return undefined;
    const words = new Uint32Array(2);
    hashBytes(record, 0, record.byteLength, words, 0);
    return hashWordsToBigInt(words[0] as number, words[1] as number).toString(16);
  }

  async inspect(location: DatasetLocation, version?: number): Promise<DatasetState> {
    const table =
      version === undefined
        ? await this.#refreshedHead(location)
        : await this.#connections.openTable(tableAddressOf(location.directory), location.nativeBranch, version);
    return translateNativeErrors({ action: "inspect a dataset" }, async () => {
      const [inspected, { numRows, fragmentStats }] = await Promise.all([table.version(), table.stats()]);
      // Lengths count the rows in the files.
      const storedRowCount = Math.round(fragmentStats.lengths.mean * fragmentStats.numFragments);
      const deletedRowCount = Math.max(0, storedRowCount - numRows);
      return { version: inspected, fragmentCount: fragmentStats.numFragments, rowCount: numRows, deletedRowCount };
    });
  }

  async applyEffect(location: DatasetLocation, effect: DatasetEffect, baseVersion: number, options?: EffectOptions): Promise<number> {
    const last = this.#lastWrites.get(lineageKey(location));
    const isData = effect.kind === "append" || effect.kind === "upsert";
    if (options?.isContinued === true && isData && last?.version === baseVersion) return this.#writeBatches(last.head, location, effect, last);
    const head = await this.#refreshedHead(location);
    const version = await head.version();
    if (version !== baseVersion) throw new DatasetVersionMovedError(baseVersion, version, { effects: "none" });
    if (isData) return this.#writeBatches(head, location, effect, { version, schema: await head.schema() });
    try {
      if (effect.kind === "compact" || effect.kind === "prune") await this.#ownIndexes(head, location, version);
      return await applyToHead(head, effect, baseVersion);
    } finally {
      // Handles pinned to removed versions would go on reading from native caches.
      if (effect.kind === "prune") this.forget(location);
    }
  }

  async #writeBatches(
    head: Table,
    location: DatasetLocation,
    { kind, source }: Extract<DatasetEffect, { readonly source: BatchSource }>,
    base: { readonly version: number; readonly schema: Schema },
  ): Promise<number> {
    const key = lineageKey(location);
    this.#lastWrites.delete(key);
    const version = await writeBatches(head, kind, source, base);
    this.#lastWrites.set(key, { head, version, schema: base.schema });
    return version;
  }

  /** What the native library reports as done survives the process, not a loss of power: `durable-storage.ts` adds that. */
  persist(): Promise<void> {
    return Promise.resolve();
  }

  /** A compaction writes what becomes of an inherited index to the fork, and looks for it where the index came from (DG-7). */
  async #ownIndexes(head: Table, location: DatasetLocation, version: number): Promise<void> {
    if (location.nativeBranch === null) return;
    const files = await this.#connections.files();
    const record = await files.read(`${this.#connections.lineagePath(location)}/_versions/${versionFileName(version)}`);
    const { inheritedIndexes } = decodeVersionFile(must(record, "the newest version of a fork has a file"));
    if (inheritedIndexes.size > 0) await writing(() => rebuildIndexes(head, head, inheritedIndexes));
  }

  /** Forgets every handle of a lineage that was dropped or restored. */
  forget(location: DatasetLocation): void {
    const lineage = lineageKey(location);
    this.#heads.delete(lineage);
    this.#lastWrites.delete(lineage);
    for (const key of [...this.#pinned.keys()]) if (key.startsWith(`${lineage}#`)) this.#pinned.delete(key);
  }

  /** Forgets every handle of a dataset, native branches included. */
  forgetDataset(directory: string): void {
    for (const handles of [this.#heads, this.#lastWrites, this.#pinned]) {
      for (const key of [...handles.keys()]) if (key.startsWith(`${directory}@`)) handles.delete(key);
    }
  }

  tokenize(text: string, analysis: TextAnalysis): readonly string[] {
    return tokenizeNatively(text, analysis);
  }

  close(): void {
    this.#pinned.clear();
    this.#heads.clear();
    this.#lastWrites.clear();
  }

  async #openPinned(location: DatasetLocation, version: number): Promise<PinnedDataset> {
    const table = await this.#openTable(location, version);
    const schema = await translateNativeErrors({ action: "open a dataset", version }, () => table.schema());
    return new LancePinnedDataset(table, schema, version);
  }

  /** A version is gone as well when its whole dataset or fork was removed since: with a dropped type, a deleted branch. */
  async #openTable(location: DatasetLocation, version: number): Promise<Table> {
    try {
      return await this.#connections.openTable(tableAddressOf(location.directory), location.nativeBranch, version);
    } catch (error) {
      if (isStorageError(error, "NotFound")) throw new HistoricalVersionReclaimedError(version, { cause: error });
      throw error;
    }
  }

  async #refreshedHead(location: DatasetLocation): Promise<Table> {
    const key = lineageKey(location);
    const cached = this.#heads.get(key);
    if (cached !== undefined) {
      const head = await cached;
      await translateNativeErrors({ action: "read the newest version of a dataset" }, () => head.checkoutLatest());
      return head;
    }
    const opening = this.#connections.openTable(tableAddressOf(location.directory), location.nativeBranch);
    this.#heads.set(key, opening);
    opening.catch(() => this.#heads.delete(key));
    return opening;
  }
}

function lineageKey(location: DatasetLocation): string {
  return `${location.directory}@${location.nativeBranch ?? ""}`;
}

async function applyToHead(head: Table, effect: Exclude<DatasetEffect, { readonly source: BatchSource }>, baseVersion: number): Promise<number> {
  switch (effect.kind) {
    case "deleteByIds":
      return deleteByIds(head, effect.ids, baseVersion);
    case "deleteAll": {
      const { version, numDeletedRows } = await writing(() => head.delete("true"));
      assert(numDeletedRows > 0, "a planned delete of all rows met an empty dataset");
      return verifiedVersion(baseVersion + 1, version);
    }
    case "compact": {
      const { compaction } = await writing(() => head.optimize({ cleanupOlderThan: KEEP_ALL_VERSIONS }));
      effect.onCompacted?.(compaction);
      return head.version();
    }
    case "addColumns": {
      const fields = effect.columns.map(nullableFieldOf);
      return verifiedVersion(baseVersion + 1, (await writing(() => head.addColumns(fields))).version);
    }
    case "dropColumns": {
      const names = [...effect.names];
      return verifiedVersion(baseVersion + 1, (await writing(() => head.dropColumns(names))).version);
    }
    case "renameColumns": {
      const alterations = effect.renames.map(({ from, to }) => ({ path: from, rename: to }));
      return verifiedVersion(baseVersion + 1, (await writing(() => head.alterColumns(alterations))).version);
    }
    case "buildIndex":
      await writing(() => buildIndex(head, effect.index));
      return head.version();
    case "prune": {
      const { prune } = await writing(() => head.optimize({ cleanupOlderThan: new Date(effect.beforeMs), deleteUnverified: false }));
      effect.onPruned({ versionCount: prune.oldVersionsRemoved, byteCount: prune.bytesRemoved });
      return head.version();
    }
  }
}

async function writeBatches(
  head: Table,
  kind: "append" | "upsert",
  source: BatchSource,
  { version: baseVersion, schema }: { readonly version: number; readonly schema: Schema },
): Promise<number> {
  let version = baseVersion;
  let batchCount = 0;
  for await (const batch of source.batches()) {
    assert(batch.rowCount > 0, "an empty batch was planned");
    assert(++batchCount <= source.batchCount, "more batches than planned");
    const planned = version + 1;
    const table = toArrowTable(withRevision(batch, planned), schema);
    if (kind === "append") {
      version = verifiedVersion(planned, (await writing(() => head.add(table))).version);
    } else {
      const result = await writing(() => head.mergeInsert(ID_COLUMN).whenMatchedUpdateAll().execute(table));
      version = verifiedVersion(planned, result.version);
      verifyRowCount("replaced", batch.rowCount, result.numUpdatedRows);
    }
  }
  assert(batchCount === source.batchCount, "fewer batches than planned");
  return version;
}

async function deleteByIds(head: Table, ids: readonly string[], baseVersion: number): Promise<number> {
  assert(ids.length > 0, "a delete without ids was planned");
  let version = baseVersion;
  for (let start = 0; start < ids.length; start += DELETE_IDS_PER_CALL_MAX) {
    const chunk = ids.slice(start, start + DELETE_IDS_PER_CALL_MAX);
    const filter = `${quoteColumn(ID_COLUMN)} IN (${chunk.map(quoteText).join(",")})`;
    const result = await writing(() => head.delete(filter));
    version = verifiedVersion(version + 1, result.version);
    verifyRowCount("deleted", chunk.length, result.numDeletedRows);
  }
  return version;
}

function writing<T>(run: () => Promise<T>): Promise<T> {
  return translateNativeErrors({ action: "write to a dataset", effects: "possible" }, run);
}

/** SUB-2: a number other than the planned one means that a foreign commit interleaved. */
function verifiedVersion(planned: number, actual: number): number {
  if (actual !== planned) throw new DatasetVersionMovedError(planned, actual);
  return actual;
}

function verifyRowCount(what: string, expected: number, actual: number): void {
  if (expected === actual) return;
  throw new StorageError("Precondition", `${actual} rows were ${what} instead of ${expected}`, {
    effects: "possible",
    hint: "Reopen the graph read-write so that recovery settles the dataset.",
  });
}

/** Every row records the native version that writes it (DG-8). */
function withRevision(batch: RowBatch, version: number): RowBatch {
  const values = new BigInt64Array(batch.rowCount).fill(BigInt(version));
  const revision: Column = { kind: "i64", length: batch.rowCount, validity: undefined, values };
  return { rowCount: batch.rowCount, columns: new Map(batch.columns).set(REVISION_COLUMN, revision) };
}

class LancePinnedDataset implements PinnedDataset {
  readonly version: number;
  readonly #table: Table;
  readonly #schema: Schema;

  constructor(table: Table, schema: Schema, version: number) {
    this.#table = table;
    this.#schema = schema;
    this.version = version;
  }

  async *scan(options: ScanOptions): AsyncGenerator<RowBatch, void, undefined> {
    const { columns, filter, rowCountMax, rowCountSkipped, signal } = options;
    throwIfAborted(signal, "the scan");
    const rendered = filter === undefined ? undefined : renderPredicate(filter, this.#schema);
    if (rendered?.kind === "never" || rowCountMax === 0) return;

    const blobNames = this.#blobColumnsOf(columns);
    const plainNames = columns.filter((name) => !blobNames.includes(name) && name !== ROW_NUMBER_COLUMN);
    const query = this.#table.query().select(plainNames);
    if (rendered !== undefined) query.where(rendered.text);
    if (rowCountMax !== undefined) query.limit(rowCountMax);
    if (rowCountSkipped !== undefined) query.offset(rowCountSkipped);
    // Without any column a batch would arrive without its row count.
    if (plainNames.length < columns.length || columns.length === 0) query.withRowId();
    const delivered = columns.includes(ROW_NUMBER_COLUMN) ? [...plainNames, ROW_NUMBER_COLUMN] : plainNames;
    try {
      for await (const batch of batchesOf(query, SCAN_BATCH_ROWS)) {
        if (batch.numRows === 0) continue;
        const plain = fromArrowBatch(batch, delivered);
        // Reading in parts is for those who want to hold little.
        if (rowCountSkipped !== undefined) nativeBuffersDropped(batchByteCount(plain));
        if (blobNames.length === 0) yield plain;
        else yield* withBlobs(this.#table, plain, rowNumbersOf(batch), blobNames);
        if (signal?.aborted === true) throw new CancelledError("the scan", { cause: signal.reason });
      }
    } catch (error) {
      throw classifyNativeError(error, { action: "read a dataset", version: this.version });
    }
  }

  async countRows(filter?: Predicate): Promise<number> {
    const rendered = filter === undefined ? undefined : renderPredicate(filter, this.#schema);
    if (rendered?.kind === "never") return 0;
    return translateNativeErrors({ action: "count the rows of a dataset", version: this.version }, () =>
      this.#table.countRows(rendered?.text),
    );
  }

  openBlobs(column: string, rowNumbers: BigUint64Array): Promise<readonly (StoredBlob | null)[]> {
    return openBlobs(this.#table, column, rowNumbers, { action: "read a blob", version: this.version });
  }

  indexes(): Promise<readonly IndexState[]> {
    return translateNativeErrors({ action: "list the indexes of a dataset", version: this.version }, () => indexStates(this.#table));
  }

  nearest(options: NearestOptions): Promise<RowBatch> {
    return translateNativeErrors({ action: "search a dataset", version: this.version }, () => nearestRows(this.#table, options));
  }

  async *matchText(options: TextMatchOptions): AsyncGenerator<RowBatch, void, undefined> {
    try {
      yield* textMatches(this.#table, this.#schema, options);
    } catch (error) {
      throw classifyNativeError(error, { action: "search a dataset", version: this.version });
    }
  }

  #blobColumnsOf(columns: readonly string[]): readonly string[] {
    return this.#schema.fields.filter((field) => isBlobField(field) && columns.includes(field.name)).map((field) => field.name);
  }
}
