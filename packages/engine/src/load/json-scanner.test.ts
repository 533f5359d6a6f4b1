import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LoadRecordError, LoadRecordLimitError } from "./errors.js";
import { nextEntry, TOKEN_ARRAY, TOKEN_ESCAPED_TEXT, TOKEN_FALSE, TOKEN_NULL, TOKEN_OBJECT, TOKEN_TEXT, TOKEN_TRUE, TOKEN_WORDS } from "./json-scanner.js";
import { RECORD_BYTES_MAX, RECORD_DEPTH_MAX } from "./load-limits.js";
import { RecordReader } from "./record-reader.js";
import { RecordTokens } from "./record-tokens.js";

/** Values of the input as plain objects, or the error. */
function readAll(bytes: Uint8Array, cut: (length: number) => readonly number[] = () => []): unknown[] | Error {
  const reader = new RecordReader();
  const tokens = new RecordTokens(reader.scanner);
  const values: unknown[] = [];
  try {
    let from = 0;
    for (const to of [...cut(bytes.length), bytes.length]) {
      reader.push(bytes.subarray(from, to));
      from = to;
      while (reader.next()) values.push(toValue(reader, tokens, 0));
    }
    reader.finish();
    while (reader.next()) values.push(toValue(reader, tokens, 0));
    return values;
  } catch (error) {
    if (error instanceof LoadRecordError || error instanceof LoadRecordLimitError) return error;
    throw error;
  }
}

function toValue(reader: RecordReader, tokens: RecordTokens, entry: number): unknown {
  const { tape } = reader.scanner;
  switch (tape[entry]) {
    case TOKEN_NULL:
      return null;
    case TOKEN_FALSE:
      return false;
    case TOKEN_TRUE:
      return true;
    case TOKEN_TEXT:
    case TOKEN_ESCAPED_TEXT:
      tokens.readText(entry);
      return tokens.text();
    case TOKEN_ARRAY: {
      const items: unknown[] = [];
      for (let item = entry + TOKEN_WORDS; item < (tape[entry + 2] as number); item = nextEntry(tape, item)) items.push(toValue(reader, tokens, item));
      expect(items.length).toBe(tape[entry + 1]);
      return items;
    }
    case TOKEN_OBJECT: {
      const members: [string, unknown][] = [];
      for (let name = entry + TOKEN_WORDS; name < (tape[entry + 2] as number); ) {
        const value = name + TOKEN_WORDS;
        tokens.readText(name);
        members.push([tokens.text(), toValue(reader, tokens, value)]);
        name = nextEntry(tape, value);
      }
      return Object.fromEntries(members);
    }
    default:
      return Number(tokens.source(entry));
  }
}

/** The platform's parser on one value, plus what strict records refuse beyond it. */
function reference(bytes: Uint8Array): { readonly value: unknown } | "refused" {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (hasRepeatedName(text) || hasLoneSurrogate(value)) return "refused";
    return { value };
  } catch {
    return "refused";
  }
}

function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === "string") return /\p{Surrogate}/u.test(value);
  if (Array.isArray(value)) return value.some(hasLoneSurrogate);
  if (typeof value === "object" && value !== null) return Object.entries(value).some(([name, item]) => hasLoneSurrogate(name) || hasLoneSurrogate(item));
  return false;
}

/** Counts names by walking the text of a valid document. */
function hasRepeatedName(text: string): boolean {
  const stack: (Set<string> | undefined)[] = [];
  const pattern = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;
  let found = false;
  let pending: string | undefined;
  for (const [token] of text.matchAll(pattern)) {
    if (token === "{") stack.push(new Set());
    else if (token === "[") stack.push(undefined);
    else if (token === "}" || token === "]") stack.pop();
    else if (token === ":") {
      const names = stack.at(-1);
      const name = JSON.parse(pending as string) as string;
      if (names?.has(name) === true) found = true;
      names?.add(name);
    } else if (token.startsWith('"')) pending = token;
  }
  return found;
}

const utf8 = new TextEncoder();

const json = fc.oneof(
  { weight: 3, arbitrary: fc.json({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }).map((text) => text.replaceAll(/[A-Za-z]/g, (letter) => (letter > "t" ? `\\u00${letter.charCodeAt(0).toString(16)}` : letter))) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom('{"a":1}', '"a"', "1", "-0.5e3", "[", "]", "{", "}", ",", ":", "null", "true", "\\", '"', "\\u", "\\ud800", "\\udc00", "\u{1F600}", "é", " ", "\n", "e", ".", "-", "0"), { maxLength: 12 })
      .map((parts) => parts.join("")),
  },
);

const mutated = fc.tuple(json, fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { maxLength: 3 })).map(([text, changes]) => {
  const bytes = utf8.encode(text);
  for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
  return bytes;
});

describe("JSON scanner", () => {
  test("LD-15 LD-20 accepts and refuses what the reference does, with the same value", () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        // Framed in an array, so that the input is one value whatever it holds.
        const framed = new Uint8Array([0x5b, ...bytes, 0x5d]);
        const expected = reference(framed);
        const actual = readAll(framed);
        // Bytes like `][` make two values of the frame.
        if (expected === "refused") expect(actual instanceof Error || actual.length > 1).toBe(true);
        else expect(actual).toEqual([expected.value]);
      }),
      { numRuns: 8_000 },
    );
  });

  test("LD-10 chunk boundaries change nothing", () => {
    const text = '{"a":"é\\n\\ud83d\\ude00","b":[1,-2.5e-3,true,null]}\n\n {"c" : "😀"}{"d":1}\r\n"lone"';
    const bytes = utf8.encode(text);
    const whole = readAll(bytes);
    expect(whole).toHaveLength(4);
    for (let at = 0; at <= bytes.length; at++) expect(readAll(bytes, () => [at])).toEqual(whole);
    expect(readAll(bytes, (length) => Array.from({ length: length - 1 }, (_, i) => i + 1))).toEqual(whole);
    fc.assert(
      fc.property(mutated, fc.array(fc.nat(200), { maxLength: 4 }), (input, cuts) => {
        const sorted = (length: number): number[] => cuts.map((cut) => Math.min(cut, length)).sort((a, b) => a - b);
        const [once, cutUp] = [readAll(input), readAll(input, sorted)];
        if (once instanceof Error) expect((cutUp as Error).message).toBe(once.message);
        else expect(cutUp).toEqual(once);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['{"a":1,"a":2}', "duplicate member 'a'"],
    ['{"x":{"a":1,"\\u0061":2}}', "duplicate member 'a'"],
    [`{${Array.from({ length: 40 }, (_, i) => `"k${i}":0`).join(",")},"k7":1}`, "duplicate member 'k7'"],
    ['"\\ud800"', "lone surrogate"],
    ['"\\ud800\\u0041"', "lone surrogate"],
    ["01", "malformed number"],
    ["1.", "unexpected end of the input"],
    ["[1.]", "malformed number"],
    ["[1,]", "expected a JSON value"],
    ["{,}", "expected a member name"],
    ["tru", "unexpected end of the input"],
    ['"a\nb"', "control character"],
    ['"\\q"', "unknown escape"],
    ["'a'", "expected a JSON value, found '''"],
    ["NaN", "expected a JSON value"],
    ['{"a":1', "unexpected end of the input"],
  ])("LD-15 %s is refused", (text, detail) => {
    const error = readAll(utf8.encode(text)) as Error;
    expect(error.message).toContain("invalid JSON at record 1: ");
    expect(error.message).toContain(detail);
  });

  test("LD-15 invalid UTF-8 is refused wherever it stands in a string", () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82], [0x80]]) {
      const error = readAll(new Uint8Array([0x22, ...bytes, 0x22])) as Error;
      expect(error.message).toContain("not valid UTF-8");
    }
  });

  test("LD-10 errors name the record and its line, and the line of the problem", () => {
    const error = readAll(utf8.encode('{"a":1}\n{"b":2} {\n"c":\nx}')) as LoadRecordError;
    expect(error.position).toEqual({ record: 3, line: 2 });
    expect(error.message).toBe("invalid JSON at record 3: expected a JSON value, found 'x' on line 4 (record starts at line 2)");
  });

  test("nesting beyond the limit is a limit error, not a stack overflow", () => {
    const deep = (levels: number): Uint8Array => utf8.encode("[".repeat(levels) + "]".repeat(levels));
    expect(readAll(deep(RECORD_DEPTH_MAX))).toHaveLength(1);
    expect(readAll(deep(RECORD_DEPTH_MAX + 1))).toBeInstanceOf(LoadRecordLimitError);
    expect(readAll(deep(100_000))).toBeInstanceOf(LoadRecordLimitError);
  });

  test("a record beyond the byte limit is a limit error before it is read to its end", () => {
    const piece = utf8.encode(`"${"x".repeat(1024 * 1024 - 1)}`);
    const reader = new RecordReader();
    let pushed = 0;
    expect(() => {
      while (pushed < 3 * RECORD_BYTES_MAX) {
        reader.push(pushed === 0 ? piece : piece.subarray(1));
        pushed += piece.length;
        reader.next();
      }
    }).toThrow(LoadRecordLimitError);
  });

  test("a byte order mark before the first record is ignored", () => {
    expect(readAll(new Uint8Array([0xef, 0xbb, 0xbf, 0x31]))).toEqual([1]);
    expect(readAll(new Uint8Array([0xef, 0xbb, 0xbf, 0x31]), () => [1, 2])).toEqual([1]);
    expect(readAll(new Uint8Array([0x31, 0x20, 0xef, 0xbb, 0xbf]))).toBeInstanceOf(Error);
  });
});
