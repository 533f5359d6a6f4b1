import type { TypedExpression } from "../../binder/bound-query.js";
import type { ComparisonOperator } from "../../plan/expression.js";
import type { Filter } from "../../query/query-ast.js";
import { areCompatible, areItemsCompatible, isBlob, isString } from "../../types/compatible.js";
import { displayType, type PropertyType } from "../../types/property-type.js";
import { typeError } from "../type-error.js";

/** T7: operands of a filter (CK-20 … CK-24). Returns the operator with `contains` resolved by its left operand. */
export function checkFilterOperands(filter: Filter, left: TypedExpression, right: TypedExpression): ComparisonOperator {
  const leftType = valueType(left);
  const rightType = valueType(right);
  for (const [operand, type] of [[left, leftType], [right, rightType]] as const) {
    if (isBlob(type)) throw typeError("T7", operand.span, "a Blob parameter cannot be compared");
  }
  const mismatch = (): Error =>
    typeError("T7", filter.span, `${displayType(leftType)} and ${displayType(rightType)} do not fit '${filter.operator}'${namesOf(left, right)}`, {
      hint: filterHint(filter, leftType, rightType),
    });
  switch (filter.operator) {
    case "contains":
      if (leftType.isList) {
        if (rightType.isList || rightType.base.kind === "Vector" || !areItemsCompatible(leftType, rightType)) throw mismatch();
        return "member";
      }
      if (!isString(leftType) || !isString(rightType)) throw mismatch();
      return "substring";
    case "starts_with":
      if (!isString(leftType) || !isString(rightType)) throw mismatch();
      return "prefix";
    default:
      if (!isComparable(leftType) || !isComparable(rightType) || !areCompatible(leftType, rightType)) throw mismatch();
      return filter.operator;
  }
}

function isComparable(type: PropertyType): boolean {
  return !type.isList && type.base.kind !== "Vector";
}

/** CK-20: nodes, aggregates and aliases are no operands. */
function valueType({ expression, type, span }: TypedExpression): PropertyType {
  if (type.kind === "alias") {
    const name = expression.kind === "Alias" ? expression.name : "";
    const hint =
      name === "null"
        ? "there is no null literal; a comparison with null is never satisfied"
        : `'${name}' without '$' names an output column; variables and parameters begin with '$'`;
    throw typeError("T7", span, `alias '${name}' cannot be an operand of a filter`, { hint });
  }
  if (type.kind === "node") {
    const [key] = type.type.key;
    throw typeError("T7", span, `a ${type.type.name} node cannot be an operand of a filter`, {
      hint: key === undefined ? "compare one of its properties" : `compare one of its properties, such as '${key.name}' of its key`,
    });
  }
  if (expression.kind === "Aggregate") {
    throw typeError("T7", span, `aggregate '${expression.function}' cannot be an operand of a filter`, { hint: "aggregates belong in 'return'" });
  }
  return type.type;
}

function namesOf(...operands: readonly TypedExpression[]): string {
  const names = operands.flatMap(({ expression }) => {
    if (expression.kind === "Property") return [`property '${expression.property}'`];
    return expression.kind === "Parameter" ? [`parameter '$${expression.name}'`] : [];
  });
  return names.length === 0 ? "" : ` (${names.join(", ")})`;
}

function filterHint({ operator }: Filter, left: PropertyType, right: PropertyType): string | undefined {
  const kinds = [left.base.kind, right.base.kind];
  const spelling = kinds.includes("String") ? (dayOrInstantHint(left.base.kind) ?? dayOrInstantHint(right.base.kind)) : undefined;
  if (spelling !== undefined) return spelling;
  if (left.isList && operator === "=") return "use 'contains' to look for an item";
  return undefined;
}

/** How a day or an instant is spelt, for a String that stands where one is expected. */
export function dayOrInstantHint(expected: PropertyType["base"]["kind"]): string | undefined {
  if (expected === "Date") return 'write a day as date("YYYY-MM-DD")';
  return expected === "DateTime" ? 'write an instant as datetime("YYYY-MM-DDTHH:MM:SSZ")' : undefined;
}
