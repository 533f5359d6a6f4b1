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
import type { CustomPatternMatcherFunc, ITokenConfig, IToken, TokenType } from "chevrotain";
import type { Chevrotain } from "../source/load-chevrotain.js";
import { SCALAR_NAMES } from "../types/property-type.js";

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

type Definition = Omit<ITokenConfig, "name" | "categories" | "group"> & {
  /** Stands between tokens and is dropped. */
  readonly isTrivia?: boolean;
  /** Accepted wherever that token is. */
  readonly category?: "BooleanLiteral";
};

/** A token matched literally; its label is the quoted text. */
function literal(text: string, modes: Pick<Definition, "push_mode" | "pop_mode"> = {}): Definition {
  return { label: `'${text}'`, pattern: text, ...modes };
}

function custom(
  label: string,
  pattern: CustomPatternMatcherFunc,
  startChars: readonly string[],
  extra: Partial<Definition> = {},
): Definition {
  return { label, pattern, line_breaks: true, start_chars_hint: [...startChars], ...extra };
}

const NAME = /[a-z_][A-Za-z0-9_]*/;
/** Longest names first: without word boundaries `Date` would take the beginning of `DateTime`. */
const BASE_TYPE = new RegExp([...SCALAR_NAMES].sort((a, b) => b.length - a.length).join("|"));

export type SchemaTokenName =
  | "WhiteSpace"
  | "LineComment"
  | "BlockComment"
  | "UnclosedComment"
  | "UnclosedString"
  | "Word"
  | "Unexpected"
  | "InterfaceKeyword"
  | "ImplementsKeyword"
  | "NodeKeyword"
  | "EdgeKeyword"
  | "TypeName"
  | "Colon"
  | "Arrow"
  | "Comma"
  | "LCurly"
  | "Card"
  | "At"
  | "ConstraintAt"
  | "LParen"
  | "RCurly"
  | "PropertyColon"
  | "Question"
  | "Name"
  | "AnnotationName"
  | "ConstraintName"
  | "ConstraintLParen"
  | "RParen"
  | "Equals"
  | "DotDot"
  | "StringLiteral"
  | "FloatLiteral"
  | "IntegerLiteral"
  | "NegativeNumber"
  | "BooleanLiteral"
  | "AnnotationBoolean"
  | "BaseTypeName"
  | "ElementTypeName"
  | "LSquare"
  | "RSquare"
  | "VectorKeyword"
  | "EnumKeyword"
  | "EnumLParen"
  | "EnumValue";

const DEFINITIONS: Readonly<Record<SchemaTokenName, Definition>> = {
  WhiteSpace: { pattern: /[ \t\r\n]+/, isTrivia: true },
  LineComment: { pattern: /\/\/[^\n]*/, isTrivia: true },
  BlockComment: custom("comment", matchBlockComment, ["/"], { isTrivia: true }),
  // These two take the rest of the text, so that the lexer passes over it once.
  UnclosedComment: { pattern: /\/\*[\s\S]*/, line_breaks: true },
  UnclosedString: { pattern: /"[\s\S]*/, line_breaks: true },
  // What has no meaning where it stands.
  Word: { pattern: /[A-Za-z0-9_]+/ },
  Unexpected: { pattern: /[\u0000-\uffff]/, line_breaks: true },

  InterfaceKeyword: literal("interface"),
  ImplementsKeyword: literal("implements"),
  NodeKeyword: literal("node"),
  EdgeKeyword: literal("edge"),
  TypeName: { label: "a type name", pattern: /[A-Z][A-Za-z0-9_]*/ },
  Colon: literal(":"),
  Arrow: literal("->"),
  Comma: literal(","),
  LCurly: literal("{", { push_mode: "body" }),
  Card: custom("'@card(min..max)'", matchCard, ["@"]),
  // The `@` of an annotation and that of a constraint.
  At: { label: "an annotation", pattern: "@", push_mode: "annotation_name" },
  ConstraintAt: custom("a constraint", matchConstraintAt, ["@"], { push_mode: "constraint_name" }),
  LParen: literal("(", { push_mode: "arguments" }),

  RCurly: literal("}", { pop_mode: true }),
  PropertyColon: literal(":", { push_mode: "type" }),
  Question: literal("?"),
  Name: { label: "a name", pattern: NAME },
  AnnotationName: { label: "an annotation name", pattern: NAME, pop_mode: true },
  ConstraintName: { label: "a constraint name", pattern: /key|unique|index|range|check/, pop_mode: true, push_mode: "constraint_open" },
  ConstraintLParen: literal("(", { pop_mode: true, push_mode: "constraint_args" }),

  RParen: literal(")", { pop_mode: true }),
  Equals: literal("="),
  DotDot: literal(".."),
  StringLiteral: custom("a string", matchString, ['"']),
  FloatLiteral: { label: "a number", pattern: /[0-9]+\.[0-9]+/ },
  IntegerLiteral: { label: "a whole number", pattern: /[0-9]+/ },
  // Only bounds carry a sign (§2.3).
  NegativeNumber: { label: "a negative number", pattern: /-[0-9]+(?:\.[0-9]+)?/ },
  BooleanLiteral: { label: "a boolean", pattern: /true|false/ },
  AnnotationBoolean: custom("a boolean", matchAnnotationBoolean, ["t", "f"], { category: "BooleanLiteral" }),

  BaseTypeName: { label: "a type", pattern: BASE_TYPE, pop_mode: true },
  ElementTypeName: { label: "a base type", pattern: BASE_TYPE },
  LSquare: literal("[", { pop_mode: true, push_mode: "list_type" }),
  RSquare: literal("]", { pop_mode: true }),
  VectorKeyword: literal("Vector", { pop_mode: true }),
  EnumKeyword: literal("enum", { pop_mode: true, push_mode: "enum_values" }),
  EnumLParen: literal("("),
  EnumValue: { label: "an enum value", pattern: /[A-Za-z0-9_-]+/ },
};

const TRIVIA: readonly SchemaTokenName[] = ["WhiteSpace", "LineComment", "BlockComment", "UnclosedComment"];
const REST: readonly SchemaTokenName[] = ["Word", "Unexpected"];
const VALUES: readonly SchemaTokenName[] = ["Name", "FloatLiteral", "IntegerLiteral", "NegativeNumber", "DotDot"];
const KEYWORDS: readonly SchemaTokenName[] = ["InterfaceKeyword", "ImplementsKeyword", "NodeKeyword", "EdgeKeyword"];

/** In the order the lexer tries them; trivia first and the catch-alls last are added to each. */
const MODES: Readonly<Record<string, readonly SchemaTokenName[]>> = {
  // `Card` and `ConstraintAt` before `At`: they look further ahead.
  top: ["TypeName", ...KEYWORDS, "Colon", "Arrow", "Comma", "LCurly", "LParen", "Card", "ConstraintAt", "At"],
  body: ["Name", "PropertyColon", "Question", "ConstraintAt", "At", "LParen", "RCurly"],
  annotation_name: ["AnnotationName"],
  constraint_name: ["ConstraintName"],
  constraint_open: ["ConstraintLParen"],
  // Booleans before names (Q02), floats before whole numbers.
  arguments: ["StringLiteral", "UnclosedString", "AnnotationBoolean", ...VALUES, "Comma", "Equals", "RParen"],
  constraint_args: ["StringLiteral", "UnclosedString", "BooleanLiteral", ...VALUES, "Comma", "Equals", "RParen"],
  type: ["BaseTypeName", "VectorKeyword", "EnumKeyword", "LSquare"],
  list_type: ["ElementTypeName", "RSquare"],
  enum_values: ["EnumLParen", "EnumValue", "Comma", "RParen"],
};

export interface SchemaTokens {
  readonly byName: Readonly<Record<SchemaTokenName, TokenType>>;
  readonly modes: Readonly<Record<string, readonly TokenType[]>>;
}

export function makeSchemaTokens({ createToken, Lexer }: Chevrotain): SchemaTokens {
  const byName: Partial<Record<SchemaTokenName, TokenType>> = {};
  for (const [name, definition] of Object.entries<Definition>(DEFINITIONS)) {
    const { isTrivia, category, ...config } = definition;
    const parent = category === undefined ? undefined : byName[category];
    byName[name as SchemaTokenName] = createToken({
      name,
      ...config,
      ...(isTrivia === true ? { group: Lexer.SKIPPED } : {}),
      ...(parent === undefined ? {} : { categories: [parent] }),
    });
  }
  const complete = byName as Record<SchemaTokenName, TokenType>;
  const modes = Object.entries(MODES).map(([mode, names]) => [mode, [...TRIVIA, ...names, ...REST].map((name) => complete[name])] as const);
  return { byName: complete, modes: Object.fromEntries(modes) };
}
