import type { CstNode, IToken } from "chevrotain";
import { must } from "@omnigraphdb/common";
import { type Span, spanOf } from "../source/span.js";
import type { Name } from "./query-ast.js";
import { SyntaxStop } from "./syntax-error.js";

export function tokenSpan(token: IToken): Span {
  return spanOf(token.startOffset, token.startOffset + token.image.length);
}

export function nodeSpan(node: CstNode): Span {
  const location = must(node.location, "the parser tracks locations");
  return spanOf(location.startOffset, must(location.endOffset, "the parser tracks locations") + 1);
}

export function nameFrom(token: IToken): Name {
  return { kind: "Name", span: tokenSpan(token), text: token.image };
}

/** The name of a variable, without `$`. */
export function variableFrom(token: IToken): Name {
  return { kind: "Name", span: tokenSpan(token), text: token.image.slice(1) };
}

/** The value of an integer token, or `max + 1` for everything above `max`. */
export function integerUpTo(token: IToken, max: bigint): bigint {
  const digits = token.image.replace(/^0+(?=[0-9])/, "");
  // Comparing lengths first keeps absurdly long digit strings away from big-integer parsing.
  const value = digits.length <= max.toString().length ? BigInt(digits) : max + 1n;
  return value > max ? max + 1n : value;
}

/** LX-6: an integer token within `0 … max`. */
export function integerWithin(token: IToken, max: bigint, what: string): bigint {
  const value = integerUpTo(token, max);
  if (value > max) {
    throw new SyntaxStop({ rule: "LX-6", span: tokenSpan(token), message: `${shorten(token.image)} is too large for ${what}; the greatest is ${max}` });
  }
  return value;
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", n: "\n", r: "\r", t: "\t" };

/** LX-8: the text of a string token. */
export function stringFrom(token: IToken): string {
  const body = token.image.slice(1, -1);
  if (!body.includes("\\")) return body;
  return body.replace(/\\([\s\S])/g, (escape, character: string, at: number) => {
    const plain = ESCAPES[character];
    if (plain !== undefined) return plain;
    const start = token.startOffset + 1 + at;
    throw new SyntaxStop({
      rule: "LX-8",
      span: spanOf(start, start + escape.length),
      message: `unknown escape '${escape}' in a string`,
      hint: 'a string knows the escapes \\" \\\\ \\n \\r \\t; every other character is written as it is',
    });
  });
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
