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

/**
 * How rows of one type are compared (MG-55 … MG-58): the light columns first, and vectors and blobs only of rows that are equal
 * so far. Hidden columns are no part of an entity.
 */
export class RowComparison {
  /** Every stored column but vectors and blobs, hidden ones included: what a candidate row is read with. */
  readonly lightColumns: readonly string[];
  /** Vectors and blobs. */
  readonly heavyColumns: readonly string[];
  /** Rows whose heavy columns are read at a time. */
  readonly wholeRowChunk: number;
  readonly #compared: readonly string[];
  readonly #signal: AbortSignal | undefined;

  constructor(type: EntityType, signal: AbortSignal | undefined) {
    const heavy = new Set(heavyColumns(type));
    const { columns } = datasetSchemaOf(type);
    this.lightColumns = columns.map(({ name }) => name).filter((name) => !heavy.has(name));
    this.heavyColumns = [...heavy];
    const compared = columns.filter(({ role }) => role === "property" || role === "endpoint").map(({ name }) => name);
    this.#compared = compared.filter((name) => !heavy.has(name));
    this.wholeRowChunk = wholeRowChunkOf(type);
    this.#signal = signal;
  }

  /** For each pair whether its two images are equal. */
  async compare(pairs: readonly RowPair[], left: PinnedDataset | undefined, right: PinnedDataset | undefined): Promise<readonly boolean[]> {
    const equal = pairs.map((pair) => rowsEqual(pair.left, pair.right, this.#compared));
    if (this.heavyColumns.length === 0) return equal;
    const undecided = pairs.flatMap((_, index) => (equal[index] === true ? [index] : []));
    const columns = [ID_COLUMN, ...this.heavyColumns];
    for (let start = 0; start < undecided.length; start += this.wholeRowChunk) {
      const chunk = undecided.slice(start, start + this.wholeRowChunk);
      const ids = chunk.map((index) => (pairs[index] as RowPair).id);
      const leftRows = await lookUpRows(left, columns, ids, this.#signal);
      const rightRows = await lookUpRows(right, columns, ids, this.#signal);
      for (const [at, index] of chunk.entries()) {
        const id = ids[at] as string;
        const [leftRow, rightRow] = [leftRows.get(id), rightRows.get(id)];
        equal[index] = leftRow !== undefined && rightRow !== undefined && rowsEqual(leftRow, rightRow, this.heavyColumns);
      }
    }
    return equal;
  }
}

function wholeRowChunkOf(type: EntityType): number {
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
