import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { checkAnnotations } from "./check/annotations.js";
import { checkBoundCatalog, checkCanonicalShape, checkReferences, checkSourceCatalog } from "./check/catalog-names.js";
import { checkConstraints, type ConstraintCheckOptions } from "./check/constraints.js";
import { checkDeclarations } from "./check/declarations.js";
import { schemaWarnings } from "./check/warnings.js";
import { parseSchema } from "./parse-schema.js";
import { resolveInterfaces } from "./resolve-interfaces.js";
import type { ResolvedSchema } from "./resolved-schema.js";

export type ReadSchema = { readonly schema: ResolvedSchema } | { readonly diagnostics: readonly Diagnostic[] };

/**
 * Phases 1 to 5 (§11.1). A phase with problems ends the reading: later phases rely on what it establishes. All
 * problems of that phase are returned, in source order.
 */
export function readSchema(source: string, options: ConstraintCheckOptions = { allowBlobUnique: false }): ReadSchema {
  const parsed = parseSchema(source);
  if ("diagnostic" in parsed) return { diagnostics: [parsed.diagnostic] };
  const formed = checkDeclarations(parsed.document);
  if (formed.length > 0) return { diagnostics: formed };
  const { schema, diagnostics } = resolveInterfaces(parsed.document);
  if (diagnostics.length > 0) return { diagnostics };
  const annotations = checkAnnotations(schema);
  if (annotations.length > 0) return { diagnostics: annotations };
  const constraints = checkConstraints(schema, options);
  return constraints.length > 0 ? { diagnostics: constraints } : { schema };
}

/** The source check: phases 1 to 6, what only admission refuses, and warnings. */
export function checkSource(source: string): readonly Diagnostic[] {
  const read = readSchema(source);
  if ("diagnostics" in read) return read.diagnostics;
  const catalog = checkSourceCatalog(read.schema);
  if (catalog.length > 0) return catalog;
  const stricter = [...checkCanonicalShape(read.schema), ...checkReferences(read.schema)];
  return stricter.length > 0 ? stricter : schemaWarnings(read.schema);
}

/**
 * Phases 7 and 9, with phase 8 in between: `resolveIdentity` returns the problems of matching with an accepted
 * schema (R01–R08).
 */
export function checkAdmission(schema: ResolvedSchema, resolveIdentity: () => readonly Diagnostic[] = () => []): readonly Diagnostic[] {
  for (const phase of [checkCanonicalShape, resolveIdentity, checkReferences, checkBoundCatalog]) {
    const diagnostics = phase(schema);
    if (diagnostics.length > 0) return diagnostics;
  }
  return [];
}
