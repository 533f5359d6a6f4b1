import { closest } from "../diagnostics/did-you-mean.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { IParserErrorMessageProvider, IRecognitionException, TokenType } from "chevrotain";
import { SourceText } from "../source/source-text.js";
import type { Span } from "../source/span.js";
import { SCALAR_NAMES } from "../types/property-type.js";

/** What could have stood at the end of a rule instead of the token that closes it. */
const CLOSING: Readonly<Record<string, string>> = {
  "interfaceDeclaration RCurly": "a property or '}'",
  "body RCurly": "a property, a constraint or '}'",
  "enumType RParen": "',' or ')'",
  "constraint RParen": "',' or ')'",
  "annotation RParen": "',' or ')'",
  "keywordArgument Name": "a keyword argument (name=value)",
  "nodeDeclaration LCurly": "an annotation, 'implements' or '{'",
  "annotation AnnotationName": "an annotation name",
};

function labelOf(token: TokenType): string {
  return token.LABEL ?? token.name;
}

/** Special cases of "a number". */
const NUMBER_LABELS: ReadonlySet<string> = new Set(["a whole number", "a negative number"]);

function listLabels(paths: readonly (readonly TokenType[])[]): string {
  const all = [...new Set(paths.flatMap((path) => path.slice(0, 1).map(labelOf)))];
  const labels = all.includes("a number") ? all.filter((label) => !NUMBER_LABELS.has(label)) : all;
  const last = labels.pop() ?? "";
  return labels.length === 0 ? last : `${labels.join(", ")} or ${last}`;
}

/** What the grammar expected, in the user's words; `syntaxDiagnostic` adds what stands there. */
export const expectationMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, ruleName }) => CLOSING[`${ruleName} ${expected.name}`] ?? labelOf(expected),
  buildNotAllInputParsedMessage: () => "'interface', 'node' or 'edge'",
  buildNoViableAltMessage: ({ expectedPathsPerAlt, ruleName }) => {
    if (ruleName === "type") return "a type";
    if (ruleName === "declaration") return "'interface', 'node' or 'edge'";
    if (ruleName === "bodyItem") return "a property or a constraint";
    return listLabels(expectedPathsPerAlt.flat());
  },
  buildEarlyExitMessage: ({ expectedIterationPaths }) => listLabels(expectedIterationPaths),
};

const TYPE_NAMES: readonly string[] = [...SCALAR_NAMES, "Vector", "enum"];

/** Names of other systems, for the hint only. */
const TYPE_ALIASES: Readonly<Record<string, string>> = {
  text: "String",
  varchar: "String",
  str: "String",
  int: "I32' or 'I64",
  integer: "I32' or 'I64",
  long: "I64",
  number: "F64",
  float: "F32' or 'F64",
  double: "F64",
  boolean: "Bool",
  timestamp: "DateTime",
  bytes: "Blob",
  binary: "Blob",
};

function hintFor(found: string, expected: string, rest: string): string | undefined {
  if (found === "#") return "comments start with //";
  if (expected.endsWith("or '}'")) {
    if (found === "," || found === ";") return "body items stand side by side, without separators";
    if (/^[A-Z]/.test(found)) return "property names start with a small letter or '_'";
    if (found === "@") return "an annotation belongs to the property before it";
  }
  const constraint = found === "@" ? /^@\s*(key|unique|index|range|check)\b/.exec(rest)?.[1] : undefined;
  if (constraint !== undefined) return `'@${constraint}(' is a constraint and stands only inside the body of a node or an edge`;
  if (expected === "a base type" && /^(enum|Vector|\[)/.test(rest)) return "lists hold base types only";
  if (expected.startsWith("a type") || expected === "a base type") {
    const word = /^[A-Za-z0-9_]+/.exec(rest)?.[0] ?? "";
    const type = TYPE_ALIASES[word.toLowerCase()] ?? closest(word, TYPE_NAMES);
    if (type !== undefined && expected !== "a type name") return `did you mean '${type}'?`;
    if (expected === "a type name" && /^[a-z]/.test(word)) return "type names start with a capital letter";
  }
  if (found === "*") return "leave the maximum out for no limit: 0..";
  if (/^[A-Z]/.test(found) && expected.includes("a string")) return `quote it: "${found}"`;
  return undefined;
}

function describeFound(kind: string, image: string): string {
  if (kind === "EOF") return "the end of the text";
  const printable = image.length > 40 ? `${image.slice(0, 40)}…` : image;
  return /^[\x20-\x7e]+$/.test(printable) ? `'${printable}'` : JSON.stringify(printable);
}

/** Turns the parser's first error into a `SYN` diagnostic with its position in the message (§3). */
export function syntaxDiagnostic(error: IRecognitionException, source: string): Diagnostic {
  const { token } = error;
  const kind = token.tokenType.name;
  const atEnd = kind === "EOF";
  const start = atEnd ? Math.max(0, source.length - 1) : token.startOffset;
  // A word may have been cut by the mode it was read in; the reader sees all of it.
  const word = /^[A-Za-z0-9_]+/.exec(source.slice(start, start + 200))?.[0];
  const image = word ?? (kind === "Unexpected" ? String.fromCodePoint(source.codePointAt(start) ?? 0) : token.image);
  const unclosed = kind === "UnclosedComment" ? "comment" : kind === "UnclosedString" ? "string" : undefined;
  const span: Span = {
    start,
    end: start + (atEnd ? 1 : unclosed === undefined ? Math.max(1, image.length) : kind === "UnclosedComment" ? 2 : 1),
  };
  const { line, column } = new SourceText(source).positionAt(start);
  const problem = unclosed === undefined ? `expected ${error.message}, found ${describeFound(kind, image)}` : `${unclosed} is not closed`;
  const hint = unclosed === undefined && !atEnd ? hintFor(image, error.message, source.slice(start, start + 64)) : undefined;
  return {
    rule: "SYN",
    severity: "error",
    message: `parse error: ${problem} --> ${line}:${column}`,
    span,
    ...(hint === undefined ? {} : { hint }),
  };
}
