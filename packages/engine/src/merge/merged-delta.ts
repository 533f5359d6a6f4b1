import type { EntityType } from "@omnigraphdb/compiler";
import { RowSet } from "../columnar/row-set.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import { idOf } from "../delta/find-changes.js";
import { heavyColumns, stagedColumns } from "../delta/row-comparison.js";
import type { EntityHash } from "../hash/entity-hash.js";
import { IdentityIndex } from "../hash/identity-index.js";
import { HASH_COLUMN, ID_COLUMN } from "../storage/dataset-schema.js";
import type { DeltaRows, OrdinalBatch, TypeDelta } from "../validate/delta.js";
import { ConstraintViolationError } from "../validate/errors.js";
import { hashPairs } from "../validate/hash-pairs.js";
import type { TypeRules } from "../validate/type-rules.js";
import { UniqueIndex } from "../validate/unique-index.js";
import { PHASE_UNIQUENESS, PHASE_VALUES, type ViolationSink } from "../validate/violations.js";
import type { EntityMerge } from "./merge-entities.js";

/** The changes of one type in the form integrity is judged by (MG-52); the rules of single rows are checked on the way. */
export async function deltaOf(merge: EntityMerge, rules: TypeRules, violations: ViolationSink, hash: EntityHash): Promise<TypeDelta> {
  const { type, inserted, updated } = merge;
  const rows = rowsInSequence(inserted, updated);
  const ids = new IdentityIndex(hash, rows.rowCount);
  const uniqueIndexes = rules.uniqueGroups.map((group) => new UniqueIndex(type, group, hash));
  for await (const { firstOrdinal, batch } of rows.batches(judgedColumns(type))) {
    const id = requireColumnOf(batch, ID_COLUMN, "utf8");
    const pairs = hashPairs(batch, HASH_COLUMN);
    for (let row = 0; row < batch.rowCount; row++) {
      ids.addHashed(pairs[2 * row] as number, pairs[2 * row + 1] as number, id.bytes, id.offsets[row] as number, id.offsets[row + 1] as number, firstOrdinal + row);
    }
    const offer = (kind: ConstraintViolationError["kind"], phase: number, rank: number, row: number, message: string): void => {
      const entityId = idOf({ batch, row });
      violations.offer({ phase, typeKey: type.typeKey, entityId, rank }, () => new ConstraintViolationError(kind, type.typeKey, entityId, message));
    };
    for (const rule of rules.values) rule.check(batch, (row, message) => offer(rule.kind, PHASE_VALUES, rule.rank, row, message));
    for (const index of uniqueIndexes) {
      const report = (row: number, value: string): void => offer("unique", PHASE_UNIQUENESS, 1, row, `@unique violation on ${index.group.label}: value ${value} held twice`);
      index.addBatch(batch, { firstOrdinal, isReplaced: () => false, report });
    }
  }
  return { type, rows, ids, dropped: new RowSet(), uniqueIndexes, replacesAll: false, removed: merge.removed };
}

/** No rule looks at a vector or a blob. */
function judgedColumns(type: EntityType): readonly string[] {
  const heavy = new Set(heavyColumns(type));
  return stagedColumns(type).filter((name) => !heavy.has(name));
}

function rowsInSequence(first: DeltaRows, second: DeltaRows): DeltaRows {
  return {
    rowCount: first.rowCount + second.rowCount,
    async *batches(columns): AsyncGenerator<OrdinalBatch> {
      yield* first.batches(columns);
      for await (const { firstOrdinal, batch } of second.batches(columns)) yield { firstOrdinal: first.rowCount + firstOrdinal, batch };
    },
  };
}
