import { isAbsolute, relative, sep } from "node:path";
import type { ClusterDiagnostic } from "@omnigraphdb/cluster";
import type { Json } from "@omnigraphdb/common";
import { visibleText } from "../cell-text.js";
import { counted } from "./counted.js";
import type { ClusterStyle } from "./cluster-style.js";
import { wrapText } from "./wrapped-text.js";

/** What the command line itself found wrong has codes of its own, so any text may be one. */
export type ShownDiagnostic = Omit<ClusterDiagnostic, "code"> & { readonly code: string };

/** cluster.md §13.1; where it stands, if that is known, in three members more. */
export function diagnosticDocument({ code, severity, path, message, place }: ShownDiagnostic): { readonly [key: string]: Json } {
  return { code, severity, path, message, ...(place === undefined ? {} : { file: place.file, line: place.line, column: place.column }) };
}

/** `ERROR  <code> <path>: <message>` and the place below, errors first (cluster.md §13.4). Begins with an empty line if there are any. */
export function diagnosticLines(diagnostics: readonly ShownDiagnostic[], style: ClusterStyle): readonly string[] {
  const ordered = [...diagnostics].sort((a, b) => (a.severity === b.severity ? 0 : a.severity === "error" ? -1 : 1));
  return ordered.length === 0 ? [] : ["", ...ordered.flatMap((found) => linesOf(found, style))];
}

const INDENT = " ".repeat(9);

function linesOf({ code, severity, path, message, place }: ShownDiagnostic, style: ClusterStyle): readonly string[] {
  const { colors, width } = style;
  const word = severity === "error" ? colors.red(colors.bold("ERROR")) : colors.yellow("WARN ");
  const [first = "", ...rest] = visibleText(message).split("\n");
  return [
    ...wrapText(`${code} ${visibleText(path)}: ${first}`, `  ${word}  `, INDENT.length, INDENT, width),
    ...rest.flatMap((line) => wrapText(line, INDENT, INDENT.length, INDENT, width)),
    ...(place === undefined ? [] : [`${INDENT}${colors.cyan(`${shownFile(place.file, style)}:${place.line}:${place.column}`)}`]),
  ];
}

/** As an editor opened in the working directory finds it. */
function shownFile(file: string, { cwd }: ClusterStyle): string {
  const path = relative(cwd, file);
  return visibleText(path.startsWith(`..${sep}..`) || isAbsolute(path) ? file : path);
}

/** `2 errors, 1 warning`; empty without any. */
export function severityCounts(diagnostics: readonly ShownDiagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  return [...(errors === 0 ? [] : [counted(errors, "error")]), ...(warnings === 0 ? [] : [counted(warnings, "warning")])].join(", ");
}
