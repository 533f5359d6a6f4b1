import type { TypedExpression } from "../../binder/bound-query.js";
import type { Scope } from "../../binder/scope.js";
import { asVector } from "../../binder/literal.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { Expression } from "../../plan/expression.js";
import type { ExpressionNode, NearestCall, PropertyAccess } from "../../query/query-ast.js";
import { isInteger, isString } from "../../types/compatible.js";
import { displayType } from "../../types/property-type.js";
import { typeError } from "../type-error.js";

/** T19 for `search` and `fuzzy`, T20 for `match_text` and `bm25`: field and query are strings. */
export function checkTextOperands(name: "search" | "fuzzy" | "match_text" | "bm25", field: TypedExpression, query: TypedExpression): void {
  for (const [role, operand] of [["field", field], ["query", query]] as const) {
    if (operand.type.kind === "value" && isString(operand.type.type)) continue;
    const rule = name === "search" || name === "fuzzy" ? "T19" : "T20";
    throw typeError(rule, operand.span, `the ${role} of '${name}' is a String, found ${describe(operand)}`);
  }
}

/** T19: the third argument of `fuzzy`. */
export function checkMaxEdits(operand: TypedExpression): void {
  if (operand.type.kind === "value" && isInteger(operand.type.type)) return;
  throw typeError("T19", operand.span, `the distance of 'fuzzy' is an integer, found ${describe(operand)}`);
}

/** T21: `k` of `rrf` is a positive integer. */
export function checkRrfConstant(k: TypedExpression): void {
  if (k.type.kind !== "value" || !isInteger(k.type.type)) throw typeError("T21", k.span, `k of 'rrf' is an integer, found ${describe(k)}`);
  if (k.expression.kind === "Literal" && k.expression.value.kind === "integer" && k.expression.value.value <= 0n) {
    throw typeError("T21", k.span, "k of 'rrf' is greater than 0");
  }
}

export interface NearestTarget {
  /** Plan name. */
  readonly variable: string;
  readonly property: string;
  readonly dimension: number;
}

/** T15, T23: `nearest` looks at a vector property of a bound node variable. */
export function checkNearestTarget({ variable, property, span }: PropertyAccess, scope: Scope): NearestTarget {
  const bound = scope.find(variable.text);
  if (bound === undefined) throw typeError("T15", variable.span, `variable '$${variable.text}' of 'nearest' is not bound`);
  if (bound.kind === "edge") throw typeError("T23", variable.span, `'$${variable.text}' is an edge variable; 'nearest' ranks nodes`);
  const found = bound.type.propertyByName.get(property.text);
  if (found === undefined) {
    throw typeError("T15", property.span, `node type '${bound.type.name}' has no property '${property.text}'`, {
      hint: didYouMean(property.text, bound.type.propertyByName.keys()),
    });
  }
  if (found.type.base.kind !== "Vector" || found.type.isList) {
    throw typeError("T15", span, `'nearest' looks at a vector property; '${bound.type.name}.${property.text}' is ${displayType(found.type)}`);
  }
  return { variable: bound.name, property: found.name, dimension: found.type.base.dimension };
}

/** T15: the query of `nearest` is a vector of the property's length or a text. Returns a list literal as the vector it is. */
export function checkNearestQuery(call: NearestCall, target: NearestTarget, query: TypedExpression): Expression {
  const expected = `'nearest' on '${target.property}' takes a Vector(${target.dimension}) or a String`;
  const vector = query.expression.kind === "Literal" ? asVector(query.expression) : undefined;
  const type = vector?.type ?? (query.type.kind === "value" ? query.type.type : undefined);
  if (type === undefined || type.isList || (type.base.kind !== "Vector" && type.base.kind !== "String")) {
    throw typeError("T15", call.query.span, `${expected}, found ${describe(query)}`);
  }
  if (type.base.kind === "Vector" && type.base.dimension !== target.dimension) {
    throw typeError("T15", call.query.span, `${expected}, found ${displayType(type)}`);
  }
  return vector ?? query.expression;
}

function describe({ type }: TypedExpression): string {
  if (type.kind === "alias") return "an alias";
  return type.kind === "node" ? `a ${type.type.name} node` : displayType(type.type);
}

/** T23: text functions look at nodes. */
export function checkTextFieldIsNode(field: ExpressionNode, scope: Scope, name: string): void {
  if (field.kind !== "PropertyAccess") return;
  if (scope.find(field.variable.text)?.kind === "edge") {
    throw typeError("T23", field.variable.span, `'$${field.variable.text}' is an edge variable; '${name}' looks at nodes`);
  }
}
