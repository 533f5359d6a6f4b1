import { requireColumnOf } from "../columnar/row-batch.js";
import { type PinnedDataset, ROW_NUMBER_COLUMN, type StoredBlob } from "../storage/dataset-gateway.js";
import type { RowBlobs } from "./encode-record.js";
import type { SortedRow } from "./sorted-rows.js";

/** Rows whose blobs are opened together. */
const OPEN_ROWS = 256;
/** Bytes read together, unless a single row holds more. */
const READ_BYTES = 8 * 1024 * 1024;

export interface ExportRow extends SortedRow {
  readonly blobs: RowBlobs;
}

const NO_BLOBS: RowBlobs = new Map();

/**
 * Rows in the order given, each with the bytes of its blobs. Holds a few megabytes of them, however large the type is.
 *
 * @param rows carry {@link ROW_NUMBER_COLUMN} when there are blobs
 */
export async function* rowsWithBlobs(rows: AsyncIterable<SortedRow>, dataset: PinnedDataset, blobNames: readonly string[]): AsyncGenerator<ExportRow> {
  if (blobNames.length === 0) {
    for await (const row of rows) yield { ...row, blobs: NO_BLOBS };
    return;
  }
  let group: SortedRow[] = [];
  for await (const row of rows) {
    group.push(row);
    if (group.length < OPEN_ROWS) continue;
    yield* readGroup(group, dataset, blobNames);
    group = [];
  }
  if (group.length > 0) yield* readGroup(group, dataset, blobNames);
}

async function* readGroup(rows: readonly SortedRow[], dataset: PinnedDataset, blobNames: readonly string[]): AsyncGenerator<ExportRow> {
  const rowNumbers = BigUint64Array.from(rows, ({ batch, row }) => requireColumnOf(batch, ROW_NUMBER_COLUMN, "u64").values[row] as bigint);
  const opened = await Promise.all(blobNames.map(async (name) => ({ name, blobs: await dataset.openBlobs(name, rowNumbers) })));
  const byteCountOf = (at: number): number => opened.reduce((sum, { blobs }) => sum + (blobs[at]?.length ?? 0), 0);
  for (let start = 0; start < rows.length; ) {
    let end = start + 1;
    let byteCount = byteCountOf(start);
    while (end < rows.length && byteCount + byteCountOf(end) <= READ_BYTES) byteCount += byteCountOf(end++);
    const read = rows.slice(start, end).map(async (row, i): Promise<ExportRow> => ({ ...row, blobs: await readRow(opened, start + i) }));
    yield* await Promise.all(read);
    start = end;
  }
}

async function readRow(opened: readonly { readonly name: string; readonly blobs: readonly (StoredBlob | null)[] }[], at: number): Promise<RowBlobs> {
  const cells = opened.map(async ({ name, blobs }): Promise<[string, Uint8Array | null]> => {
    const blob = blobs[at] ?? null;
    return [name, blob === null ? null : await blob.readRange(0, blob.length)];
  });
  return new Map(await Promise.all(cells));
}
