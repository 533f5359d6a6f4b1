import type { TextAnalysis } from "@omnigraphdb/compiler";
import { textAnalysisName } from "@omnigraphdb/compiler";
import { paddedLength } from "../cache/cache-file-format.js";
import { datasetFolder, pruneFiles, versionStem } from "../cache/cache-file-names.js";
import type { CacheFiles } from "../cache/cache-files.js";
import type { SnapshotEntry } from "../manifest/snapshot.js";
import { ByteStringTable } from "./byte-string-table.js";
import type { Postings } from "./postings.js";

/** Smaller indexes are built as quickly as they are read. */
export const TEXT_FILE_ROWS_MIN = 1_000;
const POSTINGS_MIN = 50_000;
/** Raised when analysis or layout change: both decide what a file means. */
const LAYOUT_VERSION = 1;
const HEADER_WORDS = 6;

/** A text property of one dataset version, under one analysis. */
export interface TextIndexState {
  readonly entry: SnapshotEntry;
  /** Stable across renames. */
  readonly propertyId: bigint;
  readonly analysis: TextAnalysis;
}

/** Postings from their file; undefined when there is none that fits. */
export async function readPostingsFile(files: CacheFiles, state: TextIndexState): Promise<Postings | undefined> {
  if (state.entry.entityCount < TEXT_FILE_ROWS_MIN) return undefined;
  const payload = await files.read(nameOf(state));
  const postings = payload === undefined ? undefined : decodePostings(payload);
  return postings?.lengths.length === state.entry.entityCount ? postings : undefined;
}

/** Postings of the newest earlier version of the same lineage that has a file. */
export async function readEarlierPostingsFile(files: CacheFiles, state: TextIndexState): Promise<{ readonly version: number; readonly postings: Postings } | undefined> {
  const folder = datasetFolder("text", state.entry);
  const suffix = suffixOf(state);
  const versions = (await files.list(folder)).filter((name) => name.endsWith(suffix)).map((name) => Number(name.slice(folder.length, -suffix.length)));
  const version = Math.max(...versions.filter((other) => other < state.entry.publishedVersion));
  if (version === -Infinity) return undefined;
  const payload = await files.read(nameOf({ ...state, entry: { ...state.entry, publishedVersion: version } }));
  const postings = payload === undefined ? undefined : decodePostings(payload);
  return postings === undefined ? undefined : { version, postings };
}

/** Writes the file if one is worth having, and deletes those of versions long past. */
export async function writePostingsFile(files: CacheFiles, state: TextIndexState, postings: Postings): Promise<void> {
  if (!files.isWritable || state.entry.entityCount < TEXT_FILE_ROWS_MIN || postings.rows.length < POSTINGS_MIN) return;
  await files.write(nameOf(state), encodePostings(postings), [state.entry]);
  await pruneFiles(files, datasetFolder("text", state.entry), suffixOf(state));
}

function nameOf(state: TextIndexState): string {
  return `${datasetFolder("text", state.entry)}${versionStem(state.entry)}${suffixOf(state)}`;
}

function suffixOf({ propertyId, analysis }: TextIndexState): string {
  return `-${propertyId}-${textAnalysisName(analysis)}.words`;
}

/** Sections: header (layout version and five lengths), bytes and offsets of the words, starts, rows, counts, lengths. */
export function encodePostings({ words, starts, rows, counts, lengths }: Postings): readonly Uint8Array[] {
  const pool = words.pool();
  const header = Uint32Array.of(LAYOUT_VERSION, words.count, pool.length, rows.length, lengths.length, counts.BYTES_PER_ELEMENT);
  return [header, pool, words.offsets(), starts, rows, counts, lengths].map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
}

/** @param payload the sections, one after another as cache files align them */
export function decodePostings(payload: Uint8Array<ArrayBuffer>): Postings | undefined {
  if (payload.byteLength < HEADER_WORDS * 4) return undefined;
  const [layout, wordCount = 0, poolBytes = 0, postingCount = 0, rowCount = 0, countBytes = 0] = new Uint32Array(payload.buffer, payload.byteOffset, HEADER_WORDS);
  const sizes = [HEADER_WORDS * 4, poolBytes, (wordCount + 1) * 4, (wordCount + 1) * 4, postingCount * 4, postingCount * countBytes, rowCount * 4];
  const total = sizes.reduce((sum, size) => sum + paddedLength(size), 0);
  if (layout !== LAYOUT_VERSION || (countBytes !== 1 && countBytes !== 4) || total !== payload.byteLength) return undefined;
  let at = payload.byteOffset;
  const starts = sizes.map((size) => {
    const start = at;
    at += paddedLength(size);
    return start;
  });
  const words32 = (section: number, length: number): Uint32Array => new Uint32Array(payload.buffer, starts[section], length);
  const bytes = (section: number, length: number): Uint8Array => new Uint8Array(payload.buffer, starts[section], length);
  const offsets = words32(2, wordCount + 1);
  const postingStarts = words32(3, wordCount + 1);
  if (offsets[wordCount] !== poolBytes || postingStarts[wordCount] !== postingCount) return undefined;
  return {
    words: ByteStringTable.of(bytes(1, poolBytes), offsets),
    starts: postingStarts,
    rows: words32(4, postingCount),
    counts: countBytes === 1 ? bytes(5, postingCount) : words32(5, postingCount),
    lengths: words32(6, rowCount),
  };
}
