import type { Io } from "../io.js";

/** Writes the warnings of an accepted schema to stderr, each with its place. */
export async function writeSchemaWarnings(io: Io, source: string, path: string): Promise<void> {
  const { checkSchemaSource, printDiagnostic } = await import("@omnigraphdb/compiler");
  for (const diagnostic of checkSchemaSource(source)) {
    if (diagnostic.severity === "warning") await io.stderr.write(`${printDiagnostic(diagnostic, source, path)}\n`);
  }
}
