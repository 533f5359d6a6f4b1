import { type EdgeType, nodeTypeKey } from "@omnigraphdb/compiler";
import type { RowBatch } from "../columnar/column.js";
import { RowSet } from "../columnar/row-set.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import { IdentityIndex } from "../hash/identity-index.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { HASH_COLUMN, ID_COLUMN, SOURCE_COLUMN, SOURCE_HASH_COLUMN, TARGET_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import { scanByHashes } from "./committed-rows.js";
import type { GraphDelta, TypeDelta } from "./delta.js";
import { ConstraintViolationError } from "./errors.js";
import { hashPairs } from "./hash-pairs.js";
import { PHASE_ENDPOINTS, type Violations } from "./violations.js";

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
  readonly violations: Violations;
  readonly signal: AbortSignal | undefined;
}

/**
 * W15, VA-30: after the write both ends of every new or changed edge exist as nodes of the declared types. Ends inside
 * the write are looked up in its ids; the others, each once, in the committed rows.
 */
export async function checkEndpoints(delta: GraphDelta, options: EndpointOptions): Promise<void> {
  for (const edges of delta.types.values()) {
    if (edges.type.kind !== "edge" || edges.rows.rowCount === 0) continue;
    for (const side of SIDES) await checkSide(delta, edges, edges.type, side, options);
  }
}

async function checkSide(delta: GraphDelta, edges: TypeDelta, type: EdgeType, side: Side, options: EndpointOptions): Promise<void> {
  const nodeName = side.nodeTypeOf(type);
  const nodes = delta.types.get(nodeTypeKey(nodeName));
  const elsewhere = new IdentityIndex(delta.hash);
  for await (const { firstOrdinal, batch } of edges.rows.batches([side.column, side.hashColumn])) {
    collectElsewhere(batch, side, nodes?.ids, elsewhere, (row) => edges.dropped.has(firstOrdinal + row));
  }
  if (elsewhere.size === 0) return;
  const committed = nodes?.replacesAll === true ? undefined : await options.openCommitted(nodeTypeKey(nodeName));
  const found = committed === undefined ? new RowSet() : await findCommitted(elsewhere, committed, options.signal);
  if (found.size === elsewhere.size) return;
  for await (const { firstOrdinal, batch } of edges.rows.batches([ID_COLUMN, side.column, side.hashColumn])) {
    reportMissing(batch, { type, side, nodeName, elsewhere, found }, options.violations, (row) => edges.dropped.has(firstOrdinal + row));
  }
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

async function findCommitted(wanted: IdentityIndex, committed: PinnedDataset, signal: AbortSignal | undefined): Promise<RowSet> {
  const found = new RowSet();
  for await (const batch of scanByHashes(committed, [ID_COLUMN, HASH_COLUMN], HASH_COLUMN, wanted.size, () => wanted.hashes(), signal)) {
    const id = requireColumnOf(batch, ID_COLUMN, "utf8");
    const pairs = hashPairs(batch, HASH_COLUMN);
    for (let row = 0; row < batch.rowCount; row++) {
      const lookup = wanted.findHashed(pairs[2 * row] as number, pairs[2 * row + 1] as number, id.bytes, id.offsets[row] as number, id.offsets[row + 1] as number);
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
}

function reportMissing(batch: RowBatch, missing: MissingEnds, violations: Violations, isDropped: (row: number) => boolean): void {
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

function reportLost(batch: RowBatch, delta: GraphDelta, type: EdgeType, side: Side, violations: Violations): void {
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
