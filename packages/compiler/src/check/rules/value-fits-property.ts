import { asVector, bindLiteral } from "../../binder/literal.js";
import type { QueryContext } from "../../binder/scope.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { LiteralExpression, NowExpression, ParameterExpression } from "../../plan/expression.js";
import type { LiteralNode, Name, ValueNode, VariableReference } from "../../query/query-ast.js";
import { areCompatible, areItemsCompatible, isBlob, isString, scalarType } from "../../types/compatible.js";
import { displayType, type PropertyType } from "../../types/property-type.js";
import { typeError } from "../type-error.js";
import { dayOrInstantHint } from "./filter-operands.js";

type BoundValue = LiteralExpression | ParameterExpression | NowExpression;

/** Where a value stands: decides between membership and equality of lists, and how an unknown parameter is reported. */
export type ValuePlace = "inline" | "mutation";

export interface ValueTarget {
  readonly name: Name;
  readonly type: PropertyType;
}

/** T3 (literals), T7 (parameters and `now()`), T14: a value must fit the property it stands against (CK-10, CK-11, CK-40 … CK-45). */
export function checkValueFitsProperty(value: ValueNode, target: ValueTarget, place: ValuePlace, context: QueryContext): BoundValue {
  if (place === "inline" && isBlob(target.type)) {
    throw typeError("T3", target.name.span, `property '${target.name.text}' is a Blob and cannot be matched`);
  }
  switch (value.kind) {
    case "VariableReference":
      return checkParameter(value, target, place, context);
    case "NowCall":
      if (target.type.isList || target.type.base.kind !== "DateTime") {
        throw typeError("T7", value.span, `now() is a DateTime, property '${target.name.text}' is ${displayType(target.type)}`);
      }
      return { kind: "Now" };
    default:
      return checkLiteral(value, target, place);
  }
}

function checkParameter(value: VariableReference, target: ValueTarget, place: ValuePlace, context: QueryContext): ParameterExpression {
  const declared = context.parameters.get(value.name);
  if (declared === undefined) {
    const hint = didYouMean(`$${value.name}`, [...context.parameters.keys()].map((name) => `$${name}`)) ?? "declare it in the parentheses after the query's name";
    throw typeError(place === "inline" ? "TY-7" : "T14", value.span, `'$${value.name}' is not a declared parameter`, { hint });
  }
  if (!parameterFits(declared.type, target.type, place)) {
    throw typeError(
      "T7",
      value.span,
      `parameter '$${value.name}' is ${displayType(declared.type)}, property '${target.name.text}' ${expectation(target.type, place)}`,
      { related: [{ span: declared.span, message: "declared here" }] },
    );
  }
  return { kind: "Parameter", name: declared.name, type: declared.type };
}

function parameterFits(type: PropertyType, target: PropertyType, place: ValuePlace): boolean {
  if (target.isList && place === "inline") return !type.isList && areItemsCompatible(type, target);
  if (isBlob(target)) return !type.isList && (isBlob(type) || type.base.kind === "String");
  return areCompatible(type, target);
}

function checkLiteral(node: LiteralNode, target: ValueTarget, place: ValuePlace): LiteralExpression {
  const literal = bindLiteral(node);
  const refuse = (): Error =>
    typeError("T3", node.span, `property '${target.name.text}' ${expectation(target.type, place)}, found ${describeLiteral(literal)}`, {
      hint: literalHint(literal.type, target.type),
    });
  if (target.type.base.kind === "Vector" && !target.type.isList) {
    const vector = asVector(literal);
    if (vector === undefined || !areCompatible(vector.type, target.type)) throw refuse();
    return vector;
  }
  if (isBlob(target.type)) {
    throw typeError("T3", node.span, `property '${target.name.text}' is a Blob and takes a parameter, not a literal`, {
      hint: "declare a parameter of type Blob",
    });
  }
  const isMembership = target.type.isList && place === "inline";
  if (isMembership ? literal.type.isList || !areItemsCompatible(literal.type, target.type) : !areCompatible(literal.type, target.type)) throw refuse();
  checkEnum(literal, node, target);
  return literal;
}

function literalHint(found: PropertyType, target: PropertyType): string | undefined {
  return isString(found) ? dayOrInstantHint(target.base.kind) : undefined;
}

/** CK-11: only literals; parameters are checked when the mutation runs. */
function checkEnum({ value }: LiteralExpression, node: LiteralNode, { name, type }: ValueTarget): void {
  const allowed = type.enumValues;
  if (allowed === undefined || value.kind !== "string" || allowed.includes(value.value)) return;
  throw typeError("T3", node.span, `'${value.value}' is not a value of property '${name.text}'; allowed: ${allowed.join(", ")}`, {
    hint: didYouMean(value.value, allowed),
  });
}

function expectation(type: PropertyType, place: ValuePlace): string {
  if (type.isList && place === "inline") return `is ${displayType(type)} and is matched with one ${displayType({ ...scalarType("String"), base: type.base })}`;
  return `is ${displayType(type)}`;
}

function describeLiteral({ type, value }: LiteralExpression): string {
  return value.kind === "list" ? `${displayType(type)} of length ${value.items.length}` : displayType(type);
}
