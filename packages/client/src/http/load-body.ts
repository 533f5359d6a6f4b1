import type { LoadProgress } from "@omnigraphdb/api-types";
import type { LoadContent } from "../graph-client.js";
import type { RequestBody } from "./transport.js";

const LINE_FEED = 0x0a;
const REPORT_INTERVAL_BYTES = 1 << 20;

/** The body of a load. Text and bytes go in one piece, so that they can be sent again. */
export function loadBody(input: LoadContent, onProgress: ((progress: LoadProgress) => void) | undefined): RequestBody {
  const contentType = "application/x-ndjson";
  if (typeof input === "string" || input instanceof Uint8Array) {
    if (onProgress !== undefined) {
      const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
      onProgress({ recordCount: lineCount(bytes), byteCount: bytes.byteLength, phase: "writing" });
    }
    return { contentType, content: input };
  }
  return { contentType, content: streamOf(onProgress === undefined ? input : reported(input, onProgress)) };
}

/** All of the records as one text. */
export async function loadText(input: LoadContent): Promise<string> {
  if (typeof input === "string") return input;
  const decoder = new TextDecoder();
  if (input instanceof Uint8Array) return decoder.decode(input);
  let text = "";
  for await (const chunk of input) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** Each piece is read when the connection takes it. */
function streamOf(input: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = input[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // A pull that delivers nothing would not be repeated.
        for (;;) {
          const next: IteratorResult<Uint8Array, unknown> = await iterator.next();
          if (next.done === true) return controller.close();
          if (next.value.byteLength > 0) return controller.enqueue(next.value);
        }
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

function lineCount(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

async function* reported(input: AsyncIterable<Uint8Array>, onProgress: (progress: LoadProgress) => void): AsyncGenerator<Uint8Array> {
  let [recordCount, byteCount, reportedAt] = [0, 0, 0];
  for await (const chunk of input) {
    yield chunk;
    byteCount += chunk.byteLength;
    recordCount += lineCount(chunk);
    if (byteCount - reportedAt < REPORT_INTERVAL_BYTES) continue;
    reportedAt = byteCount;
    onProgress({ recordCount, byteCount, phase: "reading" });
  }
  onProgress({ recordCount, byteCount, phase: "writing" });
}
