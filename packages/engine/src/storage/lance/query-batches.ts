import type { Query, VectorQuery } from "@lancedb/lancedb";
import type { RecordBatch } from "apache-arrow";

/** Fewer rows per batch make a full scan three times slower (lancedb.md §7). */
export const SCAN_BATCH_ROWS = 65_536;

/** The binding declares `execute` protected; it is the only way to choose the batch size. */
interface BatchQuery {
  execute(options: { readonly maxBatchLength: number }): AsyncGenerator<RecordBatch, void, unknown>;
}

export function batchesOf(query: Query | VectorQuery, rowCountMax: number): AsyncGenerator<RecordBatch, void, unknown> {
  return (query as unknown as BatchQuery).execute({ maxBatchLength: rowCountMax });
}
