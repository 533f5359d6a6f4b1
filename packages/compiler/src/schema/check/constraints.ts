/** Phase 5 (§11.1): constraints, written in bodies or as property annotations. Rules P37–P45. */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Span } from "../../source/span.js";
import { displayType, isNumeric, type PropertyType } from "../../types/property-type.js";
import { compileCheckPattern } from "../check-pattern.js";
import { propertiesByName, type ResolvedEdge, type ResolvedNode, type ResolvedProperty, type ResolvedSchema } from "../resolved-schema.js";
import { type ConstraintNode, constraintsOf } from "../schema-ast.js";
import { problem, suggest } from "./problem.js";
import { checkTextSettings } from "./text-settings.js";

export interface ConstraintCheckOptions {
  /** A stored schema may hold `@unique` over a Blob, which older versions let in (§13.1). */
  readonly allowBlobUnique: boolean;
}

interface Scope {
  readonly owner: ResolvedNode | ResolvedEdge;
  readonly properties: ReadonlyMap<string, ResolvedProperty>;
  readonly options: ConstraintCheckOptions;
  readonly diagnostics: Diagnostic[];
}

export function checkConstraints(schema: ResolvedSchema, options: ConstraintCheckOptions): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const owner of schema.types) {
    if (owner.kind === "interface") continue;
    const properties = propertiesByName(owner.properties);
    const scope = { owner, properties, options, diagnostics };
    const keys: Span[] = [];
    for (const constraint of constraintsOf(owner.declaration)) {
      checkConstraint(constraint, scope);
      if (constraint.name === "key") keys.push(constraint.span);
    }
    diagnostics.push(...checkTextSettings(owner, properties));
    for (const property of owner.properties) {
      const key = property.declaration.annotations.find((annotation) => annotation.name.text === "key");
      if (key === undefined) continue;
      // The annotation of an injected property stands in the interface; the node is where two keys meet.
      keys.push(property.isDeclared ? key.span : owner.declaration.name.span);
      checkKeyNullability(property, keys.at(-1) ?? key.span, scope);
    }
    if (owner.kind === "node") checkSingleKey(owner, keys, diagnostics);
  }
  return diagnostics;
}

function checkSingleKey(owner: ResolvedNode, keys: readonly Span[], diagnostics: Diagnostic[]): void {
  const [first, second] = keys;
  if (first === undefined || second === undefined) return;
  const related = [{ span: first, message: "first key here" }];
  diagnostics.push(
    problem("P37", `node ${owner.name} has multiple @key constraints`, second, {
      related,
      hint: "a key over several properties is one constraint: @key(a, b)",
    }),
  );
}

function checkKeyNullability(property: ResolvedProperty, span: Span, scope: Scope): void {
  if (!property.type.isNullable) return;
  const message = `@key property ${scope.owner.name}.${property.name} cannot be nullable`;
  scope.diagnostics.push(problem("P40", message, span, { hint: `remove '?' from the type of '${property.name}'` }));
}

function checkConstraint(constraint: ConstraintNode, scope: Scope): void {
  const { owner, diagnostics } = scope;
  const { name } = constraint;
  if (owner.kind === "edge" && name !== "unique" && name !== "index") {
    diagnostics.push(problem("P38", `@${name} is not supported on edges: edge ${owner.name}`, constraint.span));
    return;
  }
  const isTuple = name === "key" || name === "unique" || name === "index";
  for (const argument of isTuple ? constraint.arguments : constraint.arguments.slice(0, 1)) {
    if (argument.kind !== "NameArgument") continue;
    if (owner.kind === "edge" && (argument.value === "src" || argument.value === "dst")) continue;
    const property = scope.properties.get(argument.value);
    if (property === undefined) {
      const hint = suggest(argument.value, scope.properties.keys(), diagnostics);
      diagnostics.push(problem("P39", `@${name} on ${owner.name} names unknown property '${argument.value}'`, argument.span, { hint }));
    } else if (isTuple) {
      checkTupleMember(name, property, argument.span, scope);
    } else {
      checkValueConstraint(constraint, property, scope);
    }
  }
}

function checkTupleMember(name: "key" | "unique" | "index", property: ResolvedProperty, span: Span, scope: Scope): void {
  const { type } = property;
  const path = `${scope.owner.name}.${property.name}`;
  if (type.base.kind === "Blob" && !(name === "unique" && scope.options.allowBlobUnique)) {
    scope.diagnostics.push(problem("P27", `@${name} is not supported on blob property ${path}`, span));
  }
  if (name !== "key") return;
  if (type.isList) scope.diagnostics.push(problem("P25", `@key is not supported on list property ${path}`, span));
  else if (type.base.kind === "Vector") scope.diagnostics.push(problem("P26", `@key is not supported on vector property ${path}`, span));
  else checkKeyNullability(property, span, scope);
}

function isText(type: PropertyType): boolean {
  return type.base.kind === "String";
}

function checkValueConstraint(constraint: ConstraintNode, property: ResolvedProperty, scope: Scope): void {
  const path = `${scope.owner.name}.${property.name}`;
  const { span } = constraint;
  if (constraint.name === "range") {
    if (isNumeric(property.type.base)) return;
    scope.diagnostics.push(problem("P43", `@range on ${path} requires a numeric type, got ${displayType(property.type)}`, span));
    return;
  }
  if (!isText(property.type)) {
    scope.diagnostics.push(problem("P44", `@check on ${path} requires a String type, got ${displayType(property.type)}`, span));
    return;
  }
  const pattern = constraint.arguments[1];
  if (pattern?.kind !== "Literal") return;
  const compiled = compileCheckPattern(pattern.value);
  if ("problem" in compiled) {
    const hint = "patterns follow RE2: no look-around and no back-references";
    scope.diagnostics.push(problem("P45", `@check on ${path} has an invalid regex: ${compiled.problem}`, pattern.span, { hint }));
  }
}
