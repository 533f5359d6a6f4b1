import type { RowBatch } from "../columnar/column.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import { uint64ToHashPairs } from "../hash/entity-hash.js";

/** A stored hash column as low and high words per row. */
export function hashPairs(batch: RowBatch, column: string): Uint32Array {
  return uint64ToHashPairs(requireColumnOf(batch, column, "u64").values, batch.rowCount);
}
