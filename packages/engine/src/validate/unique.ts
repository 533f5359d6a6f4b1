import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { HASH_COLUMN, ID_COLUMN } from "../storage/dataset-schema.js";
import type { TypeDelta } from "./delta.js";
import { ConstraintViolationError } from "./errors.js";
import { textAt } from "./existing-rows.js";
import { hashPairs } from "./hash-pairs.js";
import type { UniqueIndex } from "./unique-index.js";
import { PHASE_UNIQUENESS, type ViolationSink } from "./violations.js";

/**
 * W14, VA-22: no tuple of the delta may be held by a committed entity that the write leaves as it is. A value freed by
 * the same write may be taken.
 */
export async function checkUniqueAgainstCommitted(
  delta: TypeDelta,
  committed: PinnedDataset | undefined,
  violations: ViolationSink,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (committed === undefined || delta.replacesAll) return;
  for (const index of delta.uniqueIndexes) {
    if (index.size > 0) await checkGroup(delta, index, committed, violations, signal);
  }
}

async function checkGroup(
  delta: TypeDelta,
  index: UniqueIndex,
  committed: PinnedDataset,
  violations: ViolationSink,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { type } = delta;
  const columns = [ID_COLUMN, HASH_COLUMN, ...index.group.columns];
  const filter = index.filter();
  const options = { ...(filter === undefined ? {} : { filter }), ...(signal === undefined ? {} : { signal }) };
  for await (const batch of committed.scan({ columns, ...options })) {
    const id = requireColumnOf(batch, ID_COLUMN, "utf8");
    const pairs = hashPairs(batch, HASH_COLUMN);
    for (let row = 0; row < batch.rowCount; row++) {
      const lookup = index.find(batch, row);
      if (lookup.kind !== "present") continue;
      const start = id.offsets[row] as number;
      const end = id.offsets[row + 1] as number;
      if (delta.ids.find(id.bytes, start, end).kind === "present") continue;
      if (delta.removed?.hashes.has(pairs[2 * row] as number, pairs[2 * row + 1] as number) === true) continue;
      const holder = decodeUtf8(id.bytes, start, end);
      const taker = await textAt(delta, lookup.ordinal);
      const value = index.describe(batch, row);
      violations.offer({ phase: PHASE_UNIQUENESS, typeKey: type.typeKey, entityId: taker, rank: 1 }, () => {
        const message = `@unique violation on ${index.group.label}: value ${value} held by '${holder}' and '${taker}'`;
        return new ConstraintViolationError("unique", type.typeKey, taker, message);
      });
    }
  }
}
