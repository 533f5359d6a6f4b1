import type { RowBatch } from "../columnar/column.js";
import type { ConstraintKind } from "./errors.js";

/** A rule that one row satisfies or breaks by itself. Pure: nulls pass, the rest is decided from the row's values. */
export interface ValueRule {
  readonly kind: ConstraintKind;
  /** Order among the rules of one type (VA-50). */
  readonly rank: number;
  /** Calls `report` for every row of the batch that breaks the rule, ascending. */
  check(batch: RowBatch, report: (row: number, problem: string) => void): void;
}
