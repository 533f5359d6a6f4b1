import { assert, must, throwIfAborted } from "@omnigraphdb/common";
import type { EntityType } from "@omnigraphdb/compiler";
import { EntityDictionary } from "../adjacency/entity-dictionary.js";
import { concatColumns } from "../columnar/concat.js";
import type { Column, RowBatch, Uint64Column } from "../columnar/column.js";
import { columnByteCount } from "../columnar/column-bytes.js";
import { emptyColumnOf } from "../columnar/empty-column.js";
import type { SnapshotEntry } from "../manifest/snapshot.js";
import type { PostingsTextIndex } from "../search/postings-text-index.js";
import type { TextIndex } from "../search/text-index.js";
import { type EarlierTextIndex, loadTextIndex, textIndexName, type TextIndexSource, type TextProperty } from "../search/text-index-loader.js";
import type { DatasetGateway, IndexState, NearestOptions, PinnedDataset, TextMatchOptions } from "../storage/dataset-gateway.js";
import { HASH_COLUMN } from "../storage/dataset-schema.js";
import type { Predicate } from "../storage/predicate.js";
import type { ByteBudget } from "./byte-budget.js";
import type { CacheFiles } from "./cache-files.js";
import { movedToVectorMemory } from "../vectors/vector-memory.js";
import { ColumnView } from "./column-view.js";
import { readDictionaryFile } from "./dictionary-file.js";
import { LoadedRows } from "./row-space.js";
import { SharedLoads } from "./shared-loads.js";

const DICTIONARY = "#dictionary";
/** Prefix: no column is called like this. */
const TEXT_INDEX = "#text:";

interface ScanLimits {
  readonly filter?: Predicate;
  readonly admit?: (byteCount: number) => void;
  readonly signal?: AbortSignal;
}

interface ReadRows {
  readonly rowCount: number;
  readonly columns: ReadonlyMap<string, Column>;
}

function asLoadedRows({ rowCount, columns }: ReadRows): LoadedRows {
  return new LoadedRows(rowCount, new Map([...columns].map(([name, column]) => [name, new ColumnView(column)])));
}

/** Where a table's derived state may come from besides the dataset. */
export interface DerivedState {
  readonly files: CacheFiles;
  /** Runs work that no query waits for. */
  readonly later: (work: () => Promise<void>) => void;
  /** Dictionary of an earlier version on the same lineage, if one is in memory. */
  readonly findEarlierDictionary: () => EntityDictionary | undefined;
  /** The table at the newest earlier version on the same lineage that is in memory. */
  readonly findEarlierTable: () => TypeTable | undefined;
}

/**
 * One dataset at one version, held column by column in memory (CA-1). Row numbers are positions in the unfiltered scan order, which
 * is stable for a pinned version. Columns and the dictionary load on first need and leave under the shared byte budget.
 */
export class TypeTable {
  readonly rowCount: number;
  readonly #type: EntityType;
  readonly #entry: SnapshotEntry;
  readonly #datasets: DatasetGateway;
  readonly #loads: SharedLoads;
  readonly #derived: DerivedState;
  #pinned: Promise<PinnedDataset> | undefined;
  #pushedCost = 0;
  #indexes: readonly IndexState[] | undefined;

  constructor(type: EntityType, entry: SnapshotEntry, datasets: DatasetGateway, budget: ByteBudget, derived: DerivedState) {
    this.rowCount = entry.entityCount;
    this.#derived = derived;
    this.#type = type;
    this.#entry = entry;
    this.#datasets = datasets;
    this.#loads = new SharedLoads(budget);
  }

  /** Native version of the dataset. */
  get version(): number {
    return this.#entry.publishedVersion;
  }

  /** Cost of pushed-down reads so far, in milliseconds by estimate: weighed against loading the columns. */
  get pushedCost(): number {
    return this.#pushedCost;
  }

  findView(name: string): ColumnView | undefined {
    return this.#loads.find(name) as ColumnView | undefined;
  }

  findDictionary(): EntityDictionary | undefined {
    return this.#loads.find(DICTIONARY) as EntityDictionary | undefined;
  }

  /** Columns by name, from memory where held. Missing ones are read in one scan, shared with whoever asks meanwhile. */
  async loadViews(names: readonly string[]): Promise<ReadonlyMap<string, ColumnView>> {
    const views = new Map<string, ColumnView>();
    const missing: string[] = [];
    for (const name of names) {
      const view = this.findView(name);
      if (view === undefined) missing.push(name);
      else views.set(name, view);
    }
    if (missing.length === 0) return views;
    const loaded = await this.#loads.loadAll(missing, async (unshared) => {
      const columns = await this.readColumns(unshared);
      return new Map(unshared.map((name) => [name, this.#keep(name, must(columns.get(name), `column ${name} is missing`))]));
    });
    for (const name of missing) views.set(name, loaded.get(name) as ColumnView);
    return views;
  }

  async loadDictionary(): Promise<EntityDictionary> {
    const known = this.findDictionary();
    if (known !== undefined) return known;
    const loaded = await this.#loads.loadAll([DICTIONARY], async () => {
      const dictionary = await this.#makeDictionary();
      return new Map([[DICTIONARY, this.#loads.put(DICTIONARY, dictionary, dictionary.byteCount)]]);
    });
    return loaded.get(DICTIONARY) as EntityDictionary;
  }

  findTextIndex(property: TextProperty): PostingsTextIndex | undefined {
    return this.#loads.find(TEXT_INDEX + textIndexName(property)) as PostingsTextIndex | undefined;
  }

  /** Words of a text property, under the analysis of the reader's schema: it may change while the dataset stays. */
  async loadTextIndex(property: TextProperty): Promise<TextIndex> {
    const known = this.findTextIndex(property);
    if (known !== undefined) return known;
    const name = TEXT_INDEX + textIndexName(property);
    const loaded = await this.#loads.loadAll([name], async () => {
      const index = await loadTextIndex(this.#textSource(), property, {
        datasets: this.#datasets,
        files: this.#derived.files,
        later: this.#derived.later,
        findEarlier: () => this.#findEarlierTextIndex(property),
      });
      return new Map([[name, this.#loads.put(name, index, index.byteCount)]]);
    });
    return loaded.get(name) as TextIndex;
  }

  #textSource(): TextIndexSource {
    return {
      entry: this.#entry,
      rowCount: this.rowCount,
      batches: (names, filter) => this.batches(names, filter),
      readColumns: async (names) => {
        const held = names.map((name): [string, Column | undefined] => [name, this.findView(name)?.column]);
        return held.every((item): item is [string, Column] => item[1] !== undefined) ? new Map(held) : this.readColumns(names);
      },
    };
  }

  #findEarlierTextIndex(property: TextProperty): EarlierTextIndex | undefined {
    const table = this.#derived.findEarlierTable();
    const index = table?.findTextIndex(property);
    return table === undefined || index === undefined ? undefined : { version: table.version, postings: index.postings, unsavedRowCount: index.unsavedRowCount, loadDictionary: () => table.loadDictionary() };
  }

  /** Once loaded. */
  findIndexes(): readonly IndexState[] | undefined {
    return this.#indexes;
  }

  /** The native indexes, which need not cover all rows. */
  async loadIndexes(): Promise<readonly IndexState[]> {
    this.#indexes ??= await (await this.#open()).indexes();
    return this.#indexes;
  }

  /** As {@link PinnedDataset.nearest}. */
  async nearest(options: NearestOptions): Promise<RowBatch> {
    return (await this.#open()).nearest(options);
  }

  /** Whole columns, read and not kept: for what is derived from them and kept instead. */
  async readColumns(names: readonly string[]): Promise<ReadonlyMap<string, Column>> {
    const { rowCount, columns } = await this.#scan(names, {});
    this.checkRowCount(rowCount);
    return columns;
  }

  /** Rows as they are read, in scan order, and not kept. */
  async *batches(names: readonly string[], filter?: Predicate): AsyncGenerator<RowBatch> {
    const pinned = await this.#open();
    yield* pinned.scan({ columns: names, ...(filter === undefined ? {} : { filter }) });
  }

  /** What a whole scan delivered must be what the snapshot says. */
  checkRowCount(rowCount: number): void {
    assert(rowCount === this.rowCount, `${this.#entry.typeKey} has ${rowCount} rows where its snapshot says ${this.rowCount}`);
  }

  /**
   * The rows that satisfy a filter, with `names` columns. Bypasses the held columns.
   *
   * @param cost estimate in milliseconds, added to {@link pushedCost}
   * @param admit called with the bytes fetched so far; throws to stop
   */
  async readSubset(names: readonly string[], filter: Predicate | undefined, cost: number, admit: (byteCount: number) => void, signal?: AbortSignal): Promise<LoadedRows> {
    this.#pushedCost += cost;
    return asLoadedRows(await this.#scan(names, { admit, ...(filter === undefined ? {} : { filter }), ...(signal === undefined ? {} : { signal }) }));
  }

  /** The rows that share a word with a text, through a full-text index; otherwise as {@link readSubset}. */
  async readTextMatches(match: TextMatchOptions, cost: number, admit: (byteCount: number) => void): Promise<LoadedRows> {
    this.#pushedCost += cost;
    const pinned = await this.#open();
    return asLoadedRows(await this.#collect(match.columns, pinned.matchText(match), { admit, ...(match.signal === undefined ? {} : { signal: match.signal }) }));
  }

  async #makeDictionary(): Promise<EntityDictionary> {
    const { files, findEarlierDictionary } = this.#derived;
    const known = await readDictionaryFile(files, this.#entry);
    if (known !== undefined) return known;
    const hashes = (await this.readColumns([HASH_COLUMN])).get(HASH_COLUMN) as Uint64Column;
    const earlier = findEarlierDictionary();
    return earlier === undefined ? new EntityDictionary(hashes) : EntityDictionary.advanced(earlier, hashes);
  }

  clear(): void {
    this.#loads.clear();
    this.#pinned = undefined;
  }

  #keep(name: string, column: Column): ColumnView {
    const held = column.kind === "vector" ? movedToVectorMemory(column) : column;
    const view = new ColumnView(held, (grown) => {
      if (this.findView(name) === grown) this.#loads.put(name, grown, grown.byteCount);
    });
    return this.#loads.put(name, view, view.byteCount);
  }

  async #scan(names: readonly string[], options: ScanLimits): Promise<ReadRows> {
    const pinned = await this.#open();
    const { filter, signal } = options;
    const scan = pinned.scan({ columns: names, ...(filter === undefined ? {} : { filter }), ...(signal === undefined ? {} : { signal }) });
    return this.#collect(names, scan, options);
  }

  async #collect(names: readonly string[], batches: AsyncIterable<RowBatch>, { admit, signal }: ScanLimits): Promise<ReadRows> {
    const parts = new Map<string, Column[]>(names.map((name) => [name, []]));
    let rowCount = 0;
    let byteCount = 0;
    for await (const batch of batches) {
      throwIfAborted(signal, "query");
      rowCount += batch.rowCount;
      for (const [name, columnParts] of parts) {
        const column = must(batch.columns.get(name), `column ${name} was not delivered`);
        byteCount += columnByteCount(column);
        columnParts.push(column);
      }
      admit?.(byteCount);
    }
    const columns = new Map<string, Column>();
    for (const [name, columnParts] of parts) {
      columns.set(name, columnParts.length === 0 ? emptyColumnOf(this.#type, name) : concatColumns(columnParts));
    }
    return { rowCount, columns };
  }

  #open(): Promise<PinnedDataset> {
    if (this.#pinned === undefined) {
      this.#pinned = this.#datasets.openPinned(this.#entry.location, this.#entry.publishedVersion);
      this.#pinned.catch(() => (this.#pinned = undefined));
    }
    return this.#pinned;
  }
}
