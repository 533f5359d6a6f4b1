import { type Catalog, CompileError, createAcceptedSchema } from "@omnigraphdb/compiler";
import { diagnostic, type Diagnostics } from "../../diagnostics/cluster-diagnostic.js";
import type { Located } from "../config-reader.js";
import { isUsable, placeIn, type SourceFile, type UnusableSource } from "../source-files.js";
import { markProblem, messageOf, placeOf } from "./compiler-findings.js";

/** Catalogs are for checking queries here; no graph gets these identities. */
const NO_IDENTITY = "00000000000000000000000000";

/** Checks schemas as the creation of a graph would (cluster.md 2.6.2). One text is compiled once. */
export class SchemaChecks {
  readonly #bySource = new Map<string, Catalog | CompileError>();

  /** @returns undefined iff an error was added */
  check(declared: Located<string>, source: SourceFile | UnusableSource, diagnostics: Diagnostics): Catalog | undefined {
    if (!isUsable(source)) {
      const { reason, problem } = source.unusable;
      if (reason === "not_text") diagnostics.add(diagnostic("schema_parse_error", declared.path, `schema ${source.path} ${problem}`, { place: placeIn(source) }));
      else diagnostics.add(diagnostic("schema_file_missing", declared.path, `schema ${source.path} ${problem}; create it or correct the path`, { place: declared.place }));
      return undefined;
    }
    const mark = markProblem(source);
    if (mark !== undefined) {
      diagnostics.add(diagnostic("schema_parse_error", declared.path, `schema ${source.path}: ${mark}`, { place: { file: source.file, line: 1, column: 1 } }));
      return undefined;
    }
    const compiled = this.#compile(source.text);
    if (!(compiled instanceof CompileError)) return compiled;
    for (const found of compiled.diagnostics) {
      // Rules C.. and R.. are about types together; the others are about the text of one.
      const code = /^[CR]\d/.test(found.rule) ? "schema_catalog_error" : "schema_parse_error";
      diagnostics.add(diagnostic(code, declared.path, messageOf(found), { place: placeOf(found, source) }));
    }
    return undefined;
  }

  #compile(text: string): Catalog | CompileError {
    const known = this.#bySource.get(text) ?? compile(text);
    this.#bySource.set(text, known);
    return known;
  }
}

function compile(text: string): Catalog | CompileError {
  try {
    return createAcceptedSchema(text, { identityDomain: NO_IDENTITY }).catalog;
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
}
