import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { QuerySyntaxRule } from "../diagnostics/query-codes.js";
import type { SourceText } from "../source/source-text.js";
import type { Span } from "../source/span.js";

/** What makes a source text no query file: the rule, the place, and what is wrong in words. */
export interface SyntaxProblem {
  /** `SYN` for the grammar of §3, else the lexical or grammar rule (`LX-6`, `GR-6` …). */
  readonly rule: QuerySyntaxRule;
  readonly span: Span;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Ends the building of a tree at its first problem. Private to this folder: {@link parseQueryFile} returns it as a value. */
export class SyntaxStop extends Error {
  readonly problem: SyntaxProblem;

  constructor(problem: SyntaxProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** `parse error: line 3, column 7: …` (query specification §13). */
export function syntaxDiagnostic(source: SourceText, problem: SyntaxProblem): Diagnostic {
  const { line, column } = source.positionAt(problem.span.start);
  return {
    rule: problem.rule,
    severity: "error",
    message: `parse error: line ${line}, column ${column}: ${problem.message}`,
    span: problem.span,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  };
}
