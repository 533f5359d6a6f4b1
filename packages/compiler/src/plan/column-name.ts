import type { Expression } from "./expression.js";

/** Name of an output column without an alias (RS-1). */
export function columnName(expression: Expression): string {
  switch (expression.kind) {
    case "Property":
      return `${expression.variable}.${expression.property}`;
    case "Variable":
      return expression.variable;
    case "Parameter":
    case "Alias":
      return expression.name;
    case "Literal":
      return "literal";
    case "Now":
      return "now";
    case "Aggregate":
      return columnName(expression.argument);
    case "TextPredicate":
      return expression.function;
    case "Nearest":
    case "Bm25":
    case "Rrf":
      return expression.kind.toLowerCase();
  }
}
