import { encodeBaseline, stringifyJson } from "@omnigraphdb/api-types";
import type { BaselineChunk } from "@omnigraphdb/engine";
import { authorize } from "../authorization/authorize.js";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphHandler } from "../request-context.js";
import { ndjsonResponse } from "../streams/ndjson-response.js";

/** Records of one captured commit, then the line that says where the feed goes on (http-api 18.7). */
export const captureChangeBaseline: GraphHandler<"captureChangeBaseline"> = async (context, { body }) => {
  const { branch = MAIN_BRANCH, kind: kinds = [], type: types = [], op: ops = [] } = body;
  authorize(context, { action: "export", branch });
  return ndjsonResponse(context, (signal) => linesOf(context.served.graph.changesBaseline({ branch, kinds, types, ops, signal })));
};

/** The last line comes only when everything before it did. */
async function* linesOf(chunks: AsyncIterable<BaselineChunk>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.kind === "records" ? chunk.bytes : new TextEncoder().encode(`${stringifyJson(encodeBaseline(chunk.handshake))}\n`);
}
