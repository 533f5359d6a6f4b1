import type { RecordBatch } from "apache-arrow";
import type { BlobFile, Table } from "@lancedb/lancedb";
import type { Column, RowBatch } from "../../columnar/column.js";
import { takeBatch } from "../../columnar/row-batch.js";
import { ROW_NUMBER_COLUMN, type StoredBlob } from "../dataset-gateway.js";
import { type NativeCall, translateNativeErrors } from "./classify-error.js";
import { blobColumnOf, childOf } from "./column-codec.js";

/** Blob bytes of one batch, unless a single row holds more. */
const BLOB_BATCH_BYTES = 32 * 1024 * 1024;
/** Rows whose blobs are measured at a time. */
const BLOB_BATCH_ROWS = 4_096;

export function rowNumbersOf(batch: RecordBatch): BigUint64Array {
  return childOf(batch, ROW_NUMBER_COLUMN).values as BigUint64Array;
}

/** `batch` with blob columns, in as many batches as keep each within {@link BLOB_BATCH_BYTES}. */
export async function* withBlobs(
  table: Table,
  batch: RowBatch,
  rowNumbers: BigUint64Array,
  blobNames: readonly string[],
): AsyncGenerator<RowBatch, void, undefined> {
  for (let start = 0; start < batch.rowCount; start += BLOB_BATCH_ROWS) {
    const end = Math.min(start + BLOB_BATCH_ROWS, batch.rowCount);
    const ids = Array.from(rowNumbers.subarray(start, end));
    const byteCounts = await blobBytesByRow(table, blobNames, ids);
    for (const [from, to] of runsWithin(byteCounts, BLOB_BATCH_BYTES)) {
      const isWhole = to - from === batch.rowCount;
      const columns = new Map(isWhole ? batch.columns : takeBatch(batch, rangeOf(start + from, start + to)).columns);
      for (const name of blobNames) columns.set(name, await fetchColumn(table, name, ids.slice(from, to)));
      yield { rowCount: to - from, columns };
    }
  }
}

/** See {@link PinnedDataset.openBlobs}. */
export async function openBlobs(table: Table, column: string, rowNumbers: BigUint64Array, call: NativeCall): Promise<readonly (StoredBlob | null)[]> {
  const files = await translateNativeErrors(call, () => table.fetchBlobFiles(column, Array.from(rowNumbers)));
  return files.map((file) => (file === null ? null : storedBlob(file, call)));
}

function storedBlob(file: BlobFile, call: NativeCall): StoredBlob {
  return {
    length: Number(file.size()),
    readRange: (start, end) => translateNativeErrors(call, () => file.readRange(BigInt(start), BigInt(end))),
  };
}

/** What the blobs of each row measure together; nothing is read but their descriptors. */
async function blobBytesByRow(table: Table, blobNames: readonly string[], ids: readonly bigint[]): Promise<Float64Array> {
  const byteCounts = new Float64Array(ids.length);
  for (const name of blobNames) {
    const files = await table.fetchBlobFiles(name, ids);
    files.forEach((file, row) => {
      if (file !== null) byteCounts[row] = (byteCounts[row] as number) + Number(file.size());
    });
  }
  return byteCounts;
}

/** Divides `0 … sizes.length` into half-open runs of at most `sizeMax`, or of one element. */
function* runsWithin(sizes: Float64Array, sizeMax: number): Generator<readonly [from: number, to: number]> {
  let from = 0;
  let total = 0;
  for (let at = 0; at < sizes.length; at++) {
    const size = sizes[at] as number;
    if (at > from && total + size > sizeMax) {
      yield [from, at];
      from = at;
      total = 0;
    }
    total += size;
  }
  if (from < sizes.length) yield [from, sizes.length];
}

function rangeOf(start: number, end: number): Uint32Array {
  return Uint32Array.from({ length: end - start }, (_, i) => start + i);
}

async function fetchColumn(table: Table, name: string, ids: readonly bigint[]): Promise<Column> {
  return blobColumnOf(await table.fetchBlobs(name, ids));
}
