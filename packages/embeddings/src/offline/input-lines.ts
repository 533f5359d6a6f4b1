import { createReadStream } from "node:fs";
import { throwIfAborted } from "@omnigraphdb/common";
import { EmbedRecordError } from "./errors.js";

/** Bytes of one line; it is held in memory as a whole. */
const LINE_BYTES_MAX: number = 64 * 1024 * 1024;

const NEWLINE = 0x0a;

export interface InputLine {
  /** Without its line end. */
  readonly bytes: Uint8Array;
  /** The line with its line end, as far as it has one: together they are the file. */
  readonly whole: Uint8Array;
  /** Counted from 1. */
  readonly number: number;
}

/** Lines of a file from a byte on. @throws EmbedRecordError for a line that is too long; CancelledError */
export async function* inputLines(path: string, startByte: number, startLine: number, signal: AbortSignal | undefined): AsyncGenerator<InputLine> {
  let number = startLine;
  let rest: Buffer[] = [];
  let restBytes = 0;
  const stream = createReadStream(path, { start: startByte, highWaterMark: 256 * 1024 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    throwIfAborted(signal, "embed");
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const whole = Buffer.concat([...rest, chunk.subarray(from, end + 1)]);
      yield { bytes: whole.subarray(0, whole.length - 1), whole, number: number++ };
      rest = [];
      restBytes = 0;
      from = end + 1;
    }
    if (from === chunk.length) continue;
    rest.push(chunk.subarray(from));
    restBytes += chunk.length - from;
    if (restBytes > LINE_BYTES_MAX) throw new EmbedRecordError(number, `longer than ${LINE_BYTES_MAX} bytes; a file of records has one per line`);
  }
  if (rest.length === 0) return;
  const whole = Buffer.concat(rest);
  yield { bytes: whole, whole, number };
}
