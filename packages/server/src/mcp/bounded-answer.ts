import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** Bytes of one answer that becomes the result of a tool: more than any model reads, and held in memory as a whole. */
const ANSWER_BYTES_MAX = 8_388_608;

/** What was asked for is there, and more than the result of a tool holds. */
class McpAnswerTooLargeError extends OmniError {
  readonly code = "MCP_ANSWER_TOO_LARGE";
  readonly category: ErrorCategory = "limit";

  constructor() {
    super(`the answer has more than ${ANSWER_BYTES_MAX} bytes`, { hint: "Ask for less: fewer rows with 'limit', fewer properties, a filter; or use the HTTP routes, which stream." });
  }
}

/** The same answer, whose body fails once it grows past the limit; then whatever writes it is told to stop. */
export function boundedAnswer(response: Response): Response {
  if (response.body === null) return response;
  let byteCount = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      byteCount += chunk.length;
      if (byteCount > ANSWER_BYTES_MAX) throw new McpAnswerTooLargeError();
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counted), { status: response.status, headers: response.headers });
}
