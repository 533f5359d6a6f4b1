import { assert } from "@omnigraphdb/common";
import { batchByteCount } from "../columnar/column-bytes.js";
import type { RowBatch } from "../columnar/column.js";
import type { PinnedDataset, ScanOptions } from "../storage/dataset-gateway.js";

/** Bytes of rows read by one scan. */
const RANGE_BYTES: number = 2 * 1024 * 1024;

/** Rows of the first range, which shows how large they are. */
const FIRST_RANGE_ROWS = 256;

const RANGE_ROWS_MAX = 65_536;

/**
 * All rows of a dataset in the order of its scans, a few megabytes at a time. One scan over all of it would be faster, and read ahead in
 * native memory: gigabytes of a large dataset.
 *
 * @param rowCount rows of the dataset
 */
export async function* scanInRanges(dataset: PinnedDataset, rowCount: number, options: Pick<ScanOptions, "columns" | "signal">): AsyncGenerator<RowBatch> {
  let rangeRows = FIRST_RANGE_ROWS;
  for (let start = 0; start < rowCount; ) {
    let found = 0;
    let byteCount = 0;
    for await (const batch of dataset.scan({ ...options, rowCountSkipped: start, rowCountMax: rangeRows })) {
      found += batch.rowCount;
      byteCount += batchByteCount(batch);
      yield batch;
    }
    assert(found > 0, "a dataset has fewer rows than its version says");
    start += found;
    rangeRows = Math.min(RANGE_ROWS_MAX, Math.max(1, Math.floor((RANGE_BYTES * found) / Math.max(byteCount, 1))));
  }
}
