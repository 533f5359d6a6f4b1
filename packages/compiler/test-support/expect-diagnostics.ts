import type { Diagnostic } from "../src/diagnostics/diagnostic.js";

/**
 * Compares diagnostics with a compact notation: `rule "text under the span"`, warnings with a leading `~`.
 *
 * ```ts
 * expectDiagnostics("node A { v: Vector(0) }", checkSchemaSource, ['P06 "Vector(0)"']);
 * ```
 */
export function expectDiagnostics(source: string, check: (source: string) => readonly Diagnostic[], expected: readonly string[]): void {
  const actual = check(source).map(({ rule, severity, span }) => {
    const text = span === undefined ? "" : ` ${JSON.stringify(source.slice(span.start, span.end))}`;
    return `${severity === "error" ? "" : "~"}${rule}${text}`;
  });
  const show = (list: readonly string[]): string => list.map((line) => `\n  ${line}`).join("");
  if (actual.join("\n") !== expected.join("\n")) {
    throw new Error(`diagnostics differ for\n${source}\nexpected:${show(expected)}\nactual:${show(actual)}`);
  }
}
