const LINE_FEED = 0x0a;

/** Passes an NDJSON body on. @param truncated the failure of a body that ends in the middle of a line */
export async function* wholeLines(chunks: AsyncIterable<Uint8Array>, truncated: () => Error): AsyncGenerator<Uint8Array> {
  let last = LINE_FEED;
  for await (const chunk of chunks) {
    last = chunk.at(-1) ?? last;
    yield chunk;
  }
  if (last !== LINE_FEED) throw truncated();
}
