import { isOmniError, type OmniError } from "@omnigraphdb/common";
import type { CompileError } from "@omnigraphdb/compiler";
import type { SourceNames } from "../source-names.js";
import { placesIn } from "./diagnostic-place.js";

export interface ErrorStyle {
  readonly sourceNames: SourceNames;
  readonly withColors: boolean;
  readonly withStack: boolean;
}

const INDENT = "  ";

/** A failure for people (§1.9): `Error:` and the message, then indented lines for place, causes and the next step. */
export async function renderError(error: unknown, style: ErrorStyle): Promise<string> {
  const colors = (await import("picocolors")).default.createColors(style.withColors);
  const [first = "", ...rest] = messageOf(error).split("\n");
  const details: string[] = [...rest];
  if (isCompileError(error)) details.push(...(await diagnosticLines(error, style.sourceNames)));
  details.push(...causeLines(error, style.withStack));
  const hint = hintOf(error);
  if (hint !== undefined) details.push(`hint: ${hint}`);
  if (style.withStack && error instanceof Error) details.push(...(error.stack ?? "").split("\n"));
  return [`${colors.red(colors.bold("Error:"))} ${first}`, ...details.map((line) => `${INDENT}${line}`.trimEnd()), ""].join("\n");
}

function messageOf(error: unknown): string {
  if (isOmniError(error)) return error.message;
  if (error instanceof Error) return isSystemError(error) ? error.message : `unexpected failure: ${error.message}`;
  return `unexpected failure: ${String(error)}`;
}

function hintOf(error: unknown): string | undefined {
  // A compile error's hint is printed with its diagnostic.
  if (isCompileError(error)) return undefined;
  if (isOmniError(error)) return COMMAND_HINTS[error.code] ?? error.hint;
  if (isSystemError(error)) return undefined;
  return "This is a bug. Run the command again with OMNIGRAPH_DEBUG=1 and report what it prints.";
}

/** A server advises callers of its API; on the command line the same is done otherwise. */
const COMMAND_HINTS: Readonly<Record<string, string>> = {
  UNAUTHORIZED: "For a server of the operator configuration, store its token with 'omnigraph login NAME' and unset OMNIGRAPH_TOKEN_<NAME>, which goes before it; for any other, set OMNIGRAPH_BEARER_TOKEN.",
  UNEXPECTED_ANSWER: "Check the address of the server, path included, and --graph: which of its graphs is meant, or nothing where it serves only one.",
  GRAPH_NOT_SERVED: "Check --graph; 'omnigraph graphs list' shows the graphs of a server.",
};

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}

/** One that has the text it is about; a server's answer about a stored query has not. */
function isCompileError(error: unknown): error is CompileError & OmniError {
  return isOmniError(error) && error.code === "COMPILE_ERROR" && "diagnostics" in error;
}

/** Carets for every diagnostic. The first one's message is the primary message, so only its place is added. */
async function diagnosticLines(error: CompileError, sourceNames: SourceNames): Promise<readonly string[]> {
  const { printDiagnostic } = await import("@omnigraphdb/compiler");
  const name = sourceNames.nameOf(error.source);
  const place = await placesIn(error.source, name);
  return error.diagnostics.flatMap((diagnostic, index) => (index === 0 ? place(diagnostic) : printDiagnostic(diagnostic, error.source, name).split("\n")));
}

/** Foreign causes, such as the storage library's own texts, are repeated for debugging only: our message has said it already. */
function causeLines(error: unknown, withForeign: boolean): readonly string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>([error]);
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause instanceof Error && !seen.has(cause)) {
    seen.add(cause);
    const isOurs = isOmniError(cause) || isSystemError(cause);
    if (isOurs || withForeign) lines.push(`caused by: ${cause.message.split("\n", 1)[0] ?? ""}`);
    cause = cause.cause;
  }
  return lines;
}
