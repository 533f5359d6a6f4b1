import type { Catalog } from "../catalog/catalog.js";
import { checkQuery } from "../check/check-query.js";
import { listingOf } from "../compile-query.js";
import { describeOperation, type OperationDescriptor } from "../descriptor/operation-descriptor.js";
import type { Diagnostic, Severity } from "../diagnostics/diagnostic.js";
import { parseQueryFile } from "../query/parse-query.js";
import type { QueryDeclaration } from "../query/query-ast.js";
import { type CheckedMutation, findUnassignedProperties } from "./rules/unassigned-property.js";
import { missingParameterWarnings } from "./rules/mutation-without-parameters.js";

export interface LintQueryResult {
  readonly name: string;
  readonly kind: "read" | "mutation";
  readonly status: "ok" | "error";
  /** Left out when empty. */
  readonly warnings?: readonly string[];
  /** Complete text of the diagnostic; failures only. */
  readonly error?: string;
  /** Successes only. */
  readonly operation?: OperationDescriptor;
}

export interface LintFinding {
  readonly severity: Severity;
  readonly code: "Q000" | "L201";
  readonly message: string;
  readonly type_name?: string;
  readonly property?: string;
  readonly query_names?: readonly string[];
}

/** In the spelling of the wire (query specification §15.2), without the members that say where the inputs came from. */
export interface LintReport {
  readonly status: "ok" | "error";
  readonly queries_processed: number;
  /** Failed queries and error findings. */
  readonly errors: number;
  /** Warnings of queries and warning findings. */
  readonly warnings: number;
  readonly infos: number;
  /** In file order. */
  readonly results: readonly LintQueryResult[];
  /** By severity, type, property. */
  readonly findings: readonly LintFinding[];
  /** Not on the wire: one per failed query, in file order, or the one of a source that does not parse. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks every query of a source against a catalog. Never throws for what the source contains. */
export function lintQueries(source: string, catalog: Catalog): LintReport {
  const parsed = parseQueryFile(source);
  if ("diagnostic" in parsed) {
    return makeReport([], [{ severity: "error", code: "Q000", message: parsed.diagnostic.message }], [parsed.diagnostic]);
  }
  const mutations: CheckedMutation[] = [];
  const diagnostics: Diagnostic[] = [];
  const results = parsed.file.queries.map((query) => lintQuery(query, catalog, mutations, diagnostics));
  return makeReport(results, findUnassignedProperties(mutations, catalog), diagnostics);
}

function lintQuery(query: QueryDeclaration, catalog: Catalog, mutations: CheckedMutation[], diagnostics: Diagnostic[]): LintQueryResult {
  const warnings = missingParameterWarnings(query);
  const head = { ...listingOf(query) };
  const tail = warnings.length === 0 ? {} : { warnings };
  const checked = checkQuery(query, catalog);
  if ("diagnostic" in checked) {
    diagnostics.push(checked.diagnostic);
    return { ...head, status: "error", ...tail, error: checked.diagnostic.message };
  }
  if (checked.query.kind === "mutation") mutations.push({ name: head.name, statements: checked.query.statements });
  return { ...head, status: "ok", ...tail, operation: describeOperation(checked.query, catalog) };
}

function makeReport(results: readonly LintQueryResult[], findings: readonly LintFinding[], diagnostics: readonly Diagnostic[]): LintReport {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const errors = results.filter(({ status }) => status === "error").length + count("error");
  const warnings = results.reduce((total, result) => total + (result.warnings?.length ?? 0), 0) + count("warning");
  return { status: errors > 0 ? "error" : "ok", queries_processed: results.length, errors, warnings, infos: count("info"), results, findings, diagnostics };
}
