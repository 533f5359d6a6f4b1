import { encodeIngest, encodeLoad, type IngestRequest, type LoadMode, RequestParameterError, UnsupportedMediaTypeError } from "@omnigraphdb/api-types";
import type { LoadOptions, LoadReceipt } from "@omnigraphdb/engine";
import { authorize } from "../authorization/authorize.js";
import { branchOr, branchText, MAIN } from "../http/branch-text.js";
import { refuseCondition } from "../http/conditional-header.js";
import { announcedLength, refuseAnnouncedLength, streamBody } from "../http/read-body.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";
import { byActor, whileAdmitted } from "./admitted.js";

/** Where and how a load writes. */
interface LoadCall {
  readonly branch: string;
  /** What a missing branch is created from. */
  readonly from: string | undefined;
  readonly mode: LoadMode;
}

const LOAD_MODES: readonly LoadMode[] = ["merge", "append", "overwrite"];

export function load(context: GraphRequestContext, input: RouteInput): Promise<Response> {
  return loadEnvelope(context, input, "strict");
}

/** The deprecated loader keeps its lenient rules for what records hold (http-api 14.1.1). */
export function ingest(context: GraphRequestContext, input: RouteInput): Promise<Response> {
  return loadEnvelope(context, input, "lenient");
}

async function loadEnvelope(context: GraphRequestContext, { body, request }: RouteInput, content: "strict" | "lenient"): Promise<Response> {
  refuseCondition(request.headers);
  const { data, branch, from, mode } = body as IngestRequest;
  const call = loadCall(branch, from, mode);
  await authorizeLoad(context, call);
  return whileAdmitted(context, data.length, async ({ graph, uri }) => {
    const receipt = await graph.load(data, { ...loadOptions(context, call), content });
    return jsonResponse(encodeIngest(uri, receipt));
  });
}

/**
 * Records straight from the body into one commit (http-api 14.3): the engine draws them at its own pace, and a body that breaks off or
 * grows too large leaves nothing behind. Policy and media type come before the first byte.
 */
export async function loadNdjson(context: GraphRequestContext, { request, query }: RouteInput): Promise<Response> {
  const { headers } = request;
  refuseCondition(headers);
  const call = loadCall(query.get("branch"), query.get("from"), query.get("mode"));
  await authorizeLoad(context, call);
  requireNdjson(headers.get("content-type"));
  const limit = { resource: "graph_batch_request_bytes", bytesMax: context.services.limits.loadBodyBytesMax };
  return whileAdmitted(context, announcedLength(headers) ?? 0, async ({ graph }) => {
    refuseAnnouncedLength(headers, limit);
    const receipt: LoadReceipt = await graph.load(streamBody(request, limit), loadOptions(context, call));
    return jsonResponse(encodeLoad(receipt));
  });
}

/** @throws RequestParameterError */
function loadCall(branch: string | null | undefined, from: string | null | undefined, mode: string | null | undefined): LoadCall {
  const known = LOAD_MODES.find((name) => name === (mode ?? "merge"));
  if (known === undefined) throw new RequestParameterError("mode", `'mode' must be one of ${LOAD_MODES.join(", ")}`);
  return { branch: branchOr(branch, MAIN), from: from === null || from === undefined ? undefined : branchText(from, "from"), mode: known };
}

/** Creating a branch is decided only when one is going to be created; of a branch that exists, `from` is not even looked at (http-api 14.1.2). */
async function authorizeLoad(context: GraphRequestContext, { branch, from }: LoadCall): Promise<void> {
  const { graph, graphId } = context.served;
  const isCreated = from !== undefined && !(await graph.branchList()).includes(branch);
  if (isCreated) authorize(context, { action: "branch_create", branch: from, targetBranch: branch });
  authorize(context, { action: "change", branch });
  if (isCreated) context.services.exportSlots.refuseDuringExport(graphId);
}

function loadOptions(context: GraphRequestContext, { branch, from, mode }: LoadCall): LoadOptions {
  return { mode, branch, ...(from === undefined ? {} : { base: from }), ...byActor(context) };
}

/** Parameters are allowed, and letters of either case (http-api 1.3). @throws UnsupportedMediaTypeError */
function requireNdjson(contentType: string | null): void {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-ndjson") throw new UnsupportedMediaTypeError("application/x-ndjson", contentType);
}
