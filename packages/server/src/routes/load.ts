import { encodeIngest, encodeLoad, type LoadMode, UnsupportedMediaTypeError } from "@omnigraphdb/api-types";
import type { LoadOptions } from "@omnigraphdb/engine";
import { authorize } from "../authorization/authorize.js";
import type { HttpResponse } from "../http/http-response.js";
import { announcedLength, refuseAnnouncedLength, streamBody } from "../http/read-body.js";
import { jsonResponse } from "../http/responses.js";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphHandler, GraphRequestContext } from "../request-context.js";
import { byActor, whileAdmitted } from "./admitted.js";

/** Where and how a load writes. */
interface LoadTarget {
  readonly branch?: string;
  /** What a missing branch is created from. */
  readonly from?: string;
  readonly mode?: LoadMode;
}

export const load: GraphHandler<"load"> = (context, { body }) => loadRecords(context, body, "strict");

/** The deprecated loader keeps its lenient rules for what records hold (http-api 14.1.1). */
export const ingest: GraphHandler<"ingest"> = (context, { body }) => loadRecords(context, body, "lenient");

async function loadRecords(context: GraphRequestContext, { data, ...target }: LoadTarget & { readonly data: string }, content: "strict" | "lenient"): Promise<HttpResponse> {
  await authorizeLoad(context, target);
  return whileAdmitted(context, data.length, async ({ graph, uri }) => jsonResponse(encodeIngest(uri, await graph.load(data, { ...loadOptions(context, target), content }))));
}

/**
 * Records straight from the body into one commit (http-api 14.3): the engine draws them at its own pace, and a body that breaks off or
 * grows too large leaves nothing behind. Policy and media type come before the first byte.
 */
export const loadNdjson: GraphHandler<"loadNdjson"> = async (context, { query }) => {
  const { request } = context;
  await authorizeLoad(context, query);
  requireNdjson(request.headers.get("content-type"));
  const limit = { resource: "graph_batch_request_bytes", bytesMax: context.services.limits.loadBodyBytesMax };
  return whileAdmitted(context, announcedLength(request.headers) ?? 0, async ({ graph }) => {
    refuseAnnouncedLength(request.headers, limit);
    const { embed } = query;
    const options = { ...loadOptions(context, query), ...(embed === undefined ? {} : { embed }) };
    return jsonResponse(encodeLoad(await graph.load(streamBody(request, limit), options)));
  });
};

/**
 * Creating a branch is decided only when one is going to be created; of a branch that exists, `from` is not even looked at (http-api
 * 14.1.2). That is asked last, so that who may not write learns nothing of which branches there are (policy P7).
 */
async function authorizeLoad(context: GraphRequestContext, { branch = MAIN_BRANCH, from }: LoadTarget): Promise<void> {
  const { graph, graphId } = context.served;
  authorize(context, { action: "change", branch });
  if (from === undefined || (await graph.branchList()).includes(branch)) return;
  authorize(context, { action: "branch_create", branch: from, targetBranch: branch });
  context.services.exportSlots.refuseDuringExport(graphId);
}

function loadOptions(context: GraphRequestContext, { branch = MAIN_BRANCH, from, mode = "merge" }: LoadTarget): LoadOptions {
  return { mode, branch, ...(from === undefined ? {} : { base: from }), ...byActor(context) };
}

/** Parameters are allowed, and letters of either case (http-api 1.3). @throws UnsupportedMediaTypeError */
function requireNdjson(contentType: string | null): void {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-ndjson") throw new UnsupportedMediaTypeError("application/x-ndjson", contentType);
}
