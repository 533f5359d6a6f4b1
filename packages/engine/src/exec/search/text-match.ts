import type { Operator } from "../operators/operator.js";
import { applyFilter } from "../operators/filter.js";
import type { TextMatchOperation } from "../prepared-plan.js";
import type { QueryRun } from "../query-run.js";
import { MATCH, NO_MATCH } from "./search-run.js";

/** Keeps the rows whose entity satisfies a text predicate, or its negation (§9.1). */
export function makeTextMatch({ slot, predicate, isNegated, liveSlots }: TextMatchOperation, run: QueryRun): Operator {
  const wanted = isNegated ? NO_MATCH : MATCH;
  return {
    prepare: () => run.search.preparationOf(predicate),
    apply(table) {
      const matches = run.search.matches(predicate);
      const rows = table.columns[slot] as Uint32Array;
      return applyFilter(
        table,
        (_, out) => {
          let kept = 0;
          for (let k = 0; k < table.rowCount; k++) {
            out[kept] = k;
            kept += matches[rows[k] as number] === wanted ? 1 : 0;
          }
          return kept;
        },
        liveSlots,
      );
    },
  };
}
