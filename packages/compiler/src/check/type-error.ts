import type { Diagnostic, RelatedSpan } from "../diagnostics/diagnostic.js";
import type { QueryRule, UnnumberedQueryRule } from "../diagnostics/query-codes.js";
import type { Span } from "../source/span.js";

/**
 * Ends the static check at its first violation (CK-1). Private to the compiler: `checkQuery` returns the diagnostic
 * as a value.
 */
export class CheckStop extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

export interface TypeErrorExtras {
  readonly hint?: string | undefined;
  readonly related?: readonly RelatedSpan[];
}

/** `type error: T7: …`; rules without a number leave the code out (query specification §13). */
export function typeError(rule: QueryRule | UnnumberedQueryRule, span: Span, text: string, { hint, related }: TypeErrorExtras = {}): CheckStop {
  const code = /^T[0-9]+$/.test(rule) ? `${rule}: ` : "";
  return new CheckStop({
    rule,
    severity: "error",
    message: `type error: ${code}${text}`,
    span,
    ...(related === undefined ? {} : { related }),
    ...(hint === undefined ? {} : { hint }),
  });
}
