import { columnName } from "./column-name.js";
import { type Expression, isRankExpression, type NearestExpression, type RankExpression, type TextPredicateExpression } from "./expression.js";
import type { MutationPlan } from "./mutation-plan.js";
import type { Ordering, PlanStep, Projection, QueryPlan } from "./query-plan.js";
import { mutationValues, planExpressions, stepExpressions, walkExpression, walkSteps } from "./visit.js";

/** Why a plan that passed the static check is refused when it is run. */
export interface Refusal {
  readonly message: string;
  /** Rule of the query specification. */
  readonly rule: string;
}

/**
 * Everything the query specification refuses at execution that the plan alone decides. Refusals that depend on
 * parameter values or data stay with the executor.
 */
export function findRefusal(plan: QueryPlan | MutationPlan): Refusal | undefined {
  if (plan.kind === "Mutation") return findMutationRefusal(plan);
  return (
    first(walkSteps(plan.block), stepRefusal) ??
    first(plan.projections, ({ expression }) => projectionRefusal(expression)) ??
    first(plan.orderings, (ordering, index) => orderingRefusal(ordering, index, plan)) ??
    first(planExpressions(plan), (expression) => first(walkExpression(expression), unreadableRefusal))
  );
}

function findMutationRefusal(plan: MutationPlan): Refusal | undefined {
  const hasDelete = plan.statements.some(({ kind }) => kind === "Delete");
  if (hasDelete && plan.statements.some(({ kind }) => kind !== "Delete")) {
    return {
      rule: "MU-2",
      message: `mutation '${plan.name}' mixes inserts or updates with deletes; split it: inserts and updates first, deletes in a second mutation`,
    };
  }
  return first(mutationValues(plan), unreadableRefusal);
}

function stepRefusal(step: PlanStep): Refusal | undefined {
  if (step.kind === "TextMatch") return textPredicateRefusal(step.predicate);
  for (const expression of stepExpressions(step)) {
    for (const part of walkExpression(expression)) {
      if (part.kind !== "TextPredicate" && !isRankExpression(part)) continue;
      const hint = part.kind === "TextPredicate" ? "write it alone, or compare it with true or false by '='" : "ranking functions belong in 'return' and 'order'";
      return { rule: "SR-8", message: `'${columnName(part)}' cannot be an operand of a filter; ${hint}` };
    }
  }
  return undefined;
}

/** EX-44, EX-55, SR-30. */
function projectionRefusal(expression: Expression): Refusal | undefined {
  if (expression.kind === "Alias") {
    return { rule: "EX-44", message: `'${expression.name}' in 'return' refers to an output column; write the expression itself, or '$${expression.name}' for a variable` };
  }
  if (expression.kind === "Aggregate") return aggregateRefusal(expression.function, expression.argument);
  return searchRefusal(expression);
}

function aggregateRefusal(name: string, argument: Expression): Refusal | undefined {
  switch (argument.kind) {
    case "Aggregate":
      return { rule: "EX-55", message: `aggregate '${argument.function}' cannot stand inside aggregate '${name}'` };
    case "Variable":
      if (name !== "sum" && name !== "avg") return undefined;
      return { rule: "EX-55", message: `'${name}' of the node variable '$${argument.variable}' has no meaning; name one of its properties` };
    case "Property":
    case "Parameter":
    case "Literal":
    case "Now":
      return undefined;
    default:
      return { rule: "EX-44", message: `'${name}' cannot aggregate '${columnName(argument)}'; it takes a property, variable, parameter or literal` };
  }
}

/** OR-4, OR-5, OR-6. */
function orderingRefusal({ expression, columnIndex }: Ordering, index: number, plan: QueryPlan): Refusal | undefined {
  if (isRankExpression(expression)) {
    if (index > 0) return { rule: "OR-6", message: `ranking function '${columnName(expression)}' must be the first ordering` };
    return searchRefusal(expression);
  }
  if (columnIndex !== undefined) return undefined;
  if (expression.kind === "Alias") return { rule: "OR-4", message: `ordering '${expression.name}' names no output column` };
  if (expression.kind !== "Property") {
    return { rule: "OR-4", message: `rows cannot be ordered by ${describe(expression)}; order by a property, an output column or a ranking function` };
  }
  if (!plan.isAggregating || plan.projections.some((projection) => isUnaliasedKey(projection, expression))) return undefined;
  const name = columnName(expression);
  return { rule: "OR-5", message: `an aggregating query cannot be ordered by '$${name}', which is no group key of its own name; project it, or order by its alias` };
}

/** An alias is a plain name, so only an unaliased property has its own dotted name as column. */
function isUnaliasedKey({ column, expression }: Projection, ordering: Expression): boolean {
  return expression.kind === "Property" && column === columnName(ordering) && columnName(expression) === column;
}

function describe(expression: Expression): string {
  switch (expression.kind) {
    case "Variable":
      return `the node variable '$${expression.variable}'`;
    case "Parameter":
      return `the parameter '$${expression.name}'`;
    case "Literal":
      return "a literal";
    case "Now":
      return "now()";
    case "Aggregate":
      return `the aggregate '${expression.function}' itself`;
    default:
      return `'${columnName(expression)}'`;
  }
}

function searchRefusal(expression: Expression): Refusal | undefined {
  switch (expression.kind) {
    case "TextPredicate":
      return textPredicateRefusal(expression);
    case "Nearest":
      return nearestRefusal(expression);
    case "Bm25":
      return fieldRefusal("bm25", expression.field, "SR-22") ?? operandRefusal("bm25", "query", expression.query, "SR-22");
    case "Rrf":
      return (
        searchRefusal(expression.first) ??
        searchRefusal(expression.second) ??
        (expression.k === undefined ? undefined : operandRefusal("rrf", "k", expression.k, "SR-25")) ??
        rrfVariablesRefusal(rankedVariable(expression.first), rankedVariable(expression.second))
      );
    default:
      return undefined;
  }
}

/** SR-5. */
function textPredicateRefusal({ function: name, field, query, maxEdits }: TextPredicateExpression): Refusal | undefined {
  return (
    fieldRefusal(name, field, "SR-5") ??
    operandRefusal(name, "query", query, "SR-5") ??
    (maxEdits === undefined ? undefined : operandRefusal(name, "distance", maxEdits, "SR-5"))
  );
}

/** SR-16. */
function nearestRefusal({ query }: NearestExpression): Refusal | undefined {
  return operandRefusal("nearest", "query", query, "SR-16");
}

function fieldRefusal(name: string, field: Expression, rule: string): Refusal | undefined {
  return field.kind === "Property" ? undefined : { rule, message: `the field of '${name}' must be a property of a node variable` };
}

function operandRefusal(name: string, role: string, operand: Expression, rule: string): Refusal | undefined {
  if (operand.kind === "Literal" || operand.kind === "Parameter") return undefined;
  return { rule, message: `the ${role} of '${name}' must be a literal or a parameter, not ${describe(operand)}` };
}

function rrfVariablesRefusal(left: string | undefined, right: string | undefined): Refusal | undefined {
  if (left === right) return undefined;
  return { rule: "SR-25", message: `'rrf' fuses two rankings of one variable, not of '$${left}' and '$${right}'` };
}

function rankedVariable(rank: RankExpression): string | undefined {
  if (rank.kind === "Nearest") return rank.variable;
  return rank.kind === "Bm25" && rank.field.kind === "Property" ? rank.field.variable : undefined;
}

/** PB-10: the text of a `date("…")` or `datetime("…")` that is none. */
function unreadableRefusal(expression: Expression): Refusal | undefined {
  if (expression.kind !== "Literal") return undefined;
  const values = expression.value.kind === "list" ? expression.value.items : [expression.value];
  for (const value of values) {
    if (value.kind === "unreadable") return { rule: "PB-10", message: `invalid ${value.type} literal '${value.text}'` };
  }
  return undefined;
}

function first<T>(items: Iterable<T>, find: (item: T, index: number) => Refusal | undefined): Refusal | undefined {
  let index = 0;
  for (const item of items) {
    const refusal = find(item, index++);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
