import { SourceText } from "../source/source-text.js";
import type { Span } from "../source/span.js";
import type { Diagnostic } from "./diagnostic.js";

/** Longer source lines are cut around the caret. */
const LINE_CHARACTERS_MAX = 160;

/**
 * One diagnostic for a terminal, without colours: a head `path:line:col: severity[rule]: message`, the source line with
 * the span underlined, related places likewise, and the hint. No trailing line end.
 *
 * ```text
 * schema.pg:2:12: error[P39]: parse error: @index on Plant names unknown property 'lable'
 *   2 |     @index(lable)
 *     |            ^^^^^
 *   = hint: did you mean 'label'?
 * ```
 */
export function printDiagnostic(diagnostic: Diagnostic, source: string, path?: string): string {
  const text = new SourceText(source);
  const lines = [headOf(diagnostic, text, path)];
  if (diagnostic.span !== undefined) lines.push(...excerpt(text, diagnostic.span, "^", ""));
  for (const { span, message } of diagnostic.related ?? []) lines.push(...excerpt(text, span, "-", ` ${message}`));
  if (diagnostic.hint !== undefined) lines.push(`  = hint: ${diagnostic.hint}`);
  return lines.join("\n");
}

function headOf({ span, severity, rule, message }: Diagnostic, text: SourceText, path: string | undefined): string {
  const position = span === undefined ? undefined : text.positionAt(span.start);
  const place = [path, position?.line, position?.column].filter((part) => part !== undefined).join(":");
  return `${place === "" ? "" : `${place}: `}${severity}[${rule}]: ${printable(message)}`;
}

/** Control characters of a source must not reach a terminal; tabs keep their width. */
function printable(line: string): string {
  return line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\u00b7");
}

function excerpt(text: SourceText, span: Span, mark: string, note: string): string[] {
  const { line, column } = text.positionAt(span.start);
  const full = text.lineText(line);
  const start = Math.min(column - 1, full.length);
  const cut = start > LINE_CHARACTERS_MAX / 2 && full.length > LINE_CHARACTERS_MAX ? start - LINE_CHARACTERS_MAX / 2 : 0;
  const shown = printable(full.slice(cut, cut + LINE_CHARACTERS_MAX));
  const width = Math.max(1, Math.min(span.end - span.start, full.length - start, LINE_CHARACTERS_MAX / 2));
  const indent = shown.slice(0, start - cut).replace(/[^\t]/g, " ");
  const number = String(line);
  const gutter = " ".repeat(number.length);
  return [`  ${number} | ${shown}`, `  ${gutter} | ${indent}${mark.repeat(width)}${note}`];
}
