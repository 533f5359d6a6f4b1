import { assertNever } from "@omnigraphdb/common";
import { type BlockPlan, type Condition, type Expression, type PlanStep, walkExpression } from "@omnigraphdb/compiler";

export function variablesOfExpression(expression: Expression): readonly string[] {
  const names: string[] = [];
  for (const part of walkExpression(expression)) {
    if (part.kind === "Property" || part.kind === "Variable" || part.kind === "Nearest") names.push(part.variable);
  }
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
      return variablesOfExpression(step.predicate);
    case "AntiJoin":
      return [...outerVariables(step.block)];
    default:
      return assertNever(step);
  }
}
