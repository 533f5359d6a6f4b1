import type { Span } from "../source/span.js";

export type Severity = "error" | "warning" | "info";

/** A further place that explains a problem, such as where a name was bound first. */
export interface RelatedSpan {
  readonly span: Span;
  readonly message: string;
}

/**
 * One problem in a source text. Problems are values: the phases return them, only the façade throws.
 *
 * `rule` is the identifier of the language specification that refuses the source (`P17`, `T7`, `SYN` …). Rules
 * of the query language that clients see (`T1` … `T24`, `Q000`, `L201`) are part of the message as well.
 */
export interface Diagnostic {
  readonly rule: string;
  readonly severity: Severity;
  /** Complete text, with the prefix the specification asks for (`parse error: `, `type error: T7: ` …). */
  readonly message: string;
  /** Absent only for problems of the whole source. */
  readonly span?: Span;
  readonly related?: readonly RelatedSpan[];
  /** What would be right; "did you mean". */
  readonly hint?: string;
}
