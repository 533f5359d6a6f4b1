import type { EntityType } from "@omnigraphdb/compiler";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { datasetSchemaOf, ID_COLUMN, REVISION_COLUMN } from "../storage/dataset-schema.js";
import { type BatchRow, rowsEqual } from "./cells-equal.js";
import { lookUpRows } from "./row-lookup.js";

/** Bytes of vectors read at a time. */
const VECTOR_CHUNK_BYTES = 8 * 1024 * 1024;
const CHUNK_ROWS_MAX = 4_096;
/** Blobs have no declared size, and are held while they are compared. */
const BLOB_CHUNK_ROWS = 32;

/** The same entity on two sides, with the light columns of both. */
export interface RowPair {
  readonly id: string;
  readonly left: BatchRow;
  readonly right: BatchRow;
}

/** Names of one column on the left and on the right. */
type ColumnPair = readonly [left: string, right: string];

/**
 * How rows of one type are compared (MG-55 … MG-58): the light columns first, and vectors and blobs only of rows that are equal
 * so far. Hidden columns are no part of an entity. When the sides were written under two schemas, the properties that both know
 * are compared, by their identity: a schema change is no change of rows.
 */
export class RowComparison {
  /** Every stored column but vectors and blobs, hidden ones included, by side: what a candidate row is read with. */
  readonly lightColumns: { readonly left: readonly string[]; readonly right: readonly string[] };
  /** Rows whose heavy columns are read at a time. */
  readonly wholeRowChunk: number;
  readonly #light: readonly ColumnPair[];
  readonly #heavy: readonly ColumnPair[];
  readonly #signal: AbortSignal | undefined;

  /** @param right the same type under the schema of the other side */
  constructor(left: EntityType, signal: AbortSignal | undefined, right: EntityType = left) {
    const heavy = new Set(heavyColumns(left));
    const pairs = comparedColumns(left, right);
    this.lightColumns = { left: lightColumns(left), right: lightColumns(right) };
    this.#light = pairs.filter(([name]) => !heavy.has(name));
    this.#heavy = pairs.filter(([name]) => heavy.has(name));
    this.wholeRowChunk = Math.min(wholeRowChunkOf(left), wholeRowChunkOf(right));
    this.#signal = signal;
  }

  /** For each pair whether its two images are equal. */
  async compare(pairs: readonly RowPair[], left: PinnedDataset | undefined, right: PinnedDataset | undefined): Promise<readonly boolean[]> {
    const equal = pairs.map((pair) => rowsEqual(pair.left, pair.right, this.#light));
    if (this.#heavy.length === 0) return equal;
    const undecided = pairs.flatMap((_, index) => (equal[index] === true ? [index] : []));
    const leftColumns = [ID_COLUMN, ...this.#heavy.map(([name]) => name)];
    const rightColumns = [ID_COLUMN, ...this.#heavy.map(([, name]) => name)];
    for (let start = 0; start < undecided.length; start += this.wholeRowChunk) {
      const chunk = undecided.slice(start, start + this.wholeRowChunk);
      const ids = chunk.map((index) => (pairs[index] as RowPair).id);
      const leftRows = await lookUpRows(left, leftColumns, ids, this.#signal);
      const rightRows = await lookUpRows(right, rightColumns, ids, this.#signal);
      for (const [at, index] of chunk.entries()) {
        const id = ids[at] as string;
        const [leftRow, rightRow] = [leftRows.get(id), rightRows.get(id)];
        equal[index] = leftRow !== undefined && rightRow !== undefined && rowsEqual(leftRow, rightRow, this.#heavy);
      }
    }
    return equal;
  }
}

/** Endpoints, and the properties that both sides have. */
function comparedColumns(left: EntityType, right: EntityType): readonly ColumnPair[] {
  const names = new Map(right.properties.map(({ propertyId, name }) => [propertyId, name]));
  const properties = left.properties.flatMap(({ propertyId, name }): ColumnPair[] => {
    const other = names.get(propertyId);
    return other === undefined ? [] : [[name, other]];
  });
  const endpoints = datasetSchemaOf(left).columns.filter(({ role }) => role === "endpoint");
  return [...endpoints.map(({ name }): ColumnPair => [name, name]), ...properties];
}

function lightColumns(type: EntityType): readonly string[] {
  const heavy = new Set(heavyColumns(type));
  return datasetSchemaOf(type).columns.map(({ name }) => name).filter((name) => !heavy.has(name));
}

/** How many rows of the type, vectors and blobs included, are read at a time. */
export function wholeRowChunkOf(type: EntityType): number {
  let bytes = 1;
  for (const { type: { base } } of type.properties) {
    if (base.kind === "Blob") return BLOB_CHUNK_ROWS;
    if (base.kind === "Vector") bytes += base.dimension * Float32Array.BYTES_PER_ELEMENT;
  }
  return Math.max(1, Math.min(CHUNK_ROWS_MAX, Math.floor(VECTOR_CHUNK_BYTES / bytes)));
}

/** Vectors and blobs: large, and read only where nothing else decides. */
export function heavyColumns(type: EntityType): readonly string[] {
  return type.properties.filter(({ type: { base } }) => base.kind === "Vector" || base.kind === "Blob").map(({ name }) => name);
}

/** Columns a staged row has: all but the revision, which the gateway fills. */
export function stagedColumns(type: EntityType): readonly string[] {
  return datasetSchemaOf(type).columns.map(({ name }) => name).filter((name) => name !== REVISION_COLUMN);
}
