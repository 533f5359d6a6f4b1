/**
 * Which entities of a type differ between a source and a base, without reading the table (MG-44).
 *
 * Let c be the last native version the two states have in common (`CommonPoint`). A row that neither side wrote after c is the
 * same in both: both have it from c. So the rows that can differ are
 *
 *   1. rows of the source with `__rev` > c: written since,
 *   2. rows of the base with `__rev` > c: none when the base is the common point itself,
 *   3. rows of c that one side has deleted since and the other has not touched: a set difference over `__h`, needed only when
 *      the row counts say that something was deleted.
 *
 * Earlier merges, recoveries and compactions need no thought: whatever moved a row gave it a version after c.
 */
import type { RowBatch } from "../columnar/column.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import { HashMap64 } from "../hash/hash-table.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { HASH_COLUMN, ID_COLUMN, REVISION_COLUMN } from "../storage/dataset-schema.js";
import { HistoricalVersionReclaimedError } from "../storage/errors.js";
import { hashPairs } from "../validate/hash-pairs.js";
import { scanByHashes } from "../validate/committed-rows.js";
import type { BatchRow } from "./cells-equal.js";
import { missingHashes } from "./missing-hashes.js";
import { lookUpRows } from "./row-lookup.js";
import type { RowComparison, RowPair } from "./row-comparison.js";

/** Entities of one type handled at a time: one filter, one lookup. */
const CHUNK_ROWS = 8_192;

/** An entity that exists on one side only, or on both with different images. */
export interface ChangedEntity {
  readonly id: string;
  readonly source: BatchRow | undefined;
  readonly base: BatchRow | undefined;
}

/** One state of a type; undefined dataset = no rows. */
export interface TypeState {
  readonly dataset: PinnedDataset | undefined;
  readonly rowCount: number;
}

export interface ChangeSearch {
  readonly source: TypeState;
  readonly base: TypeState;
  /** Rows with a `__rev` up to this are common; undefined = every row has to be compared. */
  readonly commonVersion: number | undefined;
  /** The state at the common version; undefined when it is the base itself. Its absence costs a set difference. */
  readonly common: TypeState | undefined;
  readonly isBaseCommon: boolean;
  readonly comparison: RowComparison;
  readonly signal: AbortSignal | undefined;
}

/** What the passes over written rows found out about deletions. */
interface Tally {
  /** Rows of the source written since the common point, and how many of their ids the common point has. */
  sourceWritten: number;
  sourceRewritten: number;
  baseWritten: number;
  baseRewritten: number;
  /** Hashes of ids that one side has and the other has not: in a set difference they stand for no other id. */
  readonly sourceOnly: HashMap64;
  readonly baseOnly: HashMap64;
  /** Undefined as well once it turns out that its files are gone: of a version a fork starts from, cleanup may leave the record alone. */
  common: TypeState | undefined;
}

/** Every changed entity once, in chunks. Bounded memory: a chunk of light columns, and hashes of inserted rows. */
export async function* findChanges(search: ChangeSearch): AsyncGenerator<readonly ChangedEntity[]> {
  const tally: Tally = { sourceWritten: 0, sourceRewritten: 0, baseWritten: 0, baseRewritten: 0, sourceOnly: new HashMap64(), baseOnly: new HashMap64(), common: search.common };
  yield* writtenBySource(search, tally);
  if (search.commonVersion !== undefined && !search.isBaseCommon) yield* writtenByBase(search, tally);
  yield* deletedSince(search, tally);
}

async function* writtenBySource(search: ChangeSearch, tally: Tally): AsyncGenerator<readonly ChangedEntity[]> {
  const { source, base, comparison } = search;
  for await (const chunk of scanWritten(source, comparison.lightColumns.left, search)) {
    const ids = idsOf(chunk);
    const baseRows = await lookUpRows(base.dataset, comparison.lightColumns.right, ids, search.signal);
    tally.sourceWritten += ids.length;
    tally.sourceRewritten += search.isBaseCommon || search.commonVersion === undefined ? baseRows.size : await countKnown(search, tally, ids);
    const changed: ChangedEntity[] = [];
    const pairs: RowPair[] = [];
    for (const [index, id] of ids.entries()) {
      const row = { batch: chunk.batch, row: chunk.start + index };
      const baseRow = baseRows.get(id);
      if (baseRow !== undefined) pairs.push({ id, left: row, right: baseRow });
      else {
        noteHash(tally.sourceOnly, row);
        changed.push({ id, source: row, base: undefined });
      }
    }
    const equal = await comparison.compare(pairs, source.dataset, base.dataset);
    pairs.forEach(({ id, left, right }, index) => {
      if (equal[index] !== true) changed.push({ id, source: left, base: right });
    });
    if (changed.length > 0) yield changed;
  }
}

async function* writtenByBase(search: ChangeSearch, tally: Tally): AsyncGenerator<readonly ChangedEntity[]> {
  const { source, base, comparison } = search;
  const common = BigInt(search.commonVersion ?? 0);
  for await (const chunk of scanWritten(base, comparison.lightColumns.right, search)) {
    const ids = idsOf(chunk);
    const sourceRows = await lookUpRows(source.dataset, comparison.lightColumns.left, ids, search.signal);
    tally.baseWritten += ids.length;
    tally.baseRewritten += await countKnown(search, tally, ids);
    const changed: ChangedEntity[] = [];
    const pairs: RowPair[] = [];
    for (const [index, id] of ids.entries()) {
      const row = { batch: chunk.batch, row: chunk.start + index };
      const sourceRow = sourceRows.get(id);
      if (sourceRow === undefined) {
        noteHash(tally.baseOnly, row);
        changed.push({ id, source: undefined, base: row });
      } else if (revisionOf(sourceRow) <= common) pairs.push({ id, left: sourceRow, right: row });
    }
    const equal = await comparison.compare(pairs, source.dataset, base.dataset);
    pairs.forEach(({ id, left, right }, index) => {
      if (equal[index] !== true) changed.push({ id, source: left, base: right });
    });
    if (changed.length > 0) yield changed;
  }
}

/**
 * Rows of the common point that one side deleted and the other left alone. Two rows of the common point never share a hash, so
 * a hash decides; hashes of ids that the other side does not have at all are left out on both sides.
 */
async function* deletedSince(search: ChangeSearch, tally: Tally): AsyncGenerator<readonly ChangedEntity[]> {
  const { source, base, isBaseCommon, commonVersion, comparison } = search;
  const isOneSided = isBaseCommon || commonVersion === undefined;
  const commonCount = isOneSided ? base.rowCount : tally.common?.rowCount;
  if (commonCount !== undefined) {
    const deletedBySource = commonCount - (source.rowCount - tally.sourceWritten) - tally.sourceRewritten;
    const deletedByBase = isOneSided ? 0 : commonCount - (base.rowCount - tally.baseWritten) - tally.baseRewritten;
    if (deletedBySource === 0 && deletedByBase === 0) return;
  }
  yield* onlyIn(base, source, comparison.lightColumns.right, tally.sourceOnly, search, (row) => ({ base: row, source: undefined }));
  if (!isOneSided) yield* onlyIn(source, base, comparison.lightColumns.left, tally.baseOnly, search, (row) => ({ base: undefined, source: row }));
}

async function* onlyIn(
  here: TypeState,
  there: TypeState,
  columns: readonly string[],
  notThere: HashMap64,
  search: ChangeSearch,
  sides: (row: BatchRow) => Pick<ChangedEntity, "source" | "base">,
): AsyncGenerator<readonly ChangedEntity[]> {
  if (here.dataset === undefined) return;
  const missing = await missingHashes(here, there, notThere, search.signal);
  const limit = search.commonVersion === undefined ? undefined : BigInt(search.commonVersion);
  for await (const batch of scanByHashes(here.dataset, columns, HASH_COLUMN, missing.size, () => missing.entries(), search.signal)) {
    const pairs = hashPairs(batch, HASH_COLUMN);
    let changed: ChangedEntity[] = [];
    for (let row = 0; row < batch.rowCount; row++) {
      if (!missing.has(pairs[2 * row] as number, pairs[2 * row + 1] as number)) continue;
      const found = { batch, row };
      // Rows written since were judged by their ids.
      if (limit !== undefined && revisionOf(found) > limit) continue;
      changed.push({ id: idOf(found), ...sides(found) });
      if (changed.length === CHUNK_ROWS) {
        yield changed;
        changed = [];
      }
    }
    if (changed.length > 0) yield changed;
  }
}

interface Chunk {
  readonly batch: RowBatch;
  readonly start: number;
  readonly end: number;
}

async function* scanWritten({ dataset }: TypeState, columns: readonly string[], { commonVersion, signal }: ChangeSearch): AsyncGenerator<Chunk> {
  if (dataset === undefined) return;
  const written = commonVersion === undefined ? undefined : BigInt(commonVersion);
  const filter =
    written === undefined ? {} : { filter: { kind: "compare", column: REVISION_COLUMN, operator: ">", value: { kind: "integer", value: written } } as const };
  const options = { columns, ...filter, ...(signal === undefined ? {} : { signal }) };
  for await (const batch of dataset.scan(options)) {
    for (let start = 0; start < batch.rowCount; start += CHUNK_ROWS) yield { batch, start, end: Math.min(batch.rowCount, start + CHUNK_ROWS) };
  }
}

/** How many of `ids` the common point has. */
async function countKnown({ signal }: ChangeSearch, tally: Tally, ids: readonly string[]): Promise<number> {
  try {
    return (await lookUpRows(tally.common?.dataset, [ID_COLUMN], ids, signal)).size;
  } catch (error) {
    if (!(error instanceof HistoricalVersionReclaimedError)) throw error;
    tally.common = undefined;
    return 0;
  }
}

function idsOf({ batch, start, end }: Chunk): readonly string[] {
  const ids: string[] = [];
  for (let row = start; row < end; row++) ids.push(idOf({ batch, row }));
  return ids;
}

export function idOf({ batch, row }: BatchRow): string {
  const { bytes, offsets } = requireColumnOf(batch, ID_COLUMN, "utf8");
  return decodeUtf8(bytes, offsets[row] as number, offsets[row + 1] as number);
}

export function revisionOf({ batch, row }: BatchRow): bigint {
  return requireColumnOf(batch, REVISION_COLUMN, "i64").values[row] as bigint;
}

function noteHash(hashes: HashMap64, { batch, row }: BatchRow): void {
  const pairs = hashPairs(batch, HASH_COLUMN);
  hashes.insert(pairs[2 * row] as number, pairs[2 * row + 1] as number, 0);
}
