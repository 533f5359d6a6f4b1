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
      hint: "restore _schema.pg, _schema.ir.json and __schema_state.json as they were last accepted; change a schema with `schema apply` only",
    });
    this.problem = problem;
  }

  /** Reading the same documents again fails again. */
  override get retryable(): boolean {
    return false;
  }
}
