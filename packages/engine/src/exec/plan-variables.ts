import { assertNever } from "@omnigraphdb/common";
import type { BlockPlan, Condition, Expression, PlanStep } from "@omnigraphdb/compiler";

/** Calls `visit` for the expression and everything inside it. */
export function visitExpression(expression: Expression, visit: (inner: Expression) => void): void {
  visit(expression);
  switch (expression.kind) {
    case "Aggregate":
      visitExpression(expression.argument, visit);
      return;
    case "Property":
    case "Variable":
    case "Parameter":
    case "Literal":
    case "Now":
    case "Alias":
      return;
    case "TextPredicate":
    case "Nearest":
    case "Bm25":
    case "Rrf":
      // Refused before a plan is prepared.
      return;
    default:
      assertNever(expression);
  }
}

export function variablesOfExpression(expression: Expression): readonly string[] {
  const names: string[] = [];
  visitExpression(expression, (inner) => {
    if (inner.kind === "Property" || inner.kind === "Variable") names.push(inner.variable);
  });
  return names;
}

export function variablesOfCondition(condition: Condition): readonly string[] {
  return [...variablesOfExpression(condition.left), ...variablesOfExpression(condition.right)];
}

/** Variables of enclosing blocks that a block mentions, at any depth. */
function outerVariables(block: BlockPlan): ReadonlySet<string> {
  const mentioned = new Set<string>();
  for (const step of block.steps) for (const name of variablesOfStep(step)) mentioned.add(name);
  for (const variable of block.variables) mentioned.delete(variable.name);
  return mentioned;
}

/** Variables a step reads or binds; of an anti-join, those of enclosing blocks. */
export function variablesOfStep(step: PlanStep): readonly string[] {
  switch (step.kind) {
    case "Scan":
      return [step.variable, ...step.conditions.flatMap(variablesOfCondition)];
    case "Expand":
    case "Close":
      return [step.origin, step.target, ...(step.edgeVariable === undefined ? [] : [step.edgeVariable])];
    case "Filter":
      return variablesOfCondition(step.condition);
    case "TextMatch":
      return [];
    case "AntiJoin":
      return [...outerVariables(step.block)];
    default:
      return assertNever(step);
  }
}
