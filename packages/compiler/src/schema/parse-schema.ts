import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { SCHEMA_SOURCE_BYTES_MAX } from "../limits.js";
import type { Lexer } from "../source/chevrotain.js";
import { buildSchemaAst } from "./build-schema-ast.js";
import type { SchemaDocument } from "./schema-ast.js";
import { SchemaParser } from "./schema-parser.js";
import { makeSchemaLexer } from "./schema-tokens.js";
import { expectationMessages, syntaxDiagnostic } from "./syntax-error.js";

const TRUSTED = { skipValidations: true };

let shared: { readonly lexer: Lexer; readonly parser: SchemaParser } | undefined;

/** Built on first use: analysing the grammar costs milliseconds that commands without a schema should not pay. */
export function schemaGrammar(): { readonly lexer: Lexer; readonly parser: SchemaParser } {
  shared ??= { lexer: makeSchemaLexer(TRUSTED), parser: new SchemaParser(expectationMessages, TRUSTED) };
  return shared;
}

export type ParsedSchema = { readonly document: SchemaDocument } | { readonly diagnostic: Diagnostic };

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Phase 1 (§11.1): the grammar of §3. Reports the first violation only. */
export function parseSchema(source: string): ParsedSchema {
  if (Buffer.byteLength(source, "utf8") > SCHEMA_SOURCE_BYTES_MAX) {
    return refuse("LIMIT", `schema source is larger than ${SCHEMA_SOURCE_BYTES_MAX} bytes`, 0);
  }
  const surrogate = LONE_SURROGATE.exec(source);
  if (surrogate !== null) return refuse("SYN", "the source is not well-formed Unicode", surrogate.index);

  const { lexer, parser } = schemaGrammar();
  // Every mode has a catch-all token: there are no lexical errors.
  const { tokens } = lexer.tokenize(source);
  parser.input = tokens;
  const tree = parser.schema();
  const error = parser.errors[0];
  parser.input = [];
  if (error !== undefined) return { diagnostic: syntaxDiagnostic(error, source) };
  return { document: buildSchemaAst(tree, source) };
}

function refuse(rule: string, problem: string, offset: number): ParsedSchema {
  return { diagnostic: { rule, severity: "error", message: `parse error: ${problem}`, span: { start: offset, end: offset + 1 } } };
}
