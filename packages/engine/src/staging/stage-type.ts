import type { DatasetEffect } from "../storage/dataset-gateway.js";
import type { StagedDatasetWrite, WriteStrictness } from "../transaction/staged-write.js";
import type { TypeDelta, TypeResolution } from "../validate/delta.js";
import type { StagedRows } from "./batch-staging.js";
import { selectRows } from "./selected-rows.js";

/** The delta of one type whose rows wait in staged batches. */
export interface StagedTypeDelta extends TypeDelta {
  readonly rows: StagedRows;
}

/**
 * The native effects of one type: removed rows are deleted, known rows replaced, new ones appended (AC-5, AC-6).
 *
 * @param committedCount rows of the type before the write
 * @returns undefined when nothing of the type changes
 */
export function stageType(
  delta: StagedTypeDelta,
  resolution: TypeResolution | undefined,
  committedCount: number,
  strictness: WriteStrictness,
): StagedDatasetWrite | undefined {
  const { rows, dropped, type, removed } = delta;
  const existing = resolution?.existing;
  const effects: DatasetEffect[] = [];
  if (delta.replacesAll && committedCount > 0) effects.push({ kind: "deleteAll" });
  if (removed !== undefined && removed.ids.length > 0) effects.push({ kind: "deleteByIds", ids: removed.ids });
  let replacedCount = 0;
  if (existing !== undefined && existing.size > 0) {
    const source = selectRows(rows, (ordinal) => existing.has(ordinal) && !dropped.has(ordinal));
    if (source !== undefined) {
      effects.push({ kind: "upsert", source });
      replacedCount = source.rowCount;
    }
  }
  const isWhole = dropped.size === 0 && replacedCount === 0;
  const added = selectRows(rows, isWhole ? undefined : (ordinal) => existing?.has(ordinal) !== true && !dropped.has(ordinal));
  if (added !== undefined) effects.push({ kind: "append", source: added });
  if (effects.length === 0) return undefined;
  const keptCount = delta.replacesAll ? 0 : committedCount - (removed?.ids.length ?? 0);
  return { typeKey: type.typeKey, strictness, effects, entityCountAfter: keptCount + (added?.rowCount ?? 0) };
}
