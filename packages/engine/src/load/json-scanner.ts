import { RECORD_DEPTH_MAX, RECORD_TOKENS_MAX } from "./load-limits.js";

/** Kinds of tape entries. */
export const TOKEN_NULL = 0;
export const TOKEN_FALSE = 1;
export const TOKEN_TRUE = 2;
/** A number without fraction and exponent. */
export const TOKEN_INTEGER = 3;
/** Any other number. */
export const TOKEN_NUMBER = 4;
/** A string without escapes: its bytes are its value. */
export const TOKEN_TEXT = 5;
export const TOKEN_ESCAPED_TEXT = 6;
export const TOKEN_OBJECT = 7;
export const TOKEN_ARRAY = 8;

/** Words per tape entry: kind, start, end. */
export const TOKEN_WORDS = 3;

/** The text is not JSON (RFC 8259), or breaks a limit. `line` is where the problem is, counted from 1. */
export class JsonProblem extends Error {
  readonly line: number;
  readonly limit: { readonly resource: string; readonly limit: number; readonly actual: number } | undefined;
  constructor(detail: string, line: number, limit?: JsonProblem["limit"]) {
    super(detail);
    this.line = line;
    this.limit = limit;
  }
}

/** Control flow, not a failure: made once, so that throwing it costs no stack trace. */
class MoreInput extends Error {}

/** Thrown where the bytes end inside a value: give more, or report the end of the input. */
export const MORE_INPUT: Error = new MoreInput("more input");

// Classes of bytes inside a string.
const PLAIN = 0;
const SPECIAL = 1;
const STRING_CLASS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === 0x22 || byte === 0x5c || byte >= 0x80 ? SPECIAL : PLAIN,
);

/** From this many members on an object's names are checked through a set instead of pair by pair. */
const MANY_MEMBERS = 16;

const WORDS: readonly { readonly kind: number; readonly text: string }[] = [
  { kind: TOKEN_NULL, text: "null" },
  { kind: TOKEN_FALSE, text: "false" },
  { kind: TOKEN_TRUE, text: "true" },
];

/**
 * Reads one JSON value at a time from a byte buffer onto a flat tape.
 *
 * Strict inside the value: RFC 8259, valid UTF-8, no member name twice in one object, no lone surrogates (they have no
 * UTF-8 form), bounded depth and token count. Tape entries of containers hold their child count and the index after
 * their last entry; those of other values hold the byte range (of a string: without its quotes). Object members are a
 * text entry and then the value's.
 *
 * The byte at `limit` must exist and be 0: string scanning stops at it without comparing positions.
 */
export class JsonScanner {
  bytes: Uint8Array = new Uint8Array(1);
  limit = 0;
  /** Where the next value is looked for; after `scan`, just behind the value. */
  position = 0;
  /** Line of `position`, counted from 1. */
  line = 1;
  /** No more bytes will come after `limit`. */
  isFinal = false;

  tape: Int32Array = new Int32Array(3 * 1024);
  #tapeEnd = 0;
  #names: Int32Array = new Int32Array(64);
  #namesEnd = 0;

  /** Moves to the next byte that is not white space; false when there is none before `limit`. */
  skipWhitespace(): boolean {
    const { bytes, limit } = this;
    let at = this.position;
    while (at < limit) {
      const byte = bytes[at] as number;
      if (byte === 0x0a) this.line++;
      else if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) break;
      at++;
    }
    this.position = at;
    return at < limit;
  }

  /** Scans the value at `position`; its root is tape entry 0. Throws {@link MORE_INPUT} or {@link JsonProblem}. */
  scan(): void {
    this.#tapeEnd = 0;
    this.#namesEnd = 0;
    this.#value(0);
  }

  #value(depth: number): void {
    const byte = this.bytes[this.position] as number;
    if (byte === 0x22) return this.#string();
    if (byte === 0x7b) return this.#object(depth);
    if (byte === 0x5b) return this.#array(depth);
    if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return this.#number();
    this.#word();
  }

  #object(depth: number): void {
    const entry = this.#open(TOKEN_OBJECT, depth);
    const namesStart = this.#namesEnd;
    let manyNames: Set<string> | undefined;
    let count = 0;
    if (this.#next() === 0x7d) this.position++;
    else {
      for (;;) {
        if (this.bytes[this.position] !== 0x22) this.#unexpected("expected a member name in double quotes");
        const name = this.#tapeEnd;
        this.#string();
        if (count < MANY_MEMBERS) this.#refuseRepeated(name, namesStart);
        else manyNames = this.#refuseRepeatedAmongMany(name, namesStart, manyNames);
        if (this.#next() !== 0x3a) this.#unexpected("expected ':' after a member name");
        this.position++;
        this.#next();
        this.#value(depth + 1);
        count++;
        const byte = this.#next();
        this.position++;
        if (byte === 0x7d) break;
        if (byte !== 0x2c) this.#unexpectedBefore("expected ',' or '}' in an object");
        this.#next();
      }
    }
    this.#namesEnd = namesStart;
    this.#close(entry, count);
  }

  #array(depth: number): void {
    const entry = this.#open(TOKEN_ARRAY, depth);
    let count = 0;
    if (this.#next() === 0x5d) this.position++;
    else {
      for (;;) {
        this.#value(depth + 1);
        count++;
        const byte = this.#next();
        this.position++;
        if (byte === 0x5d) break;
        if (byte !== 0x2c) this.#unexpectedBefore("expected ',' or ']' in an array");
        this.#next();
      }
    }
    this.#close(entry, count);
  }

  #open(kind: number, depth: number): number {
    if (depth >= RECORD_DEPTH_MAX) {
      throw new JsonProblem(`nested deeper than ${RECORD_DEPTH_MAX} levels`, this.line, {
        resource: "load record nesting depth",
        limit: RECORD_DEPTH_MAX,
        actual: depth + 1,
      });
    }
    this.position++;
    return this.#push(kind, 0, 0);
  }

  #close(entry: number, count: number): void {
    this.tape[entry + 1] = count;
    this.tape[entry + 2] = this.#tapeEnd;
  }

  #push(kind: number, start: number, end: number): number {
    const at = this.#tapeEnd;
    if (at === this.tape.length) this.#growTape();
    this.tape[at] = kind;
    this.tape[at + 1] = start;
    this.tape[at + 2] = end;
    this.#tapeEnd = at + TOKEN_WORDS;
    return at;
  }

  #growTape(): void {
    const tokens = this.tape.length / TOKEN_WORDS;
    if (tokens >= RECORD_TOKENS_MAX) {
      throw new JsonProblem(`more than ${RECORD_TOKENS_MAX} values`, this.line, {
        resource: "load record structural tokens",
        limit: RECORD_TOKENS_MAX,
        actual: tokens + 1,
      });
    }
    const grown = new Int32Array(Math.min(tokens * 2, RECORD_TOKENS_MAX) * TOKEN_WORDS);
    grown.set(this.tape);
    this.tape = grown;
  }

  /** Skips white space inside a value; the byte there. */
  #next(): number {
    const byte = this.bytes[this.position] as number;
    if (byte > 0x20) return byte;
    if (!this.skipWhitespace()) this.#endOfBytes();
    return this.bytes[this.position] as number;
  }

  #endOfBytes(): never {
    if (!this.isFinal) throw MORE_INPUT;
    throw new JsonProblem("unexpected end of the input", this.line);
  }

  #unexpectedBefore(expectation: string): never {
    this.position--;
    this.#unexpected(expectation);
  }

  #unexpected(expectation: string): never {
    if (this.position >= this.limit) this.#endOfBytes();
    throw new JsonProblem(`${expectation}, found ${describeByte(this.bytes[this.position] as number)}`, this.line);
  }

  #word(): void {
    const { bytes, position, limit } = this;
    for (const { kind, text } of WORDS) {
      if (bytes[position] !== text.charCodeAt(0)) continue;
      for (let i = 1; i < text.length; i++) {
        if (position + i >= limit) this.#endOfBytes();
        if (bytes[position + i] !== text.charCodeAt(i)) this.#unexpected("expected a JSON value");
      }
      this.position = position + text.length;
      this.#push(kind, position, this.position);
      return;
    }
    this.#unexpected("expected a JSON value");
  }

  #number(): void {
    const { bytes, limit } = this;
    const start = this.position;
    let at = start;
    let kind = TOKEN_INTEGER;
    if (bytes[at] === 0x2d) at++;
    if (bytes[at] === 0x30) at++;
    else at = this.#digits(at);
    if (bytes[at] === 0x2e && at < limit) {
      kind = TOKEN_NUMBER;
      at = this.#digits(at + 1);
    }
    if ((bytes[at] === 0x65 || bytes[at] === 0x45) && at < limit) {
      kind = TOKEN_NUMBER;
      at++;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
      at = this.#digits(at);
    }
    if (at >= limit && !this.isFinal) throw MORE_INPUT;
    const after = bytes[at] as number;
    if (at < limit && (isDigit(after) || isWordByte(after))) {
      this.position = at;
      this.#unexpected("malformed number");
    }
    this.position = at;
    this.#push(kind, start, at);
  }

  /** One or more digits; the position after them. */
  #digits(from: number): number {
    const { bytes } = this;
    let at = from;
    while (isDigit(bytes[at] as number)) at++;
    if (at === from || at > this.limit) {
      this.position = Math.min(from, this.limit);
      this.#unexpected("malformed number");
    }
    return at;
  }

  #string(): void {
    const { bytes } = this;
    const start = this.position + 1;
    let at = start;
    let kind = TOKEN_TEXT;
    for (;;) {
      while (STRING_CLASS[bytes[at] as number] === PLAIN) at++;
      const byte = bytes[at] as number;
      if (byte === 0x22) break;
      if (byte === 0x5c) {
        kind = TOKEN_ESCAPED_TEXT;
        at = this.#escape(at);
      } else if (byte >= 0x80) at = this.#multiByte(at);
      else {
        this.position = at;
        this.#unexpected("a control character in a string must be escaped");
      }
    }
    this.position = at + 1;
    this.#push(kind, start, at);
  }

  /** Checks the escape at `at`; the position after it. A surrogate escape must be a pair. */
  #escape(at: number): number {
    if (at + 1 >= this.limit) this.#endOfBytes();
    const byte = this.bytes[at + 1] as number;
    if (byte !== 0x75) {
      if (!isSimpleEscape(byte)) {
        this.position = at + 1;
        this.#unexpected("unknown escape in a string");
      }
      return at + 2;
    }
    const unit = this.#hexUnit(at + 2);
    if (unit < 0xd800 || unit > 0xdfff) return at + 6;
    const isHigh = unit < 0xdc00;
    if (isHigh && at + 6 >= this.limit) this.#endOfBytes();
    if (isHigh && this.bytes[at + 6] === 0x5c) {
      if (at + 7 >= this.limit) this.#endOfBytes();
      if (this.bytes[at + 7] === 0x75) {
        const low = this.#hexUnit(at + 8);
        if (low >= 0xdc00 && low <= 0xdfff) return at + 12;
      }
    }
    throw new JsonProblem("a lone surrogate escape in a string", this.line);
  }

  #hexUnit(at: number): number {
    let unit = 0;
    for (let i = at; i < at + 4; i++) {
      if (i >= this.limit) this.#endOfBytes();
      const digit = hexDigit(this.bytes[i] as number);
      if (digit < 0) {
        this.position = i;
        this.#unexpected("expected four hexadecimal digits after \\u");
      }
      unit = unit * 16 + digit;
    }
    return unit;
  }

  /** Checks the UTF-8 sequence at `at`; the position after it. */
  #multiByte(at: number): number {
    const { bytes, limit } = this;
    const first = bytes[at] as number;
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4) this.#invalidUtf8();
    for (let i = 1; i < length; i++) {
      if (at + i >= limit) this.#endOfBytes();
      const byte = bytes[at + i] as number;
      let low = 0x80;
      let high = 0xbf;
      if (i === 1 && first === 0xe0) low = 0xa0;
      else if (i === 1 && first === 0xed) high = 0x9f;
      else if (i === 1 && first === 0xf0) low = 0x90;
      else if (i === 1 && first === 0xf4) high = 0x8f;
      if (byte < low || byte > high) this.#invalidUtf8();
    }
    return at + length;
  }

  #invalidUtf8(): never {
    throw new JsonProblem("a string that is not valid UTF-8", this.line);
  }

  #refuseRepeated(name: number, namesStart: number): void {
    for (let i = namesStart; i < this.#namesEnd; i++) {
      if (this.#areEqualNames(this.#names[i] as number, name)) this.#repeated(name);
    }
    this.#rememberName(name);
  }

  #refuseRepeatedAmongMany(name: number, namesStart: number, known: Set<string> | undefined): Set<string> {
    let names = known;
    if (names === undefined) {
      names = new Set();
      for (let i = namesStart; i < this.#namesEnd; i++) names.add(this.nameText(this.#names[i] as number));
    }
    const text = this.nameText(name);
    if (names.has(text)) this.#repeated(name);
    return names.add(text);
  }

  #rememberName(name: number): void {
    if (this.#namesEnd === this.#names.length) {
      const grown = new Int32Array(this.#names.length * 2);
      grown.set(this.#names);
      this.#names = grown;
    }
    this.#names[this.#namesEnd++] = name;
  }

  #areEqualNames(a: number, b: number): boolean {
    const { tape, bytes } = this;
    if (tape[a] === TOKEN_ESCAPED_TEXT || tape[b] === TOKEN_ESCAPED_TEXT) return this.nameText(a) === this.nameText(b);
    const startA = tape[a + 1] as number;
    const startB = tape[b + 1] as number;
    const length = (tape[a + 2] as number) - startA;
    if (length !== (tape[b + 2] as number) - startB) return false;
    for (let i = 0; i < length; i++) if (bytes[startA + i] !== bytes[startB + i]) return false;
    return true;
  }

  #repeated(name: number): never {
    throw new JsonProblem(`duplicate member '${this.nameText(name)}'`, this.line);
  }

  /** The value of a text entry, as a string. For names and messages, not for data. */
  nameText(entry: number): string {
    const text = Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength).toString(
      "utf8",
      this.tape[entry + 1],
      this.tape[entry + 2],
    );
    return this.tape[entry] === TOKEN_ESCAPED_TEXT ? (JSON.parse(`"${text}"`) as string) : text;
  }
}

/** Entry after the value at `entry`. */
export function nextEntry(tape: Int32Array, entry: number): number {
  return (tape[entry] as number) >= TOKEN_OBJECT ? (tape[entry + 2] as number) : entry + TOKEN_WORDS;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isWordByte(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2e || byte === 0x2b || byte === 0x2d;
}

function isSimpleEscape(byte: number): boolean {
  // " \ / b f n r t
  return (
    byte === 0x22 || byte === 0x5c || byte === 0x2f || byte === 0x62 || byte === 0x66 || byte === 0x6e || byte === 0x72 || byte === 0x74
  );
}

export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  return -1;
}

function describeByte(byte: number): string {
  if (byte > 0x20 && byte < 0x7f) return `'${String.fromCharCode(byte)}'`;
  return `byte 0x${byte.toString(16).padStart(2, "0")}`;
}
