import { systemPacer } from "@omnigraphdb/common";
import { type Property, textAnalysisName } from "@omnigraphdb/compiler";
import { ABSENT, EntityDictionary } from "../adjacency/entity-dictionary.js";
import type { CacheFiles } from "../cache/cache-files.js";
import type { Column, RowBatch, Uint64Column, Utf8Column } from "../columnar/column.js";
import { concatColumns } from "../columnar/concat.js";
import { requireColumn } from "../columnar/row-batch.js";
import type { SnapshotEntry } from "../manifest/snapshot.js";
import type { DatasetGateway } from "../storage/dataset-gateway.js";
import { HASH_COLUMN, REVISION_COLUMN } from "../storage/dataset-schema.js";
import type { Predicate } from "../storage/predicate.js";
import { advancePostings } from "./advance-postings.js";
import { buildPostingsInTurns } from "./build-postings.js";
import type { Postings } from "./postings.js";
import { PostingsTextIndex } from "./postings-text-index.js";
import { readEarlierPostingsFile, readPostingsFile, type TextIndexState, writePostingsFile } from "./text-index-file.js";

/** What of a property decides about its words. */
export type TextProperty = Pick<Property, "name" | "propertyId" | "textAnalysis">;

/** Changes above this share of the rows are built anew. */
const ADVANCE_SHARE_MAX = 0.1;
/** Fewer rows are built anew at once. */
const ADVANCE_ROWS_MIN = 1_000;
/** Changes below this share of the rows are made again from the older file as quickly as a newer one is read. */
const UNSAVED_SHARE_MAX = 0.01;

/** The same property at an earlier version of the same lineage. */
export interface EarlierTextIndex {
  readonly version: number;
  readonly postings: Postings;
  readonly unsavedRowCount: number;
  /** Undefined when the version is gone. */
  readonly loadDictionary: () => Promise<EntityDictionary | undefined>;
}

/** The dataset version that the index is of. */
export interface TextIndexSource {
  readonly entry: SnapshotEntry;
  readonly rowCount: number;
  readColumns(names: readonly string[]): Promise<ReadonlyMap<string, Column>>;
  batches(names: readonly string[], filter?: Predicate): AsyncIterable<RowBatch>;
}

export interface TextIndexServices {
  readonly datasets: DatasetGateway;
  readonly files: CacheFiles;
  /** Runs work that no query waits for. */
  readonly later: (work: () => Promise<void>) => void;
  /** In memory. */
  readonly findEarlier: () => EarlierTextIndex | undefined;
}

/** Names the words of a property, whatever it is called: equal names mean equal words at the same version. */
export function textIndexName({ propertyId, textAnalysis }: TextProperty): string {
  return `${propertyId}-${textAnalysisName(textAnalysis)}`;
}

/** From a file, or carried over from an earlier version, or built; what differs much from the last file becomes one. */
export async function loadTextIndex(source: TextIndexSource, property: TextProperty, services: TextIndexServices): Promise<PostingsTextIndex> {
  const { datasets, files, later } = services;
  const { textAnalysis: analysis, propertyId } = property;
  const state: TextIndexState = { entry: source.entry, propertyId, analysis };
  const tokenize = (text: string): readonly string[] => datasets.tokenize(text, analysis);
  const stored = await readPostingsFile(files, state);
  if (stored !== undefined) return new PostingsTextIndex(stored, tokenize);
  const carried = await advanced(source, state, property, services);
  if (carried !== undefined && carried.unsavedRowCount <= source.rowCount * UNSAVED_SHARE_MAX) return new PostingsTextIndex(carried.postings, tokenize, carried.unsavedRowCount);
  const postings = carried?.postings ?? (await built(source, property, datasets));
  later(() => writePostingsFile(files, state, postings));
  return new PostingsTextIndex(postings, tokenize);
}

async function built(source: TextIndexSource, property: TextProperty, datasets: DatasetGateway): Promise<Postings> {
  const { name } = property;
  const column = (await source.readColumns([name])).get(name) as Utf8Column;
  return postingsOf(column, property, datasets);
}

function postingsOf(column: Utf8Column, { textAnalysis }: TextProperty, datasets: DatasetGateway): Promise<Postings> {
  return buildPostingsInTurns(column, textAnalysis, (text, analysis) => datasets.tokenize(text, analysis), () => systemPacer.turn());
}

/** Undefined when building is quicker, or when the earlier index cannot be carried over. */
async function advanced(source: TextIndexSource, state: TextIndexState, property: TextProperty, services: TextIndexServices): Promise<Pick<EarlierTextIndex, "postings" | "unsavedRowCount"> | undefined> {
  const { datasets, findEarlier } = services;
  if (source.rowCount < ADVANCE_ROWS_MIN) return undefined;
  const earlier = findEarlier() ?? (await earlierFromFile(state, services));
  if (earlier === undefined || Math.abs(earlier.postings.lengths.length - source.rowCount) > source.rowCount * ADVANCE_SHARE_MAX) return undefined;
  const [dictionary, columns] = await Promise.all([earlier.loadDictionary(), source.readColumns([HASH_COLUMN, REVISION_COLUMN])]);
  if (dictionary?.rowCount !== earlier.postings.lengths.length) return undefined;
  const hashes = columns.get(HASH_COLUMN) as Uint64Column;
  const found = movesSince(earlier.version, dictionary, hashes, columns.get(REVISION_COLUMN) as Uint64Column);
  if (found === undefined || found.changedRows.length > source.rowCount * ADVANCE_SHARE_MAX) return undefined;
  const texts = await changedTexts(source, property.name, earlier.version, found.changedRows, hashes);
  if (texts === undefined) return undefined;
  const changed = await postingsOf(texts, property, datasets);
  const postings = advancePostings(earlier.postings, { rowCount: source.rowCount, ...found, changed });
  return { postings, unsavedRowCount: earlier.unsavedRowCount + found.changedRows.length };
}

async function earlierFromFile(state: TextIndexState, { datasets, files }: TextIndexServices): Promise<EarlierTextIndex | undefined> {
  const found = await readEarlierPostingsFile(files, state);
  return found === undefined ? undefined : { ...found, unsavedRowCount: 0, loadDictionary: () => readDictionary(datasets, state.entry, found.version) };
}

/** Who is in which row of an earlier version; undefined when that version was removed. */
async function readDictionary(datasets: DatasetGateway, { location }: SnapshotEntry, version: number): Promise<EntityDictionary | undefined> {
  const parts: Column[] = [];
  try {
    const pinned = await datasets.openPinned(location, version);
    for await (const batch of pinned.scan({ columns: [HASH_COLUMN] })) parts.push(requireColumn(batch, HASH_COLUMN));
  } catch {
    // Reclaimed, perhaps while it was read. Then the index is built, and a store that fails fails there.
    return undefined;
  }
  return parts.length === 0 ? undefined : new EntityDictionary(concatColumns(parts) as Uint64Column);
}

/** Undefined when rows stand in another order than before. */
function movesSince(version: number, dictionary: EntityDictionary, hashes: Uint64Column, revisions: Uint64Column): { readonly moves: Uint32Array; readonly changedRows: Uint32Array } | undefined {
  const rows = new Uint32Array(hashes.length);
  dictionary.findAll(hashes, rows, 0);
  const moves = new Uint32Array(dictionary.rowCount).fill(ABSENT);
  const changedRows: number[] = [];
  const since = BigInt(version);
  let last = -1;
  for (let row = 0; row < rows.length; row++) {
    if ((revisions.values[row] as bigint) > since) {
      changedRows.push(row);
      continue;
    }
    const earlierRow = rows[row] as number;
    if (earlierRow === ABSENT || earlierRow <= last) return undefined;
    moves[earlierRow] = row;
    last = earlierRow;
  }
  return { moves, changedRows: Uint32Array.from(changedRows) };
}

/** Texts of the rows that were written after `version`; undefined when others are found than `rows`. */
async function changedTexts(source: TextIndexSource, name: string, version: number, rows: Uint32Array, hashes: Uint64Column): Promise<Utf8Column | undefined> {
  const newer: Predicate = { kind: "compare", column: REVISION_COLUMN, operator: ">", value: { kind: "integer", value: BigInt(version) } };
  const parts: Column[] = [];
  let count = 0;
  for await (const batch of source.batches([HASH_COLUMN, name], newer)) {
    const found = (requireColumn(batch, HASH_COLUMN) as Uint64Column).values;
    for (let at = 0; at < batch.rowCount; at++, count++) if (found[at] !== hashes.values[rows[count] as number]) return undefined;
    parts.push(requireColumn(batch, name));
  }
  if (count !== rows.length) return undefined;
  if (parts.length === 0) return { kind: "utf8", length: 0, validity: undefined, offsets: new Int32Array(1), bytes: new Uint8Array(0) };
  return concatColumns(parts) as Utf8Column;
}
