import { LosslessNumber } from "lossless-json";
import { JsonTextError } from "../errors/json-errors.js";

/** Levels of arrays and objects that a text may be nested. */
export const JSON_DEPTH_MAX = 128;

/**
 * How numbers are kept.
 * - `exact`: integers are `number` where that is exact, else `bigint`; other numbers are `number` when their text is what that number
 *   prints as, else a `LosslessNumber` with the text (`1.0`, `1e400`).
 * - `cells`: every integer is a `bigint`, everything else a `number`: the values of result rows, whose floats always show a point or an
 *   exponent.
 */
export type JsonNumbers = "exact" | "cells";

/**
 * Parses a JSON text without losing anything (1.7), refusing what other readers would understand differently: members named twice, lone
 * surrogates, deep nesting. Members named `__proto__` are members like any other.
 *
 * @throws JsonTextError
 */
export function parseJson(text: string, numbers: JsonNumbers = "exact"): unknown {
  return new JsonParser(text, numbers).parse();
}

/** Digits of a fraction do not count: more of them than a double holds mean nothing. */
const LONG_INTEGER = /(?<![.0-9])[0-9]{16}/;

/**
 * For answers of a server: like `parseJson`, at the speed of the built-in parser where no number can lose a digit. Duplicate members are
 * not looked for, and numbers with a fraction are plain numbers.
 *
 * @throws JsonTextError
 */
export function parseAnswerJson(text: string): unknown {
  if (LONG_INTEGER.test(text)) return parseJson(text);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new JsonTextError("syntax", `not JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}

/** Beyond every integer type of a graph; longer ones stay text, because computing them takes time that grows with their square. */
const INTEGER_TEXT_MAX = 40;

const CONTROL = /[\u0000-\u001f]/;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

const CODE = { quote: 34, comma: 44, minus: 45, zero: 48, nine: 57, colon: 58, openBracket: 91, backslash: 92, closeBracket: 93, openBrace: 123, closeBrace: 125 } as const;

class JsonParser {
  readonly #text: string;
  readonly #numbers: JsonNumbers;
  #at = 0;
  #depth = 0;

  constructor(text: string, numbers: JsonNumbers) {
    this.#text = text;
    this.#numbers = numbers;
  }

  parse(): unknown {
    this.#skipSpace();
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected("the end");
    return value;
  }

  #value(): unknown {
    const code = this.#text.charCodeAt(this.#at);
    if (code === CODE.quote) return this.#string();
    if (code === CODE.openBrace || code === CODE.openBracket) return this.#nested(code);
    if (code === CODE.minus || (code >= CODE.zero && code <= CODE.nine)) return this.#number();
    if (this.#takes("true")) return true;
    if (this.#takes("false")) return false;
    if (this.#takes("null")) return null;
    throw this.#unexpected("a value");
  }

  #nested(code: number): unknown {
    if (++this.#depth > JSON_DEPTH_MAX) throw new JsonTextError("depth", `not accepted: nested deeper than ${JSON_DEPTH_MAX} levels`);
    this.#at++;
    const value = code === CODE.openBrace ? this.#object() : this.#array();
    this.#depth--;
    return value;
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#skipSpace();
    if (this.#takesCode(CODE.closeBrace)) return object;
    for (;;) {
      if (this.#text.charCodeAt(this.#at) !== CODE.quote) throw this.#unexpected("a member name");
      const name = this.#string();
      if (Object.hasOwn(object, name)) throw new JsonTextError("duplicateKey", `member ${shown(name)} is given twice`);
      this.#skipSpace();
      if (!this.#takesCode(CODE.colon)) throw this.#unexpected("':'");
      this.#skipSpace();
      const value = this.#value();
      // Plain assignment would set the prototype.
      if (name === "__proto__") Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
      else object[name] = value;
      this.#skipSpace();
      if (this.#takesCode(CODE.closeBrace)) return object;
      if (!this.#takesCode(CODE.comma)) throw this.#unexpected("',' or '}'");
      this.#skipSpace();
    }
  }

  #array(): unknown[] {
    const items: unknown[] = [];
    this.#skipSpace();
    if (this.#takesCode(CODE.closeBracket)) return items;
    for (;;) {
      items.push(this.#value());
      this.#skipSpace();
      if (this.#takesCode(CODE.closeBracket)) return items;
      if (!this.#takesCode(CODE.comma)) throw this.#unexpected("',' or ']'");
      this.#skipSpace();
    }
  }

  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    let isEscaped = false;
    for (;;) {
      if (end === -1) throw new JsonTextError("syntax", `not JSON: the string at character ${start + 1} does not end`);
      let before = end - 1;
      while (this.#text.charCodeAt(before) === CODE.backslash) before--;
      if ((end - 1 - before) % 2 === 0) break;
      isEscaped = true;
      end = this.#text.indexOf('"', end + 1);
    }
    this.#at = end + 1;
    const raw = this.#text.slice(start + 1, end);
    const hasEscapes = isEscaped || raw.includes("\\");
    if (!hasEscapes && CONTROL.test(raw)) throw controlCharacter(start);
    const value = hasEscapes ? this.#unescaped(start, end) : raw;
    if (!value.isWellFormed()) throw new JsonTextError("encoding", `not accepted: the string at character ${start + 1} holds a lone surrogate, which stands for no character`);
    return value;
  }

  #unescaped(start: number, end: number): string {
    try {
      return JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch {
      if (CONTROL.test(this.#text.slice(start, end))) throw controlCharacter(start);
      throw new JsonTextError("syntax", `not JSON: the string at character ${start + 1} has a wrong escape`);
    }
  }

  #number(): unknown {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw this.#unexpected("a number");
    const [text, fraction, exponent] = match;
    this.#at += text.length;
    const isInteger = fraction === undefined && exponent === undefined;
    const value = Number(text);
    if (this.#numbers === "cells") return isInteger && text.length <= INTEGER_TEXT_MAX ? BigInt(text) : value;
    if (isInteger && Number.isSafeInteger(value)) return value;
    if (isInteger && text.length <= INTEGER_TEXT_MAX) return BigInt(text);
    return String(value) === text ? value : new LosslessNumber(text);
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at++;
    }
  }

  #takesCode(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #takes(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #unexpected(expected: string): JsonTextError {
    const found = this.#at >= this.#text.length ? "the end" : `'${String.fromCodePoint(this.#text.codePointAt(this.#at) as number)}'`;
    return new JsonTextError("syntax", `not JSON: expected ${expected} at character ${this.#at + 1}, found ${found}`);
  }
}

function controlCharacter(start: number): JsonTextError {
  return new JsonTextError("syntax", `not JSON: the string at character ${start + 1} holds a control character`);
}

const SHOWN_NAME_LENGTH_MAX = 80;

function shown(name: string): string {
  return `'${name.length > SHOWN_NAME_LENGTH_MAX ? `${name.slice(0, SHOWN_NAME_LENGTH_MAX)}…` : name}'`;
}
