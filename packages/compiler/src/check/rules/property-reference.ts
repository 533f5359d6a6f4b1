import type { BoundVariable } from "../../binder/bound-query.js";
import type { Scope } from "../../binder/scope.js";
import type { EntityType, Property } from "../../catalog/catalog.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { PropertyExpression } from "../../plan/expression.js";
import type { PropertyAccess } from "../../query/query-ast.js";
import { isBlob } from "../../types/compatible.js";
import { typeError } from "../type-error.js";

/** T6: `$v.p` needs a bound variable and a declared property. Hidden columns are no properties (TY-14). */
export function checkPropertyReference({ variable, property }: PropertyAccess, scope: Scope): { readonly variable: BoundVariable; readonly property: Property } {
  const bound = scope.find(variable.text);
  if (bound === undefined) throw typeError("T6", variable.span, ...unbound(variable.text, scope));
  const found = bound.type.propertyByName.get(property.text);
  if (found === undefined) {
    throw typeError("T6", property.span, `${describeType(bound.type)} has no property '${property.text}'`, {
      hint: propertyHint(property.text, bound.type),
      related: [{ span: bound.span, message: `'$${variable.text}' has type ${bound.type.name}` }],
    });
  }
  return { variable: bound, property: found };
}

function unbound(name: string, scope: Scope): [string, { hint: string | undefined }] {
  if (name === "_") return ["'$_' is anonymous and has no properties", { hint: "give the variable a name" }];
  const isParameter = scope.context.parameters.has(name);
  const hint = isParameter
    ? `'$${name}' is a parameter; parameters have no properties`
    : (didYouMean(`$${name}`, scope.visibleNames().map((visible) => `$${visible}`)) ?? "a variable must be bound by an earlier clause");
  return [`variable '$${name}' is not bound`, { hint }];
}

export function describeType(type: EntityType): string {
  return `${type.kind} type '${type.name}'`;
}

export function propertyHint(name: string, type: EntityType): string | undefined {
  if (name === "id" && type.kind === "node") return "the id of an entity is what the bare variable projects";
  return didYouMean(name, type.propertyByName.keys());
}

/** T24: a Blob property is never read. */
export function checkBlobRead(expression: PropertyExpression, { variable, property, span }: PropertyAccess): void {
  if (isBlob(expression.type)) {
    throw typeError("T24", span, `'$${variable.text}.${property.text}' is a Blob; Blob values cannot be read in a query`);
  }
}
