import { type EdgeType, nodeTypeKey } from "@omnigraphdb/compiler";
import type { RowBatch } from "../columnar/column.js";
import { RowSet } from "../columnar/row-set.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import { HashMap64 } from "../hash/hash-table.js";
import { IdentityIndex } from "../hash/identity-index.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { HASH_COLUMN, ID_COLUMN, SOURCE_COLUMN, SOURCE_HASH_COLUMN, TARGET_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import { scanByHashes } from "./committed-rows.js";
import type { GraphDelta, TypeDelta } from "./delta.js";
import { ConstraintViolationError } from "./errors.js";
import { hashPairs } from "./hash-pairs.js";
import { PHASE_ENDPOINTS, type ViolationSink } from "./violations.js";

/** Opens the committed rows of a type; undefined when it has none. */
export type OpenCommitted = (typeKey: string) => Promise<PinnedDataset | undefined>;

interface Side {
  readonly word: "src" | "dst";
  readonly column: string;
  readonly hashColumn: string;
  readonly rank: number;
  readonly nodeTypeOf: (type: EdgeType) => string;
}

const SIDES: readonly Side[] = [
  { word: "src", column: SOURCE_COLUMN, hashColumn: SOURCE_HASH_COLUMN, rank: 0, nodeTypeOf: (type) => type.source },
  { word: "dst", column: TARGET_COLUMN, hashColumn: TARGET_HASH_COLUMN, rank: 1, nodeTypeOf: (type) => type.target },
];

export interface EndpointOptions {
  readonly openCommitted: OpenCommitted;
  readonly violations: ViolationSink;
  readonly signal: AbortSignal | undefined;
}

/**
 * W15, VA-30: after the write both ends of every new or changed edge exist as nodes of the declared types. Ends inside
 * the write are looked up in its ids; the others, each once, in the committed rows.
 *
 * @returns hashes of the sources that do not exist, by type key of the edge
 */
export async function checkEndpoints(delta: GraphDelta, options: EndpointOptions): Promise<ReadonlyMap<string, HashMap64>> {
  const missingSources = new Map<string, HashMap64>();
  for (const edges of delta.types.values()) {
    if (edges.type.kind !== "edge" || edges.rows.rowCount === 0) continue;
    for (const side of SIDES) {
      const missing = await checkSide(delta, edges, edges.type, side, options);
      if (side.word === "src") missingSources.set(edges.type.typeKey, missing);
    }
  }
  return missingSources;
}

async function checkSide(delta: GraphDelta, edges: TypeDelta, type: EdgeType, side: Side, options: EndpointOptions): Promise<HashMap64> {
  const missing = new HashMap64();
  const nodeName = side.nodeTypeOf(type);
  const nodes = delta.types.get(nodeTypeKey(nodeName));
  const elsewhere = new IdentityIndex(delta.hash);
  for await (const { firstOrdinal, batch } of edges.rows.batches([side.column, side.hashColumn])) {
    collectElsewhere(batch, side, nodes?.ids, elsewhere, (row) => edges.dropped.has(firstOrdinal + row));
  }
  if (elsewhere.size === 0) return missing;
  const committed = nodes?.replacesAll === true ? undefined : await options.openCommitted(nodeTypeKey(nodeName));
  const found = committed === undefined ? new RowSet() : await findCommitted(elsewhere, committed, nodes?.removed?.hashes, options.signal);
  if (found.size === elsewhere.size) return missing;
  for await (const { firstOrdinal, batch } of edges.rows.batches([ID_COLUMN, side.column, side.hashColumn])) {
    reportMissing(batch, { type, side, nodeName, elsewhere, found, missing }, options.violations, (row) => edges.dropped.has(firstOrdinal + row));
  }
  return missing;
}

/** Adds the ends that the write itself does not hold; each end gets its position in the index as ordinal. */
function collectElsewhere(
  batch: RowBatch,
  side: Side,
  inDelta: IdentityIndex | undefined,
  elsewhere: IdentityIndex,
  isDropped: (row: number) => boolean,
): void {
  const ends = requireColumnOf(batch, side.column, "utf8");
  const pairs = hashPairs(batch, side.hashColumn);
  for (let row = 0; row < batch.rowCount; row++) {
    const lo = pairs[2 * row] as number;
    const hi = pairs[2 * row + 1] as number;
    // Input sorted by source repeats the same end many times in a row.
    if (row > 0 && lo === pairs[2 * row - 2] && hi === pairs[2 * row - 1] && sameText(ends, row, row - 1) && !isDropped(row - 1)) continue;
    const start = ends.offsets[row] as number;
    const end = ends.offsets[row + 1] as number;
    if (inDelta?.findHashed(lo, hi, ends.bytes, start, end).kind === "present" || isDropped(row)) continue;
    elsewhere.addHashed(lo, hi, ends.bytes, start, end, elsewhere.size);
  }
}

function sameText(column: { readonly bytes: Uint8Array; readonly offsets: Int32Array }, a: number, b: number): boolean {
  const startA = column.offsets[a] as number;
  const startB = column.offsets[b] as number;
  const length = (column.offsets[a + 1] as number) - startA;
  if (length !== (column.offsets[b + 1] as number) - startB) return false;
  for (let i = 0; i < length; i++) if (column.bytes[startA + i] !== column.bytes[startB + i]) return false;
  return true;
}

async function findCommitted(
  wanted: IdentityIndex,
  committed: PinnedDataset,
  removed: HashMap64 | undefined,
  signal: AbortSignal | undefined,
): Promise<RowSet> {
  const found = new RowSet();
  for await (const batch of scanByHashes(committed, [ID_COLUMN, HASH_COLUMN], HASH_COLUMN, wanted.size, () => wanted.hashes(), signal)) {
    const id = requireColumnOf(batch, ID_COLUMN, "utf8");
    const pairs = hashPairs(batch, HASH_COLUMN);
    for (let row = 0; row < batch.rowCount; row++) {
      const lo = pairs[2 * row] as number;
      const hi = pairs[2 * row + 1] as number;
      if (removed?.has(lo, hi) === true) continue;
      const lookup = wanted.findHashed(lo, hi, id.bytes, id.offsets[row] as number, id.offsets[row + 1] as number);
      if (lookup.kind === "present") found.add(lookup.ordinal);
    }
  }
  return found;
}

interface MissingEnds {
  readonly type: EdgeType;
  readonly side: Side;
  readonly nodeName: string;
  readonly elsewhere: IdentityIndex;
  readonly found: RowSet;
  /** Collects the hashes of the missing ends. */
  readonly missing: HashMap64;
}

function reportMissing(batch: RowBatch, missing: MissingEnds, violations: ViolationSink, isDropped: (row: number) => boolean): void {
  const { type, side, nodeName, elsewhere, found } = missing;
  const ends = requireColumnOf(batch, side.column, "utf8");
  const id = requireColumnOf(batch, ID_COLUMN, "utf8");
  const pairs = hashPairs(batch, side.hashColumn);
  for (let row = 0; row < batch.rowCount; row++) {
    const start = ends.offsets[row] as number;
    const end = ends.offsets[row + 1] as number;
    const lookup = elsewhere.findHashed(pairs[2 * row] as number, pairs[2 * row + 1] as number, ends.bytes, start, end);
    // A collision here means: the index keeps another text, so this one was never found.
    if (lookup.kind === "absent" || (lookup.kind === "present" && found.has(lookup.ordinal)) || isDropped(row)) continue;
    missing.missing.insert(pairs[2 * row] as number, pairs[2 * row + 1] as number, 0);
    const edgeId = decodeUtf8(id.bytes, id.offsets[row] as number, id.offsets[row + 1] as number);
    const endId = decodeUtf8(ends.bytes, start, end);
    violations.offer({ phase: PHASE_ENDPOINTS, typeKey: type.typeKey, entityId: edgeId, rank: side.rank }, () =>
      missingEnd(type, edgeId, side.word, endId, nodeName),
    );
  }
}

/**
 * VA-31: a load that replaces a node type may not take away nodes that a kept edge needs.
 */
export async function checkKeptEdges(delta: GraphDelta, edgeTypes: readonly EdgeType[], options: EndpointOptions): Promise<void> {
  for (const type of edgeTypes) {
    if (delta.types.get(type.typeKey)?.replacesAll === true) continue;
    const sides = SIDES.filter((side) => delta.types.get(nodeTypeKey(side.nodeTypeOf(type)))?.replacesAll === true);
    const committed = sides.length === 0 ? undefined : await options.openCommitted(type.typeKey);
    if (committed === undefined) continue;
    const columns = [ID_COLUMN, ...sides.flatMap((side) => [side.column, side.hashColumn])];
    for await (const batch of committed.scan({ columns, ...(options.signal === undefined ? {} : { signal: options.signal }) })) {
      for (const side of sides) reportLost(batch, delta, type, side, options.violations);
    }
  }
}

/** MG-60: edges that the write leaves as they are and whose end it removes. */
export async function checkEdgesOfRemovedNodes(delta: GraphDelta, edgeTypes: readonly EdgeType[], options: EndpointOptions): Promise<void> {
  for (const type of edgeTypes) {
    for (const side of SIDES) {
      const removed = delta.types.get(nodeTypeKey(side.nodeTypeOf(type)))?.removed;
      const committed = removed === undefined ? undefined : await options.openCommitted(type.typeKey);
      if (removed === undefined || committed === undefined) continue;
      const { hashes } = removed;
      const columns = [ID_COLUMN, HASH_COLUMN, side.column, side.hashColumn];
      for await (const batch of scanByHashes(committed, columns, side.hashColumn, hashes.size, () => hashes.entries(), options.signal)) {
        reportOrphans(batch, { type, side, nodeName: side.nodeTypeOf(type), hashes, edges: delta.types.get(type.typeKey) }, options.violations);
      }
    }
  }
}

interface RemovedEnds {
  readonly type: EdgeType;
  readonly side: Side;
  readonly nodeName: string;
  /** Of removed nodes. */
  readonly hashes: HashMap64;
  /** What the write does to the edge type itself. */
  readonly edges: TypeDelta | undefined;
}

function reportOrphans(batch: RowBatch, { type, side, nodeName, hashes, edges }: RemovedEnds, violations: ViolationSink): void {
  const ends = requireColumnOf(batch, side.column, "utf8");
  const id = requireColumnOf(batch, ID_COLUMN, "utf8");
  const pairs = hashPairs(batch, side.hashColumn);
  const own = hashPairs(batch, HASH_COLUMN);
  for (let row = 0; row < batch.rowCount; row++) {
    if (!hashes.has(pairs[2 * row] as number, pairs[2 * row + 1] as number)) continue;
    const lo = own[2 * row] as number;
    const hi = own[2 * row + 1] as number;
    const [start, end] = [id.offsets[row] as number, id.offsets[row + 1] as number];
    if (edges?.removed?.hashes.has(lo, hi) === true || edges?.ids.findHashed(lo, hi, id.bytes, start, end).kind === "present") continue;
    const edgeId = decodeUtf8(id.bytes, start, end);
    const endId = decodeUtf8(ends.bytes, ends.offsets[row] as number, ends.offsets[row + 1] as number);
    violations.offer({ phase: PHASE_ENDPOINTS, typeKey: type.typeKey, entityId: edgeId, rank: side.rank }, () =>
      missingEnd(type, edgeId, side.word, endId, nodeName),
    );
  }
}

function reportLost(batch: RowBatch, delta: GraphDelta, type: EdgeType, side: Side, violations: ViolationSink): void {
  const nodeName = side.nodeTypeOf(type);
  const nodes = delta.types.get(nodeTypeKey(nodeName));
  const ends = requireColumnOf(batch, side.column, "utf8");
  const id = requireColumnOf(batch, ID_COLUMN, "utf8");
  const pairs = hashPairs(batch, side.hashColumn);
  for (let row = 0; row < batch.rowCount; row++) {
    const start = ends.offsets[row] as number;
    const end = ends.offsets[row + 1] as number;
    if (nodes?.ids.findHashed(pairs[2 * row] as number, pairs[2 * row + 1] as number, ends.bytes, start, end).kind === "present") continue;
    const edgeId = decodeUtf8(id.bytes, id.offsets[row] as number, id.offsets[row + 1] as number);
    const endId = decodeUtf8(ends.bytes, start, end);
    violations.offer({ phase: PHASE_ENDPOINTS, typeKey: type.typeKey, entityId: edgeId, rank: side.rank }, () =>
      missingEnd(type, edgeId, side.word, endId, nodeName),
    );
  }
}

function missingEnd(type: EdgeType, edgeId: string, word: "src" | "dst", endId: string, nodeName: string): ConstraintViolationError {
  return new ConstraintViolationError("endpoint", type.typeKey, edgeId, `edge ${type.name}: ${word} '${endId}' not found in ${nodeName}`);
}
