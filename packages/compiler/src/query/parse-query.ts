import type { IRecognitionException, IToken } from "chevrotain";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { QuerySyntaxRule } from "../diagnostics/query-codes.js";
import { SourceText } from "../source/source-text.js";
import { spanOf } from "../source/span.js";
import { buildQueryFile } from "./build-query-ast.js";
import type { QueryFile } from "./query-ast.js";
import { QUERY_NESTING_DEPTH_MAX, QUERY_SOURCE_LENGTH_MAX } from "./query-limits.js";
import { type QueryGrammar, queryGrammar } from "./query-parser.js";
import { tokenSpan } from "./read-token.js";
import { syntaxDiagnostic, type SyntaxProblem, SyntaxStop } from "./syntax-error.js";

export type ParseResult = { readonly file: QueryFile } | { readonly diagnostic: Diagnostic };

/** Parses a whole `.gq` text (§2, §3). Reports the first problem. */
export function parseQueryFile(text: string): ParseResult {
  const result = parse(text);
  return "problem" in result ? { diagnostic: syntaxDiagnostic(new SourceText(text), result.problem) } : result;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function parse(text: string): { readonly file: QueryFile } | { readonly problem: SyntaxProblem } {
  if (text.length > QUERY_SOURCE_LENGTH_MAX) {
    const message = `the source has ${text.length} characters; the greatest length is ${QUERY_SOURCE_LENGTH_MAX}`;
    return { problem: { rule: "LIMIT", span: spanOf(0, 0), message, hint: "split the file" } };
  }
  const surrogate = LONE_SURROGATE.exec(text);
  if (surrogate !== null) {
    return { problem: { rule: "SYN", span: spanOf(surrogate.index, surrogate.index + 1), message: "the source is not well-formed Unicode" } };
  }
  const grammar = queryGrammar();
  const { tokens, errors } = grammar.tokenize(text);
  const [lexical] = errors;
  // What precedes a bad character may be wrong already: the earlier problem is the helpful one.
  const problem = findNestingProblem(grammar, tokens);
  if (problem !== undefined) return { problem };
  grammar.parser.input = tokens;
  const root = grammar.parser.file();
  const [syntax] = grammar.parser.errors;
  if (lexical !== undefined && (syntax === undefined || syntax.token.image === "")) return { problem: lexicalProblem(text, lexical.offset) };
  if (syntax !== undefined) {
    const isAtEnd = syntax.token.image === "";
    const span = isAtEnd ? spanOf(text.length, text.length) : tokenSpan(syntax.token);
    return { problem: { rule: "SYN", span, message: syntax.message, hint: syntaxHint(tokens, syntax) } };
  }
  try {
    return { file: buildQueryFile(root, text.length) };
  } catch (error) {
    if (error instanceof SyntaxStop) return { problem: error.problem };
    throw error;
  }
}

function findNestingProblem({ tokens: { byName: t } }: QueryGrammar, tokens: readonly IToken[]): SyntaxProblem | undefined {
  let depth = 0;
  for (const token of tokens) {
    const type = token.tokenType;
    if (type === t.LeftBrace || type === t.LeftParen || type === t.LeftBracket) {
      depth += 1;
      if (depth > QUERY_NESTING_DEPTH_MAX) {
        return { rule: "LIMIT", span: tokenSpan(token), message: `nested deeper than ${QUERY_NESTING_DEPTH_MAX} levels` };
      }
    } else if (type === t.RightBrace || type === t.RightParen || type === t.RightBracket) depth -= 1;
  }
  return undefined;
}

const CHARACTER_HINTS: Readonly<Record<string, string>> = {
  "-": "negative number literals do not exist; pass the number as a parameter",
  ";": "clauses and statements have no separator",
  "*": "there is no '*': count a variable, as in count($a), and name each property that is returned",
};

function lexicalProblem(text: string, offset: number): SyntaxProblem {
  const rest = text.slice(offset, offset + 80);
  const word = /^\$?[A-Za-z0-9_.]+/.exec(rest)?.[0];
  const problem = (rule: QuerySyntaxRule, length: number, message: string, hint?: string): SyntaxProblem => ({
    rule,
    span: spanOf(offset, offset + length),
    message,
    hint,
  });
  if (rest.startsWith('"')) return problem("LX-8", 1, "this string is not closed");
  if (rest.startsWith("/*")) return problem("LX-2", 2, "this comment is not closed");
  if (rest.startsWith("#")) return problem("LX-2", 1, "unexpected character '#'", "a comment starts with '//'");
  if (rest.startsWith("'")) return problem("LX-8", 1, "unexpected character \"'\"", "strings stand in double quotes");
  if (rest.startsWith("$")) return problem("LX-3", 1, "'$' must be followed by a name that starts with a lower-case letter or '_'");
  if (word !== undefined && /^[0-9]/.test(word)) {
    return problem("LX-9", word.length, `'${word}' is not a number`, "numbers have digits only, with a point and digits after it for a float; exponents and suffixes do not exist");
  }
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  return problem("LX-9", character.length, `unexpected character '${character}'`, CHARACTER_HINTS[character]);
}

/** Words of other query languages inside a query that reads, wherever the parser stumbles over them. */
const FOREIGN_WORDS: Readonly<Record<string, string>> = {
  or: "there is no 'or'; run one query for each alternative",
  in: "membership is written list first: $list contains $a.property",
  like: "text is compared with 'contains' or 'starts_with'",
  where: "conditions are clauses inside the block of 'match'",
  by: "an order is written order { $a.property desc }",
};

/** Hints for what people write out of habit. */
function syntaxHint(tokens: readonly IToken[], { token, context }: IRecognitionException): string | undefined {
  const index = tokens.indexOf(token);
  const before = tokens[index - 1]?.image;
  const rule = context.ruleStack.at(-1);
  const isClause = context.ruleStack.includes("block");
  const isRead = context.ruleStack.includes("readBody");
  if (token.image === "=" && before === "=") return "equality is written '='";
  if (token.image === ">" && before === "<") return "inequality is written '!='";
  if (token.image === "and") return isClause ? AND_CLAUSES : "a predicate is a single comparison";
  if (before === "and" && isClause) return AND_CLAUSES;
  if (token.image === "mutation") return "a mutation is a query whose body is insert, update or delete statements";
  if (index === 0 && STATEMENT_WORDS.has(token.image)) return "wrap it: query NAME() { … }";
  if (token.image === "," && rule === "block") return "clauses have no separator";
  if (rule === "hops" && token.image === "}") return `an exact number of hops is written {${before},${before}}`;
  if (isClause && tokens[index + 1]?.image === "(") return didYouMean(token.image, TEXT_PREDICATES);
  if (isClause && RANKING_WORDS.has(calledBefore(tokens, index) ?? "")) return "a ranking is no condition: write it first in order { … }, or return it as a column";
  if (isRead) {
    // A word that can be a name is taken for one, so the parser stops at what follows it.
    const word = [token.image, isClause ? before : undefined].find((image) => image !== undefined && Object.hasOwn(FOREIGN_WORDS, image));
    if (word !== undefined) return FOREIGN_WORDS[word];
    if (before === "limit") return "a limit is a literal number; a parameter cannot stand here";
  }
  if (token.image === "order" && tokens[index - 2]?.image === "limit") return "'order' stands before 'limit'";
  if (isClause && (token.image === ":" || token.image === ".") && !tokens.some(({ image }) => image.startsWith("$"))) {
    return "no name begins with '$': in double quotes a shell takes such names away, so put the query in single quotes";
  }
  if (rule === "edgeWord") return "edge words begin with a lower-case letter, and 'not' is none";
  if (rule === "negation") return "'not' takes a block: not { … }";
  return undefined;
}

/** Name of the function whose call ends right before the token. */
function calledBefore(tokens: readonly IToken[], index: number): string | undefined {
  let depth = 0;
  for (let at = index - 1; at > 0; at--) {
    const { image } = tokens[at] as IToken;
    if (image === ")") depth += 1;
    else if (image === "(") depth -= 1;
    if (depth === 0) return image === "(" ? tokens[at - 1]?.image : undefined;
  }
  return undefined;
}

const TEXT_PREDICATES: readonly string[] = ["search", "fuzzy", "match_text"];

const RANKING_WORDS: ReadonlySet<string> = new Set(["bm25", "nearest", "rrf"]);

const AND_CLAUSES = "clauses are joined by writing them one after the other";

const STATEMENT_WORDS: ReadonlySet<string> = new Set(["match", "insert", "update", "delete"]);
