import type { RowBatch } from "../columnar/column.js";
import { takeBatch } from "../columnar/row-batch.js";
import type { BatchSource } from "../storage/dataset-gateway.js";
import type { StagedRows } from "./batch-staging.js";

/** The staged rows whose ordinal `select` accepts, as a source of batches; undefined when there is none. */
export function selectRows(rows: StagedRows, select?: (ordinal: number) => boolean): BatchSource | undefined {
  if (select === undefined) {
    if (rows.rowCount === 0) return undefined;
    return { batchCount: rows.layout.length, rowCount: rows.rowCount, batches: () => readBatches(rows) };
  }
  let batchCount = 0;
  let rowCount = 0;
  for (const { firstOrdinal, rowCount: length } of rows.layout) {
    let selected = 0;
    for (let row = 0; row < length; row++) if (select(firstOrdinal + row)) selected++;
    if (selected > 0) batchCount++;
    rowCount += selected;
  }
  if (rowCount === 0) return undefined;
  return { batchCount, rowCount, batches: () => readBatches(rows, select) };
}

async function* readBatches(rows: StagedRows, select?: (ordinal: number) => boolean): AsyncGenerator<RowBatch> {
  for await (const { firstOrdinal, batch } of rows.batches()) {
    if (select === undefined) {
      yield batch;
      continue;
    }
    const chosen = new Uint32Array(batch.rowCount);
    let count = 0;
    for (let row = 0; row < batch.rowCount; row++) if (select(firstOrdinal + row)) chosen[count++] = row;
    if (count === batch.rowCount) yield batch;
    else if (count > 0) yield takeBatch(batch, chosen, count);
  }
}
