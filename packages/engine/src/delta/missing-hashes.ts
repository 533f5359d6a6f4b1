import { HashMap64 } from "../hash/hash-table.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { HASH_COLUMN } from "../storage/dataset-schema.js";
import { hashPairs } from "../validate/hash-pairs.js";
import type { TypeState } from "./find-changes.js";

/** Hashes in memory at a time (50 MB); larger tables are read several times, one part of the hashes each. */
const HASHES_PER_PASS = 2_000_000;

/**
 * Hashes of `here` that `there` does not have, by columns of integers: no ids are read.
 *
 * @param ignored hashes of `there` that count as absent
 */
export async function missingHashes(
  here: TypeState,
  there: TypeState,
  ignored: HashMap64,
  signal: AbortSignal | undefined,
  hashesPerPass: number = HASHES_PER_PASS,
): Promise<HashMap64> {
  const missing = new HashMap64();
  const passCount = Math.max(1, Math.ceil(there.rowCount / hashesPerPass));
  for (let pass = 0; pass < passCount; pass++) {
    const known = new HashMap64(Math.ceil(there.rowCount / passCount));
    await forEachHash(there.dataset, signal, (lo, hi) => {
      if (hi % passCount === pass && !ignored.has(lo, hi)) known.insert(lo, hi, 0);
    });
    await forEachHash(here.dataset, signal, (lo, hi) => {
      if (hi % passCount === pass && !known.has(lo, hi)) missing.insert(lo, hi, 0);
    });
  }
  return missing;
}

async function forEachHash(dataset: PinnedDataset | undefined, signal: AbortSignal | undefined, visit: (lo: number, hi: number) => void): Promise<void> {
  if (dataset === undefined) return;
  for await (const batch of dataset.scan({ columns: [HASH_COLUMN], ...(signal === undefined ? {} : { signal }) })) {
    const pairs = hashPairs(batch, HASH_COLUMN);
    for (let row = 0; row < batch.rowCount; row++) visit(pairs[2 * row] as number, pairs[2 * row + 1] as number);
  }
}
