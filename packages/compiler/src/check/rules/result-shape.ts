import type { BoundOrdering, BoundProjection } from "../../binder/bound-query.js";
import type { Expression } from "../../plan/expression.js";
import { columnName } from "../../plan/column-name.js";
import { childExpressions } from "../../plan/visit.js";
import { typeError } from "../type-error.js";

/** T9: beside an aggregate only property accesses and bare variables can be projected: they are the group keys (CK-33). */
export function checkGroupKeys(projections: readonly BoundProjection[]): void {
  const aggregate = projections.find(({ expression }) => expression.kind === "Aggregate");
  if (aggregate === undefined) return;
  for (const { expression, span } of projections) {
    if (["Aggregate", "Property", "Variable", "Parameter"].includes(expression.kind)) continue;
    throw typeError("T9", span, "beside an aggregate, a projection must be a property or a variable", {
      related: [{ span: aggregate.span, message: "this aggregate groups the rows" }],
    });
  }
}

/**
 * T17, T18, T21: what ordering by a ranking function needs, also through the name of its column (CK-34). A name means
 * the first column of that name (OR-4).
 */
export function checkRankOrderings(orderings: readonly BoundOrdering[], projections: readonly BoundProjection[], hasLimit: boolean): void {
  const columns = new Map<string, Expression>();
  for (const { expression, alias } of projections) {
    const name = alias ?? columnName(expression);
    if (!columns.has(name)) columns.set(name, expression);
  }
  const meaning = ({ expression }: BoundOrdering): Expression =>
    expression.kind === "Alias" ? (columns.get(expression.name) ?? expression) : expression;
  const nearest = orderings.find((ordering) => containsNearest(meaning(ordering)));
  if (nearest !== undefined && !hasLimit) {
    throw typeError("T17", nearest.span, "ordering by 'nearest' needs a limit", { hint: "add 'limit N' after the orderings" });
  }
  const otherAlias = orderings.find((ordering) => ordering !== nearest && ordering.expression.kind === "Alias");
  if (nearest !== undefined && otherAlias !== undefined) {
    throw typeError("T18", otherAlias.span, "an ordering by 'nearest' cannot be combined with an alias", { hint: "order by the property itself" });
  }
  const rrf = orderings.find((ordering) => containsRrf(meaning(ordering)));
  if (rrf !== undefined && !hasLimit) {
    throw typeError("T21", rrf.span, "ordering by 'rrf' needs a limit", { hint: "add 'limit N' after the orderings" });
  }
}

/** Outside `rrf` only (CK-34). */
function containsNearest(expression: Expression): boolean {
  if (expression.kind === "Nearest") return true;
  return expression.kind !== "Rrf" && childExpressions(expression).some(containsNearest);
}

function containsRrf(expression: Expression): boolean {
  return expression.kind === "Rrf" || childExpressions(expression).some(containsRrf);
}
