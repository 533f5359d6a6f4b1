import { invalidJson, LoadRecordLimitError, type LoadRecordError, type RecordPosition } from "./errors.js";
import { JsonProblem, JsonScanner, MORE_INPUT } from "./json-scanner.js";
import { RECORD_BYTES_MAX } from "./load-limits.js";

const INITIAL_BUFFER_BYTES = 64 * 1024;

/**
 * Cuts a byte stream into JSON values, however it is chunked (LD-10): push pieces, and take records until `next` says
 * no. A byte order mark before the first record is ignored.
 *
 * A record that is incomplete is scanned again when the bytes known of it have doubled, so scanning stays linear.
 */
export class RecordReader {
  readonly scanner: JsonScanner = new JsonScanner();
  #buffer: Uint8Array = new Uint8Array(INITIAL_BUFFER_BYTES);
  #record = 0;
  #recordLine = 1;
  /** Bytes of the incomplete record at which scanning it is worth another try. */
  #retryAt = 0;
  #isAtStart = true;

  constructor() {
    this.scanner.bytes = this.#buffer;
  }

  /** Of the record `next` stopped at. */
  get position(): RecordPosition {
    return { record: this.#record, line: this.#recordLine };
  }

  get recordNumber(): number {
    return this.#record;
  }

  get recordLine(): number {
    return this.#recordLine;
  }

  push(piece: Uint8Array): void {
    const { scanner } = this;
    const rest = scanner.limit - scanner.position;
    const needed = rest + piece.length + 1;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(scanner.position, scanner.limit));
      this.#buffer = grown;
      scanner.bytes = grown;
    } else if (scanner.position > 0) this.#buffer.copyWithin(0, scanner.position, scanner.limit);
    this.#buffer.set(piece, rest);
    this.#buffer[needed - 1] = 0;
    scanner.position = 0;
    scanner.limit = needed - 1;
  }

  /** No more pieces will come; what is left must be whole records. */
  finish(): void {
    this.scanner.isFinal = true;
  }

  /** True: the tape holds the next record. False: push more, or, after `finish`, there is none. */
  next(): boolean {
    const { scanner } = this;
    if (this.#isAtStart && !this.#skipByteOrderMark()) return false;
    if (scanner.limit - scanner.position < this.#retryAt && !scanner.isFinal) return false;
    if (this.#retryAt === 0 && !scanner.skipWhitespace()) return false;
    const start = scanner.position;
    this.#recordLine = scanner.line;
    this.#record++;
    try {
      scanner.scan();
    } catch (problem) {
      if (problem !== MORE_INPUT) throw this.#translate(problem);
      this.#checkSize(scanner.limit - start);
      scanner.position = start;
      scanner.line = this.#recordLine;
      this.#record--;
      this.#retryAt = (scanner.limit - start) * 2;
      return false;
    }
    this.#checkSize(scanner.position - start);
    this.#retryAt = 0;
    return true;
  }

  /** False while too few bytes have come to tell. */
  #skipByteOrderMark(): boolean {
    const { scanner } = this;
    if (scanner.limit < 3 && !scanner.isFinal) return false;
    this.#isAtStart = false;
    const { bytes } = scanner;
    if (scanner.limit >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) scanner.position = 3;
    return true;
  }

  #checkSize(byteCount: number): void {
    if (byteCount > RECORD_BYTES_MAX) {
      throw new LoadRecordLimitError("load record bytes", RECORD_BYTES_MAX, byteCount, this.position);
    }
  }

  #translate(problem: unknown): unknown {
    if (!(problem instanceof JsonProblem)) return problem;
    const { position } = this;
    const { limit } = problem;
    if (limit !== undefined) return new LoadRecordLimitError(limit.resource, limit.limit, limit.actual, position);
    return syntaxError(problem, position);
  }
}

function syntaxError(problem: JsonProblem, position: RecordPosition): LoadRecordError {
  const where = problem.line === position.line ? "" : ` on line ${problem.line}`;
  return invalidJson(`${problem.message}${where}`, position);
}
