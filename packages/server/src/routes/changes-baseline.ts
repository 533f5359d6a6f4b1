import type { ChangeBaselineRequest } from "@omnigraphdb/api-types";
import { type BaselineChunk, baselineLine, type BaselineOptions } from "@omnigraphdb/engine";
import { authorize } from "../authorization/authorize.js";
import { branchOr, MAIN } from "../http/branch-text.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";
import { ndjsonResponse } from "../streams/ndjson-response.js";

/** Records of one captured commit, then the line that says where the feed goes on (http-api 18.7). */
export async function captureChangeBaseline(context: GraphRequestContext, { body }: RouteInput): Promise<Response> {
  const request = (body ?? {}) as ChangeBaselineRequest;
  const branch = branchOr(request.branch, MAIN);
  authorize(context, { action: "export", branch });
  const options: BaselineOptions = {
    branch,
    ...(request.kind === undefined || request.kind === null ? {} : { kinds: request.kind }),
    ...(request.type === undefined || request.type === null ? {} : { types: request.type }),
    ...(request.op === undefined || request.op === null ? {} : { ops: request.op }),
  };
  return ndjsonResponse(context, (signal) => linesOf(context.served.graph.changesBaseline({ ...options, signal })));
}

/** The last line comes only when everything before it did. */
async function* linesOf(chunks: AsyncIterable<BaselineChunk>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.kind === "records" ? chunk.bytes : new TextEncoder().encode(baselineLine(chunk.handshake));
}
