import { hashPairs } from "./hash-pairs.js";
import { RowSet } from "../columnar/row-set.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import { HashMap64 } from "../hash/hash-table.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { HASH_COLUMN, ID_COLUMN, SOURCE_HASH_COLUMN } from "../storage/dataset-schema.js";
import { scanByHashes } from "./committed-rows.js";
import type { TypeDelta, TypeResolution } from "./delta.js";
import { HashCollisionError, KeyConflictError } from "./errors.js";
import { PHASE_UNIQUENESS, type ViolationSink } from "./violations.js";

export interface ExistingRowsOptions {
  readonly isStrictInsert: boolean;
  readonly violations: ViolationSink;
  readonly signal: AbortSignal | undefined;
}

/** Finds the rows of the delta whose id is committed (AC-6). Ids are compared as text, by hash and fingerprint. */
export async function resolveExisting(delta: TypeDelta, committed: PinnedDataset | undefined, options: ExistingRowsOptions): Promise<TypeResolution> {
  const existing = new RowSet();
  const replacedSources = new HashMap64();
  if (committed === undefined || delta.replacesAll || delta.ids.size === 0) return { existing, replacedSources };

  const { type, ids } = delta;
  const columns = type.kind === "edge" ? [ID_COLUMN, HASH_COLUMN, SOURCE_HASH_COLUMN] : [ID_COLUMN, HASH_COLUMN];
  for await (const batch of scanByHashes(committed, columns, HASH_COLUMN, ids.size, () => ids.hashes(), options.signal)) {
    const id = requireColumnOf(batch, ID_COLUMN, "utf8");
    const pairs = hashPairs(batch, HASH_COLUMN);
    const sources = type.kind === "edge" ? hashPairs(batch, SOURCE_HASH_COLUMN) : undefined;
    for (let row = 0; row < batch.rowCount; row++) {
      const lo = pairs[2 * row] as number;
      const hi = pairs[2 * row + 1] as number;
      if (!ids.hasHash(lo, hi)) continue;
      const start = id.offsets[row] as number;
      const end = id.offsets[row + 1] as number;
      const lookup = ids.findHashed(lo, hi, id.bytes, start, end);
      if (lookup.kind === "absent") continue;
      // The other id of this hash leaves with the same write.
      if (lookup.kind === "collision" && delta.removed?.hashes.has(lo, hi) === true) continue;
      const text = decodeUtf8(id.bytes, start, end);
      if (lookup.kind === "collision") throw new HashCollisionError(type.typeKey, [text, await textAt(delta, lookup.ordinal)]);
      existing.add(lookup.ordinal);
      if (sources !== undefined) increment(replacedSources, sources[2 * row] as number, sources[2 * row + 1] as number);
      if (options.isStrictInsert) {
        options.violations.offer(
          { phase: PHASE_UNIQUENESS, typeKey: type.typeKey, entityId: text, rank: 0 },
          () => new KeyConflictError(type.typeKey, text, `${type.kind} ${type.name} with id '${text}' exists already`),
        );
      }
    }
  }
  return { existing, replacedSources };
}

/** Adds `amount` to the count of a key. */
export function increment(counts: HashMap64, lo: number, hi: number, amount: number = 1): void {
  const slot = counts.insert(lo, hi, amount);
  if (slot >= 0) counts.setValueAt(slot, counts.valueAt(slot) + amount);
}

/** Id of one row of the delta. Reads up to all batches: for messages only. */
export async function textAt(delta: TypeDelta, ordinal: number): Promise<string> {
  for await (const { firstOrdinal, batch } of delta.rows.batches([ID_COLUMN])) {
    const row = ordinal - firstOrdinal;
    if (row < 0 || row >= batch.rowCount) continue;
    const id = requireColumnOf(batch, ID_COLUMN, "utf8");
    return decodeUtf8(id.bytes, id.offsets[row] as number, id.offsets[row + 1] as number);
  }
  return "";
}
