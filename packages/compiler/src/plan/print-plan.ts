import type { PropertyType } from "../types/property-type.js";
import { displayType } from "../types/property-type.js";
import type { Value } from "../value/value.js";
import { formatDate, formatDateTime } from "../value/date-time-text.js";
import type { Condition, Expression } from "./expression.js";
import type { MutationPlan, MutationStatement } from "./mutation-plan.js";
import type { BlockPlan, CloseStep, ExpandStep, Ordering, ParameterDeclaration, PlanStep, QueryPlan } from "./query-plan.js";

/** Stable indented text of a plan: one line per operator, in execution order. */
export function printPlan(plan: QueryPlan | MutationPlan): string {
  const lines = plan.kind === "Query" ? queryLines(plan) : mutationLines(plan);
  return `${lines.join("\n")}\n`;
}

function queryLines(plan: QueryPlan): string[] {
  const project = plan.isAggregating ? "aggregate" : "project";
  return [
    `query ${plan.name}${printParameters(plan.parameters)}`,
    ...indent(blockLines(plan.block)),
    `  ${project} ${plan.projections.map(({ column, expression }) => `${column} = ${printExpression(expression)}`).join(", ")}`,
    ...(plan.orderings.length === 0 ? [] : [`  order ${plan.orderings.map(printOrdering).join(", ")}`]),
    ...(plan.limit === undefined ? [] : [`  limit ${plan.limit}`]),
  ];
}

function printOrdering({ expression, columnIndex, isDescending }: Ordering): string {
  const key = columnIndex === undefined ? printExpression(expression) : `column ${columnIndex + 1}`;
  return isDescending ? `${key} desc` : key;
}

function blockLines(block: BlockPlan): string[] {
  return block.steps.flatMap(stepLines);
}

function stepLines(step: PlanStep): string[] {
  switch (step.kind) {
    case "Scan":
      return [`scan $${step.variable}: ${step.nodeType}${printConditions(step.conditions)}`];
    case "Expand":
      return [`expand ${printWalk(step)}: ${step.targetType}${printConditions(step.targetConditions)}`];
    case "Close":
      return [`close ${printWalk(step)}`];
    case "Filter":
      return [`filter ${printCondition(step.condition)}`];
    case "TextMatch":
      return [`text ${step.isNegated ? "not " : ""}${printExpression(step.predicate)}`];
    case "AntiJoin":
      return ["anti-join", ...indent(step.block.steps.length === 0 ? ["always"] : blockLines(step.block))];
  }
}

const ARROWS = { out: ["-", "->"], in: ["<-", "-"], both: ["-", "-"] } as const;

function printWalk({ origin, target, edgeType, edgeVariable, direction, minHops, maxHops }: ExpandStep | CloseStep): string {
  const [before, after] = ARROWS[direction];
  const hops = minHops === 1 && maxHops === 1 ? "" : `{${minHops},${maxHops}}`;
  return `$${origin} ${before}[${edgeVariable === undefined ? "" : `$${edgeVariable}: `}${edgeType}${hops}]${after} $${target}`;
}

function printConditions(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? "" : ` where ${conditions.map(printCondition).join(" and ")}`;
}

/** Text of a condition, with parameters as `:name` and ids as `id($variable)`. */
export function printCondition({ operator, left, right }: Condition): string {
  return `${printExpression(left)} ${operator} ${printExpression(right)}`;
}

/** Text of an expression, in the same words. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "Property":
      return `$${expression.variable}.${expression.property}`;
    case "Variable":
      return `id($${expression.variable})`;
    case "Parameter":
      return `:${expression.name}`;
    case "Literal":
      return printValue(expression.value);
    case "Now":
      return "now()";
    case "Alias":
      return `alias ${expression.name}`;
    case "Aggregate":
      return `${expression.function}(${printExpression(expression.argument)})`;
    case "TextPredicate":
      return printCall(expression.function, [expression.field, expression.query, expression.maxEdits]);
    case "Nearest":
      return `nearest($${expression.variable}.${expression.property}, ${printExpression(expression.query)})`;
    case "Bm25":
      return printCall("bm25", [expression.field, expression.query]);
    case "Rrf":
      return printCall("rrf", [expression.first, expression.second, expression.k]);
  }
}

function printCall(name: string, operands: readonly (Expression | undefined)[]): string {
  return `${name}(${operands.flatMap((operand) => (operand === undefined ? [] : [printExpression(operand)])).join(", ")})`;
}

function printValue(value: Value): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "string":
      return JSON.stringify(value.value);
    case "bool":
    case "integer":
      return String(value.value);
    case "float":
      return Number.isInteger(value.value) ? `${value.value}.0` : String(value.value);
    case "date":
      return `date(${formatDate(value.days)})`;
    case "datetime":
      return `datetime(${formatDateTime(value.ms)})`;
    case "list":
      return `[${value.items.map(printValue).join(", ")}]`;
    case "vector":
      return `vector(${value.values.join(", ")})`;
    case "blob":
      return `blob(${JSON.stringify(value.source)})`;
    case "unreadable":
      return `invalid ${value.type} ${JSON.stringify(value.text)}`;
  }
}

function mutationLines(plan: MutationPlan): string[] {
  return [`mutation ${plan.name}${printParameters(plan.parameters)}`, ...indent(plan.statements.map(printStatement))];
}

function printStatement(statement: MutationStatement): string {
  const assigned = (): string =>
    statement.kind === "Delete" ? "" : statement.assignments.map(({ property, value }) => `${property} = ${printExpression(value)}`).join(", ");
  const where = (): string => {
    if (statement.kind !== "Update" && statement.kind !== "Delete") return "";
    const { property, operator, value } = statement.predicate;
    return ` where ${property} ${operator} ${printExpression(value)}`;
  };
  switch (statement.kind) {
    case "InsertNode":
      return `insert node ${statement.type} set ${assigned()}`;
    case "InsertEdge": {
      const properties = statement.assignments.length === 0 ? "" : ` set ${assigned()}`;
      return `insert edge ${statement.type} from ${printExpression(statement.from)} to ${printExpression(statement.to)}${properties}`;
    }
    case "Update":
      return `update ${statement.type} set ${assigned()}${where()}`;
    case "Delete":
      return `delete ${statement.entity} ${statement.type}${where()}`;
  }
}

function printParameters(parameters: readonly ParameterDeclaration[]): string {
  const print = ({ name, type }: { readonly name: string; readonly type: PropertyType }): string => `${name}: ${displayType(type)}`;
  return parameters.length === 0 ? "" : ` (${parameters.map(print).join(", ")})`;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
