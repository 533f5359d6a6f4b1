import type { BoundVariable } from "../../binder/bound-query.js";
import type { Scope } from "../../binder/scope.js";
import type { Catalog, NodeType } from "../../catalog/catalog.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { Binding, Name } from "../../query/query-ast.js";
import { typeError } from "../type-error.js";

/** T1: a binding names a node type; edge types and interfaces have no nodes (TY-13). */
export function checkBindingType({ type }: Binding, catalog: Catalog): NodeType {
  const found = catalog.nodeTypeByName.get(type.text);
  if (found !== undefined) return found;
  throw typeError("T1", type.span, `'${type.text}' is not a node type${whatElse(type, catalog)}`, {
    hint: didYouMean(type.text, catalog.nodeTypeByName.keys()),
  });
}

function whatElse({ text }: Name, catalog: Catalog): string {
  if (catalog.edgeTypeByName.has(text)) return ", it is an edge type";
  return catalog.interfaceNames.includes(text) ? ", it is an interface" : "";
}

/** T23, TY-8: binding a variable again needs the same node type (CK-12). */
export function checkRebinding({ variable, type }: Binding, bound: BoundVariable, nodeType: NodeType): void {
  const related = [{ span: bound.span, message: "first bound here" }];
  if (bound.kind === "edge") {
    throw typeError("T23", variable.span, `'$${variable.text}' is an edge variable and cannot be bound to a node type`, { related });
  }
  if (bound.type !== nodeType) {
    throw typeError("TY-8", variable.span, `variable '$${variable.text}' has type ${bound.type.name} and cannot also have type ${type.text}`, { related });
  }
}

/** TY-8 across a `not` block: what it called `$v` is the variable bound here, so the types must agree (EX-3). */
export function checkSameTypeEverywhere(name: Name, planName: string, nodeType: NodeType, scope: Scope): void {
  const known = scope.context.variables.get(planName);
  if (known !== undefined && known.type !== nodeType) {
    throw typeError("TY-8", name.span, `variable '$${name.text}' has type ${known.type.name} in a 'not' block and cannot also have type ${nodeType.name}`, {
      related: [{ span: known.span, message: "first bound here" }],
      hint: "use another name in the block",
    });
  }
}
