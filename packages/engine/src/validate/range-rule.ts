import type { Bound, EntityType } from "@omnigraphdb/compiler";
import { isNull } from "../columnar/column.js";
import { readCell } from "../columnar/read-cell.js";
import { requireColumn } from "../columnar/row-batch.js";
import type { ValueRule } from "./value-rule.js";

/** W11, VA-12: inclusive bounds, compared as binary64; NaN never is in range. */
export function rangeRule(type: EntityType, field: string, min: Bound | null, max: Bound | null, rank: number): ValueRule {
  const low = min === null ? Number.NEGATIVE_INFINITY : Number(min.value);
  const high = max === null ? Number.POSITIVE_INFINITY : Number(max.value);
  const prefix = `@range violation on ${type.name}.${field}: value`;
  return {
    kind: "range",
    rank,
    check(batch, report) {
      const column = requireColumn(batch, field);
      for (let row = 0; row < column.length; row++) {
        if (isNull(column, row)) continue;
        const cell = readCell(column, row);
        const value = Number(cell);
        if (value >= low && value <= high) continue;
        if (Number.isNaN(value)) report(row, `${prefix} is NaN`);
        else report(row, value < low ? `${prefix} ${String(cell)} < min ${low}` : `${prefix} ${String(cell)} > max ${high}`);
      }
    },
  };
}
