import { BlobAbsentError, BlobChangedError, type RouteInputs } from "@omnigraphdb/api-types";
import { BlobRangeNotSatisfiableError, type BlobReader } from "@omnigraphdb/engine";
import { authorizeRead } from "../authorization/read-target.js";
import { checkPreconditions, selectRange } from "../http/blob-conditions.js";
import type { RequestHeaders } from "../http/http-request.js";
import { HttpResponse } from "../http/http-response.js";
import { errorResponse } from "../http/responses.js";
import type { GraphHandler, GraphRequestContext } from "../request-context.js";
import { openByteStream } from "../streams/byte-stream.js";
import { abortWith, logEnd } from "../streams/ndjson-response.js";

/** Bytes read and sent at a time (http-api 19.6). */
const CHUNK_BYTES: number = 4 * 1024 * 1024;

type BlobHeaders = Record<string, string>;

/** Content of one blob, whole or in part (http-api §19). */
export const getBlob: GraphHandler<"getBlob"> = async (context, { query }) => {
  const blob = await findBlob(context, query);
  const { headers } = context.request;
  const early = answerConditions(headers, blob);
  if (early !== undefined) return early;
  const range = selectRange(headers, blob.etag, blob.length);
  switch (range.kind) {
    case "whole":
      return contentResponse(context, blob, 0, blob.length, 200, contentHeaders(blob, blob.length));
    case "part": {
      const partHeaders = { ...contentHeaders(blob, range.end - range.start), "content-range": `bytes ${range.start}-${range.end - 1}/${blob.length}` };
      return contentResponse(context, blob, range.start, range.end, 206, partHeaders);
    }
    case "unsatisfiable":
      return refusal(new BlobRangeNotSatisfiableError(range.start, range.end, blob.length), { ...validators(blob), "content-range": `bytes */${blob.length}` });
  }
};

/** As {@link getBlob} without content, which is never read; ranges are not looked at (http-api 19.4, step 3). */
export const headBlob: GraphHandler<"headBlob"> = async (context, { query }) => {
  const blob = await findBlob(context, query);
  return answerConditions(context.request.headers, blob) ?? new HttpResponse(null, { headers: contentHeaders(blob, blob.length) });
};

/** @throws BlobAbsentError; as `authorizeRead` and `Graph.readBlob` */
async function findBlob(context: GraphRequestContext, query: RouteInputs["getBlob"]["query"]): Promise<BlobReader> {
  const target = await authorizeRead(context, query);
  const { entity, type, id, property } = query;
  const blob = await context.served.graph.readBlob(target, { entity, type, id, property });
  if (blob === null) throw new BlobAbsentError(property, type, id);
  return blob;
}

function answerConditions(headers: RequestHeaders, blob: BlobReader): HttpResponse | undefined {
  switch (checkPreconditions(headers, blob.etag)) {
    case "proceed":
      return undefined;
    case "not_modified":
      return new HttpResponse(null, { status: 304, headers: { ...validators(blob), "content-length": String(blob.length) } });
    case "failed":
      return refusal(new BlobChangedError(), validators(blob));
  }
}

/** What every answer about an existing blob says of it. */
function validators({ etag, graphCommitId }: BlobReader): BlobHeaders {
  return { "accept-ranges": "bytes", etag, "omnigraph-snapshot-id": graphCommitId };
}

function contentHeaders(blob: BlobReader, byteCount: number): BlobHeaders {
  return { "content-type": "application/octet-stream", "content-length": String(byteCount), ...validators(blob) };
}

function refusal(error: Error, headers: BlobHeaders): HttpResponse {
  const response = errorResponse(error);
  Object.assign(response.headers, headers);
  return response;
}

/** Content that fits into one chunk is read before the headers, so that its failure has a status of its own. */
async function contentResponse(context: GraphRequestContext, blob: BlobReader, start: number, end: number, status: number, headers: BlobHeaders): Promise<HttpResponse> {
  if (end - start <= CHUNK_BYTES) return new HttpResponse(await blob.readRange(start, end), { status, headers });
  const release = context.hold();
  const abort = abortWith(context.signal);
  const stream = await openByteStream(blob.chunks(start, end), CHUNK_BYTES, {
    abort,
    breakConnection: context.breakConnection,
    onEnd: (streamEnd) => {
      abort.abort();
      release();
      logEnd(context, streamEnd);
    },
  });
  return new HttpResponse(stream, { status, headers });
}
