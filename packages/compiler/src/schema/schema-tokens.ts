/**
 * Token vocabulary of the schema language.
 *
 * Keywords and type names are recognised without word boundaries (§2.4): `nodeTree{}` is `node Tree {}`, and
 * `a: Stringb: I32` two properties. A single set of patterns cannot do that, because `node` is an ordinary
 * property name elsewhere, so the lexer has one mode per grammatical place:
 *
 * | mode            | place                                              | left by            |
 * | --------------- | -------------------------------------------------- | ------------------ |
 * | top             | between declarations, and their heads              | end of text        |
 * | body            | between `{` and `}`                                | `}`                |
 * | annotation_name | after `@`                                          | the name           |
 * | constraint_name | after the `@` of a constraint                      | the name           |
 * | constraint_open | between a constraint name and its `(`              | `(`                |
 * | arguments       | parentheses of an annotation, `Vector` or `@card`  | `)`                |
 * | constraint_args | parentheses of a constraint                        | `)`                |
 * | type            | after the `:` of a property                        | the type's name    |
 * | list_type       | between `[` and `]`                                | `]`                |
 * | enum_values     | after `enum`                                       | `)`                |
 *
 * Every mode ends in catch-all tokens, so the lexer never fails: the parser meets what does not fit and says what
 * it expected there.
 */
import { createToken, type CustomPatternMatcherFunc, type IToken, Lexer, type TokenType } from "../source/chevrotain.js";

const DIGIT = /[0-9]/y;

/** Offset of the first character at or after `offset` that is not trivia (§2.1). */
function skipTrivia(text: string, offset: number): number {
  let at = offset;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d) at++;
    else if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      at = end === -1 ? text.length : end + 1;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      if (end === -1) return at;
      at = end + 2;
    } else return at;
  }
}

type Match = [string] | null;

function matchAt(pattern: RegExp, text: string, offset: number): Match {
  pattern.lastIndex = offset;
  const match = pattern.exec(text);
  return match === null ? null : [match[0]];
}

function matchBlockComment(text: string, offset: number): Match {
  if (!text.startsWith("/*", offset)) return null;
  const end = text.indexOf("*/", offset + 2);
  return end === -1 ? null : [text.slice(offset, end + 2)];
}

function matchString(text: string, offset: number): Match {
  if (text.charCodeAt(offset) !== 0x22) return null;
  for (let at = offset + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return [text.slice(offset, at + 1)];
  }
  return null;
}

const CONSTRAINT_WORD = /(?:key|unique|index|range|check)(?![A-Za-z0-9_])/y;

/** G1: `@` starts a constraint only before one of the five names and `(`. */
function matchConstraintAt(text: string, offset: number): Match {
  if (text[offset] !== "@") return null;
  const start = skipTrivia(text, offset + 1);
  const name = matchAt(CONSTRAINT_WORD, text, start);
  return name !== null && text[skipTrivia(text, start + name[0].length)] === "(" ? ["@"] : null;
}

/** G7, G8: `@card` is the cardinality only before `(min..`. */
function matchCard(text: string, offset: number): Match {
  if (!text.startsWith("@card", offset)) return null;
  let at = skipTrivia(text, offset + 5);
  if (text[at] !== "(") return null;
  at = skipTrivia(text, at + 1);
  const start = at;
  while (matchAt(DIGIT, text, at) !== null) at++;
  return at > start && text.startsWith("..", skipTrivia(text, at)) ? ["@card"] : null;
}

const BOOLEAN = /true|false/y;

/** Q02: a boolean is matched as a prefix. After a comma of an annotation only a keyword's name can stand. */
function matchAnnotationBoolean(text: string, offset: number, tokens: IToken[]): Match {
  return tokens.at(-1)?.tokenType.name === "Comma" ? null : matchAt(BOOLEAN, text, offset);
}

function custom(name: string, label: string, pattern: CustomPatternMatcherFunc, startChars: readonly string[], extra: object = {}): TokenType {
  return createToken({ name, label, pattern, line_breaks: true, start_chars_hint: [...startChars], ...extra });
}

/** A token matched literally; its label is the quoted text. */
function literal(name: string, text: string, extra: object = {}): TokenType {
  return createToken({ name, label: `'${text}'`, pattern: text, ...extra });
}

const WhiteSpace = createToken({ name: "WhiteSpace", pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED });
const LineComment = createToken({ name: "LineComment", pattern: /\/\/[^\n]*/, group: Lexer.SKIPPED });
const BlockComment = custom("BlockComment", "comment", matchBlockComment, ["/"], { group: Lexer.SKIPPED });

/** Takes the rest of the text, so that the lexer passes over it once. */
export const UnclosedComment: TokenType = createToken({ name: "UnclosedComment", pattern: /\/\*[\s\S]*/, line_breaks: true });
export const UnclosedString: TokenType = createToken({ name: "UnclosedString", pattern: /"[\s\S]*/, line_breaks: true });
/** A word that has no meaning where it stands. */
export const Word: TokenType = createToken({ name: "Word", pattern: /[A-Za-z0-9_]+/ });
export const Unexpected: TokenType = createToken({ name: "Unexpected", pattern: /[\u0000-\uffff]/, line_breaks: true });

export const InterfaceKeyword: TokenType = literal("InterfaceKeyword", "interface");
export const ImplementsKeyword: TokenType = literal("ImplementsKeyword", "implements");
export const NodeKeyword: TokenType = literal("NodeKeyword", "node");
export const EdgeKeyword: TokenType = literal("EdgeKeyword", "edge");
export const TypeName: TokenType = createToken({ name: "TypeName", label: "a type name", pattern: /[A-Z][A-Za-z0-9_]*/ });
export const Colon: TokenType = literal("Colon", ":");
export const Arrow: TokenType = literal("Arrow", "->");
export const Comma: TokenType = literal("Comma", ",");
export const LCurly: TokenType = literal("LCurly", "{", { push_mode: "body" });
export const Card: TokenType = custom("Card", "'@card(min..max)'", matchCard, ["@"]);
export const At: TokenType = createToken({ name: "At", label: "an annotation", pattern: "@", push_mode: "annotation_name" });
export const LParen: TokenType = literal("LParen", "(", { push_mode: "arguments" });

export const RCurly: TokenType = literal("RCurly", "}", { pop_mode: true });
export const PropertyColon: TokenType = literal("PropertyColon", ":", { push_mode: "type" });
export const Question: TokenType = literal("Question", "?");

const NAME = /[a-z_][A-Za-z0-9_]*/;
export const Name: TokenType = createToken({ name: "Name", label: "a name", pattern: NAME });
export const AnnotationName: TokenType = createToken({ name: "AnnotationName", label: "an annotation name", pattern: NAME, pop_mode: true });
/** The `@` of a constraint; {@link At} is that of an annotation. */
export const ConstraintAt: TokenType = custom("ConstraintAt", "a constraint", matchConstraintAt, ["@"], { push_mode: "constraint_name" });
export const ConstraintName: TokenType = createToken({
  name: "ConstraintName",
  label: "a constraint name",
  pattern: /key|unique|index|range|check/,
  pop_mode: true,
  push_mode: "constraint_open",
});
export const ConstraintLParen: TokenType = literal("ConstraintLParen", "(", { pop_mode: true, push_mode: "constraint_args" });

export const RParen: TokenType = literal("RParen", ")", { pop_mode: true });
export const Equals: TokenType = literal("Equals", "=");
export const DotDot: TokenType = literal("DotDot", "..");
export const StringLiteral: TokenType = custom("StringLiteral", "a string", matchString, ['"']);
export const FloatLiteral: TokenType = createToken({ name: "FloatLiteral", label: "a number", pattern: /[0-9]+\.[0-9]+/ });
export const IntegerLiteral: TokenType = createToken({ name: "IntegerLiteral", label: "a whole number", pattern: /[0-9]+/ });
/** Only bounds carry a sign (§2.3). */
export const NegativeNumber: TokenType = createToken({ name: "NegativeNumber", label: "a negative number", pattern: /-[0-9]+(?:\.[0-9]+)?/ });
export const BooleanLiteral: TokenType = createToken({ name: "BooleanLiteral", label: "a boolean", pattern: /true|false/ });
const AnnotationBoolean: TokenType = custom("AnnotationBoolean", "a boolean", matchAnnotationBoolean, ["t", "f"], { categories: [BooleanLiteral] });

const BASE_TYPE = /String|Blob|Bool|I32|I64|U32|U64|F32|F64|DateTime|Date/;
export const BaseTypeName: TokenType = createToken({ name: "BaseTypeName", label: "a type", pattern: BASE_TYPE, pop_mode: true });
export const ElementTypeName: TokenType = createToken({ name: "ElementTypeName", label: "a base type", pattern: BASE_TYPE });
export const LSquare: TokenType = literal("LSquare", "[", { pop_mode: true, push_mode: "list_type" });
export const RSquare: TokenType = literal("RSquare", "]", { pop_mode: true });
export const VectorKeyword: TokenType = literal("VectorKeyword", "Vector", { pop_mode: true });
export const EnumKeyword: TokenType = literal("EnumKeyword", "enum", { pop_mode: true, push_mode: "enum_values" });
export const EnumLParen: TokenType = literal("EnumLParen", "(");
export const EnumValue: TokenType = createToken({ name: "EnumValue", label: "an enum value", pattern: /[A-Za-z0-9_-]+/ });

const TRIVIA = [WhiteSpace, LineComment, BlockComment, UnclosedComment];
const REST = [Word, Unexpected];
const NUMBERS = [FloatLiteral, IntegerLiteral, NegativeNumber];

const MODES: Record<string, TokenType[]> = {
  // `Card` and `ConstraintAt` before `At`: they look further ahead.
  top: [...TRIVIA, TypeName, InterfaceKeyword, ImplementsKeyword, NodeKeyword, EdgeKeyword, Colon, Arrow, Comma, LCurly, LParen, Card, ConstraintAt, At, ...REST],
  body: [...TRIVIA, Name, PropertyColon, Question, ConstraintAt, At, LParen, RCurly, ...REST],
  annotation_name: [...TRIVIA, AnnotationName, ...REST],
  constraint_name: [...TRIVIA, ConstraintName, ...REST],
  constraint_open: [...TRIVIA, ConstraintLParen, ...REST],
  // Booleans before names (Q02), floats before whole numbers.
  arguments: [...TRIVIA, StringLiteral, UnclosedString, AnnotationBoolean, Name, ...NUMBERS, DotDot, Comma, Equals, RParen, ...REST],
  constraint_args: [...TRIVIA, StringLiteral, UnclosedString, BooleanLiteral, Name, ...NUMBERS, DotDot, Comma, RParen, ...REST],
  type: [...TRIVIA, BaseTypeName, VectorKeyword, EnumKeyword, LSquare, ...REST],
  list_type: [...TRIVIA, ElementTypeName, RSquare, ...REST],
  enum_values: [...TRIVIA, EnumLParen, EnumValue, Comma, RParen, ...REST],
};

/** All token types, for the parser. */
export const SCHEMA_TOKENS: TokenType[] = [...new Set(Object.values(MODES).flat())];

/** `skipValidations` saves half of the construction; a test constructs with validations. */
export function makeSchemaLexer(options: { readonly skipValidations: boolean }): Lexer {
  return new Lexer({ modes: MODES, defaultMode: "top" }, { ...options, ensureOptimizations: true, positionTracking: "onlyOffset" });
}
