import type { TokenType } from "chevrotain";
import type { Chevrotain } from "../source/load-chevrotain.js";

/** Contextual keywords: each is also an identifier wherever a name may stand (query specification 1.2). */
const QUERY_KEYWORDS = [
  "query", "match", "return", "order", "limit", "not", "as", "asc", "desc",
  "insert", "update", "delete", "set", "where",
  "contains", "starts_with", "true", "false",
  "now", "date", "datetime",
  "nearest", "search", "fuzzy", "match_text", "bm25", "rrf",
  "count", "sum", "avg", "min", "max",
] as const;

type QueryKeyword = (typeof QUERY_KEYWORDS)[number];

const PUNCTUATION = {
  // Two-character operators stand before their first characters: longest match.
  NotEqual: "!=",
  LessOrEqual: "<=",
  GreaterOrEqual: ">=",
  Less: "<",
  Greater: ">",
  Equal: "=",
  LeftBrace: "{",
  RightBrace: "}",
  LeftParen: "(",
  RightParen: ")",
  LeftBracket: "[",
  RightBracket: "]",
  Comma: ",",
  Colon: ":",
  Dot: ".",
  At: "@",
  Question: "?",
} as const;

export type QueryTokenName =
  | QueryKeyword
  | keyof typeof PUNCTUATION
  | "Identifier"
  | "TypeName"
  | "Variable"
  | "FloatLiteral"
  | "IntegerLiteral"
  | "StringLiteral";

export interface QueryTokens {
  /** In the order the lexer tries them. */
  readonly vocabulary: readonly TokenType[];
  readonly byName: Readonly<Record<QueryTokenName, TokenType>>;
}

/** Token vocabulary of `.gq` (LX-1 … LX-9). */
export function makeQueryTokens({ createToken, Lexer }: Chevrotain): QueryTokens {
  const skipped = [
    createToken({ name: "WhiteSpace", pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED, line_breaks: true }),
    createToken({ name: "LineComment", pattern: /\/\/[^\r\n]*/, group: Lexer.SKIPPED }),
    createToken({ name: "BlockComment", pattern: /\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//, group: Lexer.SKIPPED, line_breaks: true }),
  ];
  const identifier = createToken({ name: "Identifier", label: "a name", pattern: /[a-z_][A-Za-z0-9_]*/ });
  // A number touching a letter is no token at all (LX-9): the look-ahead keeps `10limit` and `1e3` from being two.
  const words = {
    Variable: createToken({ name: "Variable", label: "a variable", pattern: /\$[a-z_][A-Za-z0-9_]*/ }),
    FloatLiteral: createToken({ name: "FloatLiteral", label: "a number", pattern: /[0-9]+\.[0-9]+(?![A-Za-z0-9_])/ }),
    IntegerLiteral: createToken({ name: "IntegerLiteral", label: "an integer", pattern: /[0-9]+(?![A-Za-z0-9_])/ }),
    StringLiteral: createToken({
      name: "StringLiteral",
      label: "a string",
      pattern: /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/,
      line_breaks: true,
    }),
    TypeName: createToken({ name: "TypeName", label: "a type name", pattern: /[A-Z][A-Za-z0-9_]*/ }),
  };
  // Of two keywords the longer is tried first: a prefix that fits would give way to a name, not to the longer keyword.
  const keywords = [...QUERY_KEYWORDS].sort((a, b) => b.length - a.length).map((word) =>
    createToken({ name: word, label: `'${word}'`, pattern: word, longer_alt: identifier, categories: [identifier] }),
  );
  const punctuation = Object.entries(PUNCTUATION).map(([name, pattern]) => createToken({ name, label: `'${pattern}'`, pattern }));
  const vocabulary = [...skipped, ...Object.values(words), ...keywords, identifier, ...punctuation];
  const byName = Object.fromEntries(vocabulary.map((token) => [token.name, token]));
  return { vocabulary, byName: byName as Record<QueryTokenName, TokenType> };
}
