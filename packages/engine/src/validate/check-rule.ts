import type { EntityType } from "@omnigraphdb/compiler";
import { isNull } from "../columnar/column.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import type { ValueRule } from "./value-rule.js";

/** Searches a text for a pattern, in linear time. */
export type PatternSearch = (text: string) => boolean;

/** W12, VA-13: the pattern is searched for, not matched against the whole value. */
export function checkRule(type: EntityType, field: string, pattern: string, search: PatternSearch, rank: number): ValueRule {
  return {
    kind: "check",
    rank,
    check(batch, report) {
      const column = requireColumnOf(batch, field, "utf8");
      for (let row = 0; row < column.length; row++) {
        if (isNull(column, row)) continue;
        const value = decodeUtf8(column.bytes, column.offsets[row] as number, column.offsets[row + 1] as number);
        if (!search(value)) report(row, `@check violation on ${type.name}.${field}: value '${value}' does not match pattern '${pattern}'`);
      }
    },
  };
}
