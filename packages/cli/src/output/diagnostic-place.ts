import type { Diagnostic } from "@omnigraphdb/compiler";

/** Where a diagnostic stands, for below its message: `at <name>:<line>:<column>`, the source line with a caret, the hint. */
export type DescribePlace = (diagnostic: Diagnostic) => readonly string[];

/** Places in one source. The compiler is loaded here, so only what prints a place pays for it. */
export async function placesIn(source: string, name: string | undefined): Promise<DescribePlace> {
  const { printDiagnostic, SourceText } = await import("@omnigraphdb/compiler");
  const text = new SourceText(source);
  return (diagnostic) => {
    const { line, column } = text.positionAt(diagnostic.span?.start ?? 0);
    const lines = printDiagnostic(diagnostic, source, name).split("\n");
    return [`at ${name ?? "the source"}:${line}:${column}`, ...lines.slice(diagnostic.message.split("\n").length)];
  };
}
