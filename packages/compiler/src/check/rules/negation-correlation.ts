import type { Scope } from "../../binder/scope.js";
import { ANONYMOUS } from "../../binder/variable-names.js";
import type { Clause, ExpressionNode, Negation } from "../../query/query-ast.js";
import { typeError } from "../type-error.js";

/** T9: a direct clause of a `not` block must mention a variable that was bound before the block. */
export function checkNegationCorrelation({ block, span }: Negation, inner: Scope): void {
  for (const clause of block.clauses) {
    for (const name of mentionedVariables(clause)) {
      if (inner.isBoundOutside(name)) return;
    }
  }
  throw typeError("T9", span, "this 'not' block mentions no variable bound before it, so it does not depend on the row", {
    hint: "mention a variable of the enclosing block in one of its direct clauses",
  });
}

function* mentionedVariables(clause: Clause): Generator<string> {
  switch (clause.kind) {
    case "Binding":
      yield clause.variable.text;
      break;
    case "Traversal":
      // An anonymous end is a fresh variable, even beside a bound one that is called `$_` (TY-9).
      for (const { text } of [clause.source, clause.destination]) if (text !== ANONYMOUS) yield text;
      break;
    case "Filter":
      yield* variablesOf(clause.left);
      yield* variablesOf(clause.right);
      break;
    case "TextClause":
      yield* variablesOf(clause.call);
      break;
    case "Negation":
      break;
  }
}

/** A bare `$x` in a filter can only be a parameter (CK-20), so property accesses are all there is. */
function* variablesOf(node: ExpressionNode): Generator<string> {
  switch (node.kind) {
    case "PropertyAccess":
      yield node.variable.text;
      break;
    case "TextCall":
    case "Bm25Call":
      yield* variablesOf(node.field);
      yield* variablesOf(node.query);
      break;
    case "NearestCall":
      yield* variablesOf(node.target);
      yield* variablesOf(node.query);
      break;
    case "RrfCall":
      yield* variablesOf(node.first);
      yield* variablesOf(node.second);
      break;
    default:
      break;
  }
}
