/** Where a process speaks with the client that started it: one JSON-RPC message per line, both ways. */
export interface StdioStreams {
  /** Bytes until the client closes its end. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Resolves when the text is on its way. */
  write(text: string): Promise<void>;
}

/** Bytes of one line: as much as the routes for loads take. */
const LINE_BYTES_MAX = 33_554_432;

const LINE_FEED = 10;

/**
 * Lines without their ends; blank ones are left out. One that is too long is skipped and yields null.
 *
 * @param bytesMax a line may have
 */
export async function* readLines(input: AsyncIterable<Uint8Array>, bytesMax: number = LINE_BYTES_MAX): AsyncGenerator<Uint8Array | null, void> {
  let parts: Uint8Array[] = [];
  let byteCount = 0;
  const take = (): Uint8Array | null | undefined => {
    const line = byteCount > bytesMax ? null : Buffer.concat(parts);
    parts = [];
    byteCount = 0;
    return line !== null && line.every(isBlank) ? undefined : line;
  };
  const add = (part: Uint8Array): void => {
    byteCount += part.length;
    if (byteCount > bytesMax) parts = [];
    else parts.push(part);
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      start = end + 1;
      const line = take();
      if (line !== undefined) yield line;
    }
    add(chunk.subarray(start));
  }
  const last = take();
  if (last !== undefined) yield last;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
