import type { Expression } from "./expression.js";
import type { MutationPlan, MutationValue } from "./mutation-plan.js";
import type { BlockPlan, PlanStep, QueryPlan } from "./query-plan.js";

/** Direct parts of an expression, in written order. */
export function childExpressions(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "Property":
    case "Variable":
    case "Parameter":
    case "Literal":
    case "Now":
    case "Alias":
      return [];
    case "Aggregate":
      return [expression.argument];
    case "TextPredicate":
      return [expression.field, expression.query, ...(expression.maxEdits === undefined ? [] : [expression.maxEdits])];
    case "Nearest":
      return [expression.query];
    case "Bm25":
      return [expression.field, expression.query];
    case "Rrf":
      return [expression.first, expression.second, ...(expression.k === undefined ? [] : [expression.k])];
  }
}

/** The expression and all its parts, outermost first. */
export function* walkExpression(expression: Expression): Generator<Expression> {
  yield expression;
  for (const child of childExpressions(expression)) yield* walkExpression(child);
}

/** Steps of a block and of the blocks inside it, in execution order. */
export function* walkSteps(block: BlockPlan): Generator<PlanStep> {
  for (const step of block.steps) {
    yield step;
    if (step.kind === "AntiJoin") yield* walkSteps(step.block);
  }
}

/** Outermost expressions of one step; those of a nested block are not included. */
export function stepExpressions(step: PlanStep): readonly Expression[] {
  switch (step.kind) {
    case "Scan":
      return step.conditions.flatMap(({ left, right }) => [left, right]);
    case "Expand":
      return step.targetConditions.flatMap(({ left, right }) => [left, right]);
    case "Filter":
      return [step.condition.left, step.condition.right];
    case "TextMatch":
      return [step.predicate];
    case "Close":
    case "AntiJoin":
      return [];
  }
}

/** Outermost expressions of a query: of the steps, then projections, then orderings. */
export function* planExpressions(plan: QueryPlan): Generator<Expression> {
  for (const step of walkSteps(plan.block)) yield* stepExpressions(step);
  for (const { expression } of plan.projections) yield expression;
  for (const { expression } of plan.orderings) yield expression;
}

/** Values of a mutation in written order. */
export function* mutationValues(plan: MutationPlan): Generator<MutationValue> {
  for (const statement of plan.statements) {
    if (statement.kind === "InsertEdge") yield* [statement.from, statement.to];
    if (statement.kind !== "Delete") for (const { value } of statement.assignments) yield value;
    if (statement.kind === "Update" || statement.kind === "Delete") yield statement.predicate.value;
  }
}
