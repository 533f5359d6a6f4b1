/** Things that are accepted and probably not meant: Q03, Q05, Q06, Q09, Q12 (§20) and the names of §10.2. */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import {
  propertiesByName,
  type ResolvedEdge,
  type ResolvedInterface,
  type ResolvedNode,
  type ResolvedProperty,
  type ResolvedSchema,
} from "../resolved-schema.js";
import { type BoundsNode, type ConstraintNode, constraintsOf } from "../schema-ast.js";
import { checkText } from "./annotations.js";
import { warning } from "./problem.js";
import { checkPropertyAnnotations } from "./property-annotations.js";

/** Warnings of a schema without errors, in source order. */
export function schemaWarnings(schema: ResolvedSchema): Diagnostic[] {
  const implemented = new Set(schema.types.flatMap((type) => (type.kind === "node" ? type.interfaces : [])));
  return schema.types.flatMap((type) => {
    if (type.kind === "interface") return implemented.has(type.name) ? [] : unusedInterfaceWarnings(type);
    return [...misspeltAnnotationWarnings(type), ...(type.kind === "edge" ? edgeWarnings(type) : []), ...loadWarnings(type), ...constraintWarnings(type)];
  });
}

const MEANINGFUL_ANNOTATIONS: ReadonlySet<string> = new Set(["key", "unique", "index", "embed", "range", "check", "card", "description", "instruction", "rename_from"]);

/** A custom annotation has no effect (§8.3), so one that is nearly the name of another is a slip. */
function misspeltAnnotationWarnings(owner: ResolvedNode | ResolvedEdge): Diagnostic[] {
  const onProperties = owner.properties.filter((property) => property.isDeclared).flatMap((property) => property.declaration.annotations);
  return [...owner.declaration.annotations, ...onProperties].flatMap((annotation) => {
    const name = annotation.name.text;
    const hint = MEANINGFUL_ANNOTATIONS.has(name) ? undefined : didYouMean(name, MEANINGFUL_ANNOTATIONS);
    return hint === undefined ? [] : [warning("8.3", `@${name} on ${owner.kind} ${owner.name} is a custom annotation, without effect`, annotation.span, { hint })];
  });
}

function edgeWarnings(edge: ResolvedEdge): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const annotation of edge.declaration.annotations) {
    if (annotation.name.text !== "card") continue;
    diagnostics.push(
      warning("Q03", `@card on edge ${edge.name} has no effect: it is not of the form @card(min..max)`, annotation.span, {
        hint: "write @card(0..1), or @card(1..) for no maximum, directly after the target type",
      }),
    );
  }
  for (const property of edge.properties) {
    if (property.name !== "from" && property.name !== "to") continue;
    const message = `property '${property.name}' of edge ${edge.name} cannot be told apart from the endpoint in mutations`;
    diagnostics.push(warning("10.2", message, property.declaration.name.span, { hint: "rename the property" }));
  }
  return diagnostics;
}

/** `_tombstone` is a reserved field of the load format (§10.2). */
function loadWarnings(owner: ResolvedNode | ResolvedEdge): Diagnostic[] {
  const property = owner.properties.find((item) => item.name === "_tombstone" && item.isDeclared);
  if (property === undefined) return [];
  const message = `property '_tombstone' of ${owner.kind} ${owner.name} cannot be loaded: the load format reserves the name`;
  return [warning("10.2", message, property.declaration.name.span, { hint: "rename the property" })];
}

function constraintWarnings(owner: ResolvedNode | ResolvedEdge): Diagnostic[] {
  const properties = propertiesByName(owner.properties);
  return constraintsOf(owner.declaration).flatMap((constraint) => {
    const named = constraint.arguments.flatMap((argument) => (argument.kind === "NameArgument" ? [properties.get(argument.value)] : []));
    return tupleWarnings(owner.name, constraint, named).concat(valueWarnings(owner.name, constraint, named[0]));
  });
}

function tupleWarnings(owner: string, constraint: ConstraintNode, named: readonly (ResolvedProperty | undefined)[]): Diagnostic[] {
  if (constraint.name !== "unique") return [];
  return named.flatMap((property) => {
    if (property === undefined || !(property.type.isList || property.type.base.kind === "Vector")) return [];
    const message = `@unique on ${owner}.${property.name} makes every write of a value fail: lists and vectors have no uniqueness`;
    return [warning("Q05", message, constraint.span)];
  });
}

function valueWarnings(owner: string, constraint: ConstraintNode, property: ResolvedProperty | undefined): Diagnostic[] {
  if (property === undefined || (constraint.name !== "range" && constraint.name !== "check")) return [];
  const diagnostics: Diagnostic[] = [];
  if (property.type.isList) {
    diagnostics.push(warning("Q06", `@${constraint.name} on list property ${owner}.${property.name} is never enforced`, constraint.span));
  }
  const bounds = constraint.arguments[1];
  if (bounds?.kind === "Bounds" && isEmptyRange(bounds)) {
    diagnostics.push(warning("Q09", `@range on ${owner}.${property.name} has a minimum above its maximum: every value fails`, bounds.span));
  }
  return diagnostics;
}

function isEmptyRange({ min, max }: BoundsNode): boolean {
  return min !== undefined && max !== undefined && Number(min) > Number(max);
}

/** Q12: what a node that implements the interface would be refused for. */
function unusedInterfaceWarnings(owner: ResolvedInterface): Diagnostic[] {
  const asErrors: Diagnostic[] = [];
  const asNode = { kind: "node" as const, name: owner.name, properties: propertiesByName(owner.properties) };
  for (const property of owner.properties) {
    checkText("description", `${owner.name}.${property.name}`, property.declaration.annotations, asErrors);
    checkPropertyAnnotations(asNode, property, asErrors);
  }
  return asErrors.map((item) => ({
    ...item,
    rule: "Q12",
    severity: "warning",
    message: `no node could implement interface ${owner.name}: ${item.message.replace(/^parse error: /, "")}`,
  }));
}
