import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { SCHEMA_SOURCE_BYTES_MAX } from "../limits.js";
import { buildSchemaAst } from "./build-schema-ast.js";
import type { SchemaDocument } from "./schema-ast.js";
import { schemaGrammar } from "./schema-parser.js";
import { syntaxDiagnostic } from "./syntax-error.js";

export type ParsedSchema = { readonly document: SchemaDocument } | { readonly diagnostic: Diagnostic };

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Phase 1 (§11.1): the grammar of §3. Reports the first violation only. */
export function parseSchema(source: string): ParsedSchema {
  if (Buffer.byteLength(source, "utf8") > SCHEMA_SOURCE_BYTES_MAX) {
    return refuse("LIMIT", `schema source is larger than ${SCHEMA_SOURCE_BYTES_MAX} bytes`, 0);
  }
  const surrogate = LONE_SURROGATE.exec(source);
  if (surrogate !== null) return refuse("SYN", "the source is not well-formed Unicode", surrogate.index);

  const grammar = schemaGrammar();
  const { parser } = grammar;
  parser.input = grammar.tokenize(source);
  const tree = parser.schema();
  const error = parser.errors[0];
  parser.input = [];
  if (error !== undefined) return { diagnostic: syntaxDiagnostic(error, source) };
  return { document: buildSchemaAst(tree, source) };
}

function refuse(rule: string, problem: string, offset: number): ParsedSchema {
  return { diagnostic: { rule, severity: "error", message: `parse error: ${problem}`, span: { start: offset, end: offset + 1 } } };
}
