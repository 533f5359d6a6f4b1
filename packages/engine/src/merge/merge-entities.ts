/**
 * What a merge does to the entities of one type. The target's own changes need no search: they matter only where the source
 * changed the same entity, and everything else of the target stays as it is.
 */
import type { EntityType } from "@omnigraphdb/compiler";
import type { BatchRow } from "../delta/cells-equal.js";
import { type ChangedEntity, revisionOf } from "../delta/find-changes.js";
import { heavyColumns, type RowComparison, type RowPair, stagedColumns } from "../delta/row-comparison.js";
import { lookUpRows } from "../delta/row-lookup.js";
import { hashPairs } from "../validate/hash-pairs.js";
import { HASH_COLUMN, SOURCE_HASH_COLUMN } from "../storage/dataset-schema.js";
import { HashMap64 } from "../hash/hash-table.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import type { BatchStaging, StagedRows } from "../staging/batch-staging.js";
import type { RemovedEntities } from "../validate/delta.js";
import { increment } from "../validate/existing-rows.js";
import { classifyEntity, type EntityDecision } from "./classify-entity.js";
import { type MergeConflict, structuralConflict } from "./merge-conflict.js";
import { RowCollector } from "./row-collector.js";

export interface EntityMergeOptions {
  readonly type: EntityType;
  readonly source: PinnedDataset | undefined;
  readonly base: PinnedDataset | undefined;
  readonly target: PinnedDataset | undefined;
  /** The target shows the base's state of the type: its images are the base's. */
  readonly isTargetBase: boolean;
  /** Rows of base and target with a `__rev` up to this are the same rows; undefined = unknown. */
  readonly targetCommonVersion: number | undefined;
  readonly comparison: RowComparison;
  readonly staging: BatchStaging;
  readonly signal: AbortSignal | undefined;
}

/** Changes the target takes over from the source, validated by nobody yet. */
export interface EntityMerge {
  readonly type: EntityType;
  readonly inserted: StagedRows;
  readonly updated: StagedRows;
  readonly removed: RemovedEntities | undefined;
  readonly conflicts: readonly MergeConflict[];
}

export async function mergeEntities(changes: AsyncIterable<readonly ChangedEntity[]>, options: EntityMergeOptions): Promise<EntityMerge> {
  const { type } = options;
  const columns = stagedColumns(type);
  const inserted = new RowCollector(columns, options.staging);
  const updated = new RowCollector(columns, options.staging);
  const removed = new RemovedRows(type);
  const conflicts: MergeConflict[] = [];
  for await (const chunk of changes) {
    const decisions = await decide(chunk, options);
    const taken: { readonly [K in "insert" | "update"]: ChangedEntity[] } = { insert: [], update: [] };
    for (const [index, entity] of chunk.entries()) {
      const decision = decisions[index] as EntityDecision;
      if (decision === "keep") continue;
      if (decision === "insert" || decision === "update") taken[decision].push(entity);
      else if (decision === "delete") removed.add(entity.id, entity.base as BatchRow);
      else conflicts.push(structuralConflict(type, entity.id, decision));
    }
    // A merge with conflicts writes nothing: rows are gathered only until the first one.
    if (conflicts.length > 0) continue;
    await collect(inserted, taken.insert, options);
    await collect(updated, taken.update, options);
  }
  return { type, inserted: await inserted.finish(), updated: await updated.finish(), removed: removed.entities(), conflicts };
}

async function decide(chunk: readonly ChangedEntity[], options: EntityMergeOptions): Promise<readonly EntityDecision[]> {
  const { isTargetBase, comparison } = options;
  const ids = chunk.map(({ id }) => id);
  const targets = isTargetBase ? undefined : await lookUpRows(options.target, comparison.lightColumns.left, ids, options.signal);
  const targetOf = (entity: ChangedEntity): BatchRow | undefined => (targets === undefined ? entity.base : targets.get(entity.id));

  const likeBase = await compareWith(chunk, (entity) => entity.base, targetOf, options, options.base);
  const unlikeBase = chunk.filter((entity) => likeBase.get(entity.id) !== true);
  const likeSource = await compareWith(unlikeBase, (entity) => entity.source, targetOf, options, options.source);
  return chunk.map((entity) =>
    classifyEntity({
      hasBase: entity.base !== undefined,
      hasSource: entity.source !== undefined,
      hasTarget: targetOf(entity) !== undefined,
      // Only changed entities are looked at.
      sourceEqualsBase: () => false,
      targetEqualsBase: () => likeBase.get(entity.id) === true,
      sourceEqualsTarget: () => likeSource.get(entity.id) === true,
    }),
  );
}

/** Whether the target's image equals that of one side, by id, for entities that have both. */
async function compareWith(
  entities: readonly ChangedEntity[],
  sideOf: (entity: ChangedEntity) => BatchRow | undefined,
  targetOf: (entity: ChangedEntity) => BatchRow | undefined,
  options: EntityMergeOptions,
  dataset: PinnedDataset | undefined,
): Promise<ReadonlyMap<string, boolean>> {
  const result = new Map<string, boolean>();
  const pairs: RowPair[] = [];
  for (const entity of entities) {
    const left = sideOf(entity);
    const right = targetOf(entity);
    if (left === undefined || right === undefined) continue;
    if (left === right || (dataset === options.base && isUntouched(left, right, options.targetCommonVersion))) result.set(entity.id, true);
    else pairs.push({ id: entity.id, left, right });
  }
  const equal = await options.comparison.compare(pairs, dataset, options.target);
  pairs.forEach(({ id }, index) => result.set(id, equal[index] === true));
  return result;
}

/** Neither side wrote the row after the point they have in common. */
function isUntouched(base: BatchRow, target: BatchRow, commonVersion: number | undefined): boolean {
  if (commonVersion === undefined) return false;
  const limit = BigInt(commonVersion);
  return revisionOf(base) <= limit && revisionOf(target) <= limit;
}

/** Stages the source's rows of `entities`. Their vectors and blobs are read now, and for no other row. */
async function collect(collector: RowCollector, entities: readonly ChangedEntity[], options: EntityMergeOptions): Promise<void> {
  const { comparison, type, source, signal } = options;
  if (heavyColumns(type).length === 0) {
    for (const [batch, rows] of groupByBatch(entities.map((entity) => entity.source as BatchRow))) await collector.add(batch, rows);
    return;
  }
  for (let start = 0; start < entities.length; start += comparison.wholeRowChunk) {
    const ids = entities.slice(start, start + comparison.wholeRowChunk).map(({ id }) => id);
    const rows = await lookUpRows(source, stagedColumns(type), ids, signal);
    for (const [batch, numbers] of groupByBatch([...rows.values()])) await collector.add(batch, numbers);
  }
}

function groupByBatch(rows: readonly BatchRow[]): ReadonlyMap<BatchRow["batch"], readonly number[]> {
  const groups = new Map<BatchRow["batch"], number[]>();
  for (const { batch, row } of rows) {
    const group = groups.get(batch);
    if (group === undefined) groups.set(batch, [row]);
    else group.push(row);
  }
  return groups;
}

class RemovedRows {
  readonly #type: EntityType;
  readonly #ids: string[] = [];
  readonly #hashes: HashMap64 = new HashMap64();
  readonly #sources: HashMap64 = new HashMap64();

  constructor(type: EntityType) {
    this.#type = type;
  }

  add(id: string, { batch, row }: BatchRow): void {
    this.#ids.push(id);
    const pairs = hashPairs(batch, HASH_COLUMN);
    this.#hashes.insert(pairs[2 * row] as number, pairs[2 * row + 1] as number, 0);
    if (this.#type.kind !== "edge") return;
    const sources = hashPairs(batch, SOURCE_HASH_COLUMN);
    increment(this.#sources, sources[2 * row] as number, sources[2 * row + 1] as number);
  }

  entities(): RemovedEntities | undefined {
    return this.#ids.length === 0 ? undefined : { ids: this.#ids, hashes: this.#hashes, sources: this.#sources };
  }
}
