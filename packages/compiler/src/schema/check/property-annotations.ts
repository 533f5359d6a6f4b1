/** Phase 4 (§11.1) for one property of a node or edge. Rules P25–P36. */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { ResolvedProperty } from "../resolved-schema.js";
import type { AnnotationNode } from "../schema-ast.js";
import { problem, suggest } from "./problem.js";

/** What the rules need to know of the type that a property belongs to. */
interface Owner {
  readonly kind: "node" | "edge";
  readonly name: string;
  readonly properties: ReadonlyMap<string, ResolvedProperty>;
}

const STRUCTURAL: ReadonlySet<string> = new Set(["key", "unique", "index", "embed"]);

/** Each annotation in order, against the first rule that it breaks. */
export function checkPropertyAnnotations(owner: Owner, property: ResolvedProperty, diagnostics: Diagnostic[]): void {
  const seen = new Map<string, AnnotationNode>();
  for (const annotation of property.declaration.annotations) {
    const found = checkPlacement(owner, property, annotation, seen) ?? checkEmbed(owner, property, annotation, diagnostics);
    if (found !== undefined) diagnostics.push(found);
    if (!seen.has(annotation.name.text)) seen.set(annotation.name.text, annotation);
  }
}

function checkPlacement(
  owner: Owner,
  property: ResolvedProperty,
  annotation: AnnotationNode,
  seen: ReadonlyMap<string, AnnotationNode>,
): Diagnostic | undefined {
  const name = annotation.name.text;
  const path = `${owner.name}.${property.name}`;
  const { span } = annotation;
  if (name === "instruction") return problem("P28", `@instruction is only supported on node and edge types, not on ${path}`, span);
  if (!STRUCTURAL.has(name)) return undefined;
  const { type } = property;
  if (type.isList) return problem("P25", `@${name} is not supported on list property ${path}`, span);
  if (type.base.kind === "Vector" && (name === "key" || name === "unique")) {
    return problem("P26", `@${name} is not supported on vector property ${path}`, span);
  }
  if (type.base.kind === "Blob") return problem("P27", `@${name} is not supported on blob property ${path}`, span);
  if (owner.kind === "edge" && (name === "key" || name === "embed")) {
    return problem("P29", `@${name} is not supported on edge properties: ${path}`, span);
  }
  const first = seen.get(name);
  if (first === undefined) return undefined;
  return problem("P30", `property ${path} declares @${name} multiple times`, span, {
    related: [{ span: first.span, message: "first declared here" }],
  });
}

function checkEmbed(
  owner: Owner,
  property: ResolvedProperty,
  annotation: AnnotationNode,
  diagnostics: readonly Diagnostic[],
): Diagnostic | undefined {
  if (annotation.name.text !== "embed") return undefined;
  const path = `${owner.name}.${property.name}`;
  const { span, argument } = annotation;
  if (property.type.base.kind !== "Vector") return problem("P31", `@embed is only supported on vector properties, not on ${path}`, span);
  if (argument === undefined) return problem("P32", `@embed on ${path} requires a source property name`, span);
  if (argument.value.trim() === "") return problem("P33", `@embed on ${path} requires a non-empty source property name`, span);
  const source = owner.properties.get(argument.value);
  if (source === undefined) {
    const hint = suggest(argument.value, owner.properties.keys(), diagnostics);
    return problem("P34", `@embed on ${path} names unknown source property ${argument.value}`, argument.span, { hint });
  }
  if (source.type.base.kind !== "String" || source.type.isList) {
    return problem("P35", `@embed source ${owner.name}.${source.name} must be String or an enum`, argument.span);
  }
  const other = annotation.keywords.find((keyword) => keyword.name.text !== "model");
  if (other === undefined) return undefined;
  return problem("P36", `@embed on ${path} has unknown keyword '${other.name.text}=': only 'model' is supported`, other.span);
}
