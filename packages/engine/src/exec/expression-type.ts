import type { Expression, PropertyType } from "@omnigraphdb/compiler";

const TEXT: PropertyType = { base: { kind: "String" }, isList: false, isNullable: false };
const INSTANT: PropertyType = { base: { kind: "DateTime" }, isList: false, isNullable: false };
const COUNT: PropertyType = { base: { kind: "I64" }, isList: false, isNullable: false };
const TRUTH: PropertyType = { base: { kind: "Bool" }, isList: false, isNullable: false };
const FLOAT_OR_NULL: PropertyType = { base: { kind: "F64" }, isList: false, isNullable: true };

/** Type of an output column. */
export function expressionType(expression: Expression): PropertyType {
  switch (expression.kind) {
    case "Property":
    case "Parameter":
    case "Literal":
      return expression.type;
    case "Variable":
      return TEXT;
    case "Now":
      return INSTANT;
    case "Aggregate":
      if (expression.function === "count") return COUNT;
      if (expression.function === "sum" || expression.function === "avg") return FLOAT_OR_NULL;
      return { ...expressionType(expression.argument), isNullable: true };
    case "TextPredicate":
      return TRUTH;
    case "Nearest":
    case "Bm25":
    case "Rrf":
      return FLOAT_OR_NULL;
    default:
      throw new TypeError(`${expression.kind} is refused before a run`);
  }
}
