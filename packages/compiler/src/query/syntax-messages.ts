import type { IParserErrorMessageProvider, IToken, TokenType } from "chevrotain";

/** How a token is named in a message. */
function describeToken(token: IToken): string {
  if (token.image === "") return "the end of the text";
  const text = token.image.length > 40 ? `${token.image.slice(0, 40)}…` : token.image;
  return token.image.startsWith('"') ? text : `'${text}'`;
}

function nameOf(type: TokenType): string {
  return type.LABEL ?? type.name;
}

function listNames(types: readonly TokenType[]): string {
  const names = [...new Set(types.map(nameOf))];
  return names.length === 1 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function firstOf(paths: readonly (readonly TokenType[])[]): TokenType[] {
  return paths.flatMap((path) => path.slice(0, 1));
}

/** Choices with too many beginnings to list. */
const CHOICES: Readonly<Record<string, string>> = {
  edgeWord: "an edge word",
  ordering: "an ordering",
  expression: "an expression",
  clause: "a clause",
  literal: "a literal",
  value: "a literal, a parameter or now()",
  filterOperator: "a comparison",
  comparisonOperator: "a comparison",
};

/** What a section that must not be empty consists of. */
const REPEATED: Readonly<Record<string, string>> = {
  block: "a clause",
  readBody: "a projection",
  assignments: "an assignment",
};

/** What else could stand where a rule asks for its closing token, by rule and token. */
const CLOSINGS: Readonly<Record<string, string>> = {
  "block RightBrace": "a clause or '}'",
  "binding RightBrace": "',' or '}'",
  "readBody RightBrace": "',' or '}'",
  "assignments RightBrace": "an assignment or '}'",
  "listLiteral RightBracket": "',' or ']'",
};

/** Wording of syntax errors: what was expected, what stands there. The position is added where they are reported. */
export const syntaxMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual, ruleName }) =>
    `expected ${CLOSINGS[`${ruleName} ${expected.name}`] ?? nameOf(expected)}, found ${describeToken(actual)}`,
  buildNotAllInputParsedMessage: ({ firstRedundant }) => `expected 'query' or the end of the text, found ${describeToken(firstRedundant)}`,
  buildNoViableAltMessage: ({ expectedPathsPerAlt, actual, ruleName }) =>
    `expected ${CHOICES[ruleName] ?? listNames(expectedPathsPerAlt.flatMap(firstOf))}, found ${describeToken(actual[0] as IToken)}`,
  buildEarlyExitMessage: ({ expectedIterationPaths, actual, ruleName }) =>
    `expected ${REPEATED[ruleName] ?? listNames(firstOf(expectedIterationPaths))}, found ${describeToken(actual[0] as IToken)}`,
};
