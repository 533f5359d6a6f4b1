import { decodeUtf8 } from "../columnar/read-cell.js";
import { type JsonScanner, TOKEN_ESCAPED_TEXT, TOKEN_TEXT } from "./json-scanner.js";
import { unescapeJsonText } from "./unescape-json-text.js";

const SOURCE_SHOWN_MAX = 80;

/** The tape of one record and the text last read from it. One object is reused for every record. */
export class RecordTokens {
  readonly #scanner: JsonScanner;
  #unescaped: Uint8Array = new Uint8Array(256);
  /** Byte range of the text last read; valid until the next read. */
  textBytes: Uint8Array = this.#unescaped;
  textStart = 0;
  textEnd = 0;

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  get tape(): Int32Array {
    return this.#scanner.tape;
  }

  get bytes(): Uint8Array {
    return this.#scanner.bytes;
  }

  /** Points the text fields to the value of a string entry; false when the entry is not a string. */
  readText(entry: number): boolean {
    const { tape, bytes } = this.#scanner;
    const kind = tape[entry] as number;
    const start = tape[entry + 1] as number;
    const end = tape[entry + 2] as number;
    if (kind === TOKEN_TEXT) {
      this.textBytes = bytes;
      this.textStart = start;
      this.textEnd = end;
      return true;
    }
    if (kind !== TOKEN_ESCAPED_TEXT) return false;
    if (this.#unescaped.length < end - start) this.#unescaped = new Uint8Array((end - start) * 2);
    this.textBytes = this.#unescaped;
    this.textStart = 0;
    this.textEnd = unescapeJsonText(bytes, start, end, this.#unescaped);
    return true;
  }

  /** Whether the text last read is `expected`. */
  textEquals(expected: Uint8Array): boolean {
    const { textBytes, textStart } = this;
    if (this.textEnd - textStart !== expected.length) return false;
    for (let i = 0; i < expected.length; i++) if (textBytes[textStart + i] !== expected[i]) return false;
    return true;
  }

  /** The text last read. */
  text(): string {
    return decodeUtf8(this.textBytes, this.textStart, this.textEnd);
  }

  /** Source text of a scalar entry, shortened, for messages. */
  source(entry: number): string {
    const { tape, bytes } = this.#scanner;
    const start = tape[entry + 1] as number;
    const end = tape[entry + 2] as number;
    const text = decodeUtf8(bytes, start, Math.min(end, start + SOURCE_SHOWN_MAX));
    return end - start > SOURCE_SHOWN_MAX ? `${text}…` : text;
  }
}
