/** Phase 4 (§11.1) for annotations that may stand on types and properties alike. Rules P18–P24. */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { propertiesByName, type ResolvedSchema, type ResolvedType } from "../resolved-schema.js";
import type { AnnotationNode } from "../schema-ast.js";
import { checkPropertyAnnotations } from "./property-annotations.js";
import { problem } from "./problem.js";

/** Annotations that mean something on a property only. */
const PROPERTY_ONLY: ReadonlySet<string> = new Set(["key", "unique", "index", "embed"]);

export function checkAnnotations(schema: ResolvedSchema): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const type of schema.types) {
    if (type.kind === "interface") {
      for (const property of type.properties)
        checkRenameHint(`${type.name}.${property.name}`, property.declaration.annotations, diagnostics);
      continue;
    }
    checkTypeAnnotations(type, diagnostics);
    const owner = { kind: type.kind, name: type.name, properties: propertiesByName(type.properties) };
    for (const property of type.properties) {
      const { annotations } = property.declaration;
      checkText("description", `${type.name}.${property.name}`, annotations, diagnostics);
      checkRenameHint(`${type.name}.${property.name}`, annotations, diagnostics);
      checkPropertyAnnotations(owner, property, diagnostics);
    }
  }
  return diagnostics;
}

function checkTypeAnnotations(type: Exclude<ResolvedType, { kind: "interface" }>, diagnostics: Diagnostic[]): void {
  const { annotations } = type.declaration;
  const owner = `${type.kind} ${type.name}`;
  checkRenameHint(owner, annotations, diagnostics);
  for (const annotation of annotations) {
    const name = annotation.name.text;
    if (!PROPERTY_ONLY.has(name)) continue;
    if (type.kind === "node") {
      diagnostics.push(problem("P21", `@${name} is only supported on node properties, not on node ${type.name}`, annotation.span));
    } else {
      diagnostics.push(problem("P22", `@${name} is not supported on edges: edge ${type.name}`, annotation.span));
    }
  }
  checkText("description", owner, annotations, diagnostics);
  checkText("instruction", owner, annotations, diagnostics);
}

function isBlank(value: string | undefined): boolean {
  return value === undefined || value.trim() === "";
}

/** P23, P24: text for people and models is present once and not blank. */
export function checkText(
  name: "description" | "instruction",
  owner: string,
  annotations: readonly AnnotationNode[],
  diagnostics: Diagnostic[],
): void {
  const found = annotations.filter((annotation) => annotation.name.text === name);
  const [first, second] = found;
  if (first !== undefined && second !== undefined) {
    const related = [{ span: first.span, message: "first declared here" }];
    diagnostics.push(problem("P24", `${owner} declares @${name} multiple times`, second.span, { related }));
  }
  for (const annotation of found) {
    if (isBlank(annotation.argument?.value))
      diagnostics.push(problem("P23", `@${name} on ${owner} requires a non-empty value`, annotation.span));
  }
}

/** P18–P20: a hint names one old name and nothing else. */
function checkRenameHint(owner: string, annotations: readonly AnnotationNode[], diagnostics: Diagnostic[]): void {
  const [first, second] = annotations.filter((annotation) => annotation.name.text === "rename_from");
  if (first === undefined) return;
  if (second !== undefined) {
    const related = [{ span: first.span, message: "first declared here" }];
    diagnostics.push(problem("P18", `${owner} declares @rename_from multiple times`, second.span, { related }));
  } else if (isBlank(first.argument?.value)) {
    diagnostics.push(problem("P19", `@rename_from on ${owner} requires one non-empty value: the old name`, first.span));
  } else if (first.keywords.length > 0) {
    diagnostics.push(problem("P20", `@rename_from on ${owner} does not accept keyword arguments`, first.span));
  }
}
