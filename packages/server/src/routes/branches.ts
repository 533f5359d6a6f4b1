import { type BranchCreateRequest, type BranchMergeRequest, encodeBranchCreated, encodeBranchDeleted, encodeBranches, encodeMerge } from "@omnigraphdb/api-types";
import { authorize } from "../authorization/authorize.js";
import { branchOr, branchText, MAIN } from "../http/branch-text.js";
import { pathParam } from "../http/path-param.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";
import { byActor, whileAdmitted } from "./admitted.js";

/** What a branch operation counts for in admission (http-api 5.2). */
const ESTIMATED_BYTES = 256;

export async function listBranches(context: GraphRequestContext): Promise<Response> {
  authorize(context, { action: "read" });
  return jsonResponse(encodeBranches(await context.served.graph.branchList()));
}

export async function createBranch(context: GraphRequestContext, { body }: RouteInput): Promise<Response> {
  const request = body as BranchCreateRequest;
  const name = branchText(request.name, "name");
  const from = branchOr(request.from, MAIN, "from");
  authorize(context, { action: "branch_create", branch: from, targetBranch: name });
  return whileAdmitted(context, ESTIMATED_BYTES, async ({ graph, graphId }) => {
    context.services.exportSlots.refuseDuringExport(graphId);
    return jsonResponse(encodeBranchCreated(await graph.branchCreateFrom(from, name, byActor(context))));
  });
}

export async function deleteBranch(context: GraphRequestContext, { params }: RouteInput): Promise<Response> {
  const name = branchText(pathParam(params, "branch"));
  authorize(context, { action: "branch_delete", targetBranch: name });
  return whileAdmitted(context, ESTIMATED_BYTES, async ({ graph, graphId }) => {
    context.services.exportSlots.refuseDuringExport(graphId);
    return jsonResponse(encodeBranchDeleted(await graph.branchDelete(name, byActor(context))));
  });
}

/** The engine decides the deletion for itself, after the merge, and reports in the receipt why it did not happen (http-api 16.4). */
export async function mergeBranches(context: GraphRequestContext, { body }: RouteInput): Promise<Response> {
  const request = body as BranchMergeRequest;
  const source = branchText(request.source, "source");
  const target = branchOr(request.target, MAIN, "target");
  authorize(context, { action: "branch_merge", branch: source, targetBranch: target });
  return whileAdmitted(context, ESTIMATED_BYTES, async ({ graph }) =>
    jsonResponse(encodeMerge(await graph.branchMerge(source, target, { ...byActor(context), deleteBranch: request.delete_branch ?? false }))),
  );
}
