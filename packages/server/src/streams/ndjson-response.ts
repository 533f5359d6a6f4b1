import { HttpResponse } from "../http/http-response.js";
import type { GraphRequestContext } from "../request-context.js";
import { openByteStream, type StreamEnd, STREAM_PIECE_BYTES } from "./byte-stream.js";

/**
 * A response that streams records of a graph, under the limits of http-api 15.4 and 15.5. Everything it holds (the slot of the graph, its
 * share of the budget, the open graph) is free again when the stream has ended, however it ended.
 *
 * @param makeChunks whole lines; its signal is aborted when the caller goes away
 * @throws ResourceLimitExceededError; whatever the chunks throw before the first one
 */
export async function ndjsonResponse(context: GraphRequestContext, makeChunks: (signal: AbortSignal) => AsyncIterable<Uint8Array>): Promise<HttpResponse> {
  const { exportSlots, transportBudget } = context.services;
  const slot = exportSlots.take(context.served.graphId);
  let reservation: Disposable;
  try {
    reservation = await transportBudget.reserve();
  } catch (error) {
    slot[Symbol.dispose]();
    throw error;
  }
  const release = context.hold();
  const abort = abortWith(context.signal);
  const stream = await openByteStream(makeChunks(abort.signal), STREAM_PIECE_BYTES, {
    abort,
    breakConnection: context.breakConnection,
    onEnd: (end) => {
      abort.abort();
      reservation[Symbol.dispose]();
      slot[Symbol.dispose]();
      release();
      logEnd(context, end);
    },
  });
  return new HttpResponse(stream, { headers: { "content-type": "application/x-ndjson; charset=utf-8" } });
}

/** A controller of one stream, which the request's own signal aborts as well. Abort it when the stream has ended: until then it listens. */
export function abortWith(signal: AbortSignal): AbortController {
  const abort = new AbortController();
  if (signal.aborted) abort.abort(signal.reason);
  else signal.addEventListener("abort", () => abort.abort(signal.reason), { once: true, signal: abort.signal });
  return abort;
}

/** Nobody can be told any more of what happens behind the headers (server 6.7). */
export function logEnd({ log, served, signal }: GraphRequestContext, end: StreamEnd): void {
  const graph_id = served.graphId;
  switch (end.kind) {
    case "complete":
    case "refused":
      return;
    case "client":
      log.debug("the client left before the end of the body", { graph_id });
      return;
    case "failed":
      if (signal.aborted) log.debug("the client left before the end of the body", { graph_id });
      else log.error("the body could not be written to its end", { graph_id, error: end.error });
  }
}
