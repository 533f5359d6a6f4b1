import { type EdgeType, nodeTypeKey } from "@omnigraphdb/compiler";
import type { RowBatch } from "../columnar/column.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import { HashMap64 } from "../hash/hash-table.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { SOURCE_COLUMN, SOURCE_HASH_COLUMN } from "../storage/dataset-schema.js";
import { scanByHashes } from "./committed-rows.js";
import type { GraphDelta, TypeDelta, TypeResolution } from "./delta.js";
import { ConstraintViolationError } from "./errors.js";
import { hashPairs } from "./hash-pairs.js";
import { PHASE_CARDINALITY, type ViolationSink } from "./violations.js";

/** Edges per source, for the sources the write touches. Counts may pass below zero while they are gathered. */
class SourceCounts {
  readonly #slots: HashMap64 = new HashMap64();
  #counts: Int32Array = new Int32Array(64);

  get size(): number {
    return this.#slots.size;
  }

  /** Counts `amount` for a source, which becomes a touched one. */
  touch(lo: number, hi: number, amount: number): void {
    const entry = this.#slots.size;
    const slot = this.#slots.insert(lo, hi, entry);
    const at = slot < 0 ? entry : this.#slots.valueAt(slot);
    if (at >= this.#counts.length) {
      const grown = new Int32Array(this.#counts.length * 2);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#counts[at] = (this.#counts[at] as number) + amount;
  }

  /** Counts one committed edge if its source is touched. */
  addCommitted(lo: number, hi: number): void {
    const at = this.#slots.get(lo, hi);
    if (at !== undefined) this.#counts[at] = (this.#counts[at] as number) + 1;
  }

  count(lo: number, hi: number): number | undefined {
    const at = this.#slots.get(lo, hi);
    return at === undefined ? undefined : this.#counts[at];
  }

  sources(): Iterable<{ readonly lo: number; readonly hi: number }> {
    return this.#slots.entries();
  }
}

export interface CardinalityOptions {
  readonly resolution: TypeResolution;
  readonly committed: PinnedDataset | undefined;
  /** Sources of new edges that do not exist; reported already. */
  readonly missingSources: HashMap64 | undefined;
  readonly violations: ViolationSink;
  readonly signal: AbortSignal | undefined;
}

/**
 * W16, VA-40: number of outgoing edges of every source whose edges the write adds, moves, removes or replaces. Sources that
 * the write deletes are skipped. Both ends of all edges were checked before, so within the source type a hash names one node.
 */
export async function checkCardinality(delta: GraphDelta, edges: TypeDelta, type: EdgeType, options: CardinalityOptions): Promise<void> {
  const { min, max } = type.cardinality;
  if (min === 0 && max === null) return;
  const counts = await countEdges(edges, options);
  if (edges.replacesAll && min > 0) await touchReplaced(counts, options);
  const sources = delta.types.get(nodeTypeKey(type.source));
  const isDeleted = (lo: number, hi: number): boolean =>
    sources?.replacesAll === true ? !sources.ids.hasHash(lo, hi) : sources?.removed?.hashes.has(lo, hi) === true;
  const broken = new HashMap64();
  for (const { lo, hi } of counts.sources()) {
    const count = counts.count(lo, hi) ?? 0;
    if (count >= min && (max === null || count <= max)) continue;
    if (isDeleted(lo, hi) || options.missingSources?.has(lo, hi) === true) continue;
    broken.insert(lo, hi, count);
  }
  if (broken.size > 0) await report(edges, type, broken, options);
}

async function countEdges(edges: TypeDelta, options: CardinalityOptions): Promise<SourceCounts> {
  const counts = new SourceCounts();
  for await (const { firstOrdinal, batch } of edges.rows.batches([SOURCE_HASH_COLUMN])) {
    const pairs = hashPairs(batch, SOURCE_HASH_COLUMN);
    for (let row = 0; row < batch.rowCount; row++) {
      if (!edges.dropped.has(firstOrdinal + row)) counts.touch(pairs[2 * row] as number, pairs[2 * row + 1] as number, 1);
    }
  }
  for (const { lo, hi, value } of options.resolution.replacedSources.entries()) counts.touch(lo, hi, -value);
  for (const { lo, hi, value } of edges.removed?.sources.entries() ?? []) counts.touch(lo, hi, -value);
  if (edges.replacesAll || options.committed === undefined) return counts;
  for await (const batch of scanTouched(options.committed, [SOURCE_HASH_COLUMN], counts, options.signal)) {
    const pairs = hashPairs(batch, SOURCE_HASH_COLUMN);
    for (let row = 0; row < batch.rowCount; row++) counts.addCommitted(pairs[2 * row] as number, pairs[2 * row + 1] as number);
  }
  return counts;
}

/** The edges of every committed source are gone, whether it gets new ones or not. */
async function touchReplaced(counts: SourceCounts, { committed, signal }: CardinalityOptions): Promise<void> {
  if (committed === undefined) return;
  for await (const batch of committed.scan({ columns: [SOURCE_HASH_COLUMN], ...(signal === undefined ? {} : { signal }) })) {
    const pairs = hashPairs(batch, SOURCE_HASH_COLUMN);
    for (let row = 0; row < batch.rowCount; row++) counts.touch(pairs[2 * row] as number, pairs[2 * row + 1] as number, 0);
  }
}

function scanTouched(
  committed: PinnedDataset,
  columns: readonly string[],
  touched: { readonly size: number; sources(): Iterable<{ readonly lo: number; readonly hi: number }> },
  signal: AbortSignal | undefined,
): AsyncIterable<RowBatch> {
  return scanByHashes(committed, columns, SOURCE_HASH_COLUMN, touched.size, () => touched.sources(), signal);
}

/** Finds the ids of the broken sources in the new and the committed edges, and offers one violation each. */
async function report(edges: TypeDelta, type: EdgeType, broken: HashMap64, options: CardinalityOptions): Promise<void> {
  const columns = [SOURCE_COLUMN, SOURCE_HASH_COLUMN];
  for await (const { batch } of edges.rows.batches(columns)) reportBatch(batch, type, broken, options.violations);
  if (options.committed === undefined) return;
  const touched = { size: broken.size, sources: () => broken.entries() };
  for await (const batch of scanTouched(options.committed, columns, touched, options.signal)) {
    reportBatch(batch, type, broken, options.violations);
  }
}

function reportBatch(batch: RowBatch, type: EdgeType, broken: HashMap64, violations: ViolationSink): void {
  const { min, max } = type.cardinality;
  const ids = requireColumnOf(batch, SOURCE_COLUMN, "utf8");
  const pairs = hashPairs(batch, SOURCE_HASH_COLUMN);
  for (let row = 0; row < batch.rowCount; row++) {
    const count = broken.get(pairs[2 * row] as number, pairs[2 * row + 1] as number);
    if (count === undefined) continue;
    const source = decodeUtf8(ids.bytes, ids.offsets[row] as number, ids.offsets[row + 1] as number);
    const bound = count < min ? `min ${min}` : `max ${max}`;
    violations.offer({ phase: PHASE_CARDINALITY, typeKey: type.typeKey, entityId: source, rank: 0 }, () => {
      const message = `@card violation on edge ${type.name}: source '${source}' has ${count} edges (${bound})`;
      return new ConstraintViolationError("cardinality", type.typeKey, source, message);
    });
  }
}
