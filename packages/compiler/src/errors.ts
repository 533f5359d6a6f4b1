import { OmniError, type ErrorCategory } from "@omnigraphdb/common";
import type { Diagnostic } from "./diagnostics/diagnostic.js";

/** A source was refused. Carries every diagnostic found; the message is the first one's. */
export class CompileError extends OmniError {
  readonly code = "COMPILE_ERROR";
  readonly category: ErrorCategory = "invalid";
  readonly diagnostics: readonly Diagnostic[];
  /** The refused text, for printing carets. */
  readonly source: string;

  constructor(diagnostics: readonly Diagnostic[], source: string) {
    const first = diagnostics[0];
    super(first?.message ?? "source refused", first?.hint === undefined ? {} : { hint: first.hint });
    this.diagnostics = diagnostics;
    this.source = source;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { diagnostics: this.diagnostics };
  }
}

/** A query was called with wrong, missing or out-of-range parameters (query specification §6). */
export class ParameterError extends OmniError {
  readonly code = "PARAMETER_ERROR";
  readonly category: ErrorCategory = "invalid";
  /** Absent when the parameters object as a whole is wrong. */
  readonly parameter: string | undefined;

  constructor(message: string, parameter?: string, hint?: string) {
    super(message, hint === undefined ? {} : { hint });
    this.parameter = parameter;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return this.parameter === undefined ? {} : { parameter: this.parameter };
  }
}

/**
 * The three documents of an accepted schema do not agree, or one is damaged (schema specification §13.1). Nothing is
 * read or written until someone restores them.
 */
export class SchemaContractError extends OmniError {
  readonly code = "SCHEMA_CONTRACT";
  readonly category: ErrorCategory = "conflict";
  /** What disagrees, in one sentence. */
  readonly problem: string;

  constructor(problem: string, options: { readonly cause?: unknown } = {}) {
    super(`schema evolution is locked down: ${problem}`, {
      ...options,
      hint: "Restore _schema.pg, _schema.ir.json and __schema_state.json as they were last accepted; none of them is edited by hand.",
    });
    this.problem = problem;
  }

  /** Reading the same documents again fails again. */
  override get retryable(): boolean {
    return false;
  }
}

/** A file does not have the one query asked for (query specification §13). */
export class QuerySelectionError extends OmniError {
  readonly code = "QUERY_SELECTION";
  readonly category: ErrorCategory = "invalid";
  /** The name asked for; absent when none was given. */
  readonly requested: string | undefined;
  /** Names of the queries in the file, in file order. */
  readonly names: readonly string[];

  constructor(requested: string | undefined, names: readonly string[], suggestion?: string) {
    super(selectionMessage(requested, names), { hint: suggestion ?? selectionHint(names) });
    this.requested = requested;
    this.names = names;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { names: this.names };
  }
}

/** Names that a message lists. */
const LISTED_NAMES_MAX = 20;

function selectionMessage(requested: string | undefined, names: readonly string[]): string {
  const listed = names.slice(0, LISTED_NAMES_MAX).map((name) => `'${name}'`).join(", ");
  const more = names.length > LISTED_NAMES_MAX ? ` and ${names.length - LISTED_NAMES_MAX} more` : "";
  const list = names.length === 0 ? "the source has no query" : `the source has ${listed}${more}`;
  return requested === undefined ? `no query was named, and ${list}` : `unknown query '${requested}': ${list}`;
}

function selectionHint(names: readonly string[]): string {
  return names.length === 0 ? "Add a query to the source." : "Name one of the queries.";
}
