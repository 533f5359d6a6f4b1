import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { Diagnostic, RelatedSpan } from "../../diagnostics/diagnostic.js";
import { DIAGNOSTICS_MAX } from "../../limits.js";
import type { Span } from "../../source/span.js";

interface Extras {
  readonly hint?: string | undefined;
  readonly related?: readonly RelatedSpan[] | undefined;
}

/** Prefix of messages about the source text and about the catalog built from it (§1.3). */
function prefixOf(rule: string): string {
  if (rule.startsWith("C")) return "catalog error: ";
  return rule.startsWith("R") ? "schema identity resolution failed: " : "parse error: ";
}

export function problem(rule: string, message: string, span: Span, extras: Extras = {}): Diagnostic {
  return { rule, severity: "error", message: prefixOf(rule) + message, span, ...present(extras) };
}

export function warning(rule: string, message: string, span: Span, extras: Extras = {}): Diagnostic {
  return { rule, severity: "warning", message, span, ...present(extras) };
}

function present(extras: Extras): { hint?: string; related?: readonly RelatedSpan[] } {
  return {
    ...(extras.hint === undefined ? {} : { hint: extras.hint }),
    ...(extras.related === undefined ? {} : { related: extras.related }),
  };
}

/** A "did you mean" hint for the next of `diagnostics`, as long as anyone will see it. */
export function suggest(word: string, candidates: Iterable<string>, diagnostics: readonly Diagnostic[]): string | undefined {
  return diagnostics.length < DIAGNOSTICS_MAX ? didYouMean(word, candidates) : undefined;
}
