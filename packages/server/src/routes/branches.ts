import { encodeBranchCreated, encodeBranchDeleted, encodeBranches, encodeMerge } from "@omnigraphdb/api-types";
import { authorize } from "../authorization/authorize.js";
import { jsonResponse } from "../http/responses.js";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphHandler } from "../request-context.js";
import { byActor, whileAdmitted } from "./admitted.js";

/** What a branch operation counts for in admission (http-api 5.2). */
const ESTIMATED_BYTES = 256;

export const listBranches: GraphHandler<"listBranches"> = async (context) => {
  authorize(context, { action: "read" });
  return jsonResponse(encodeBranches(await context.served.graph.branchList()));
};

export const createBranch: GraphHandler<"createBranch"> = async (context, { body: { name, from = MAIN_BRANCH } }) => {
  authorize(context, { action: "branch_create", branch: from, targetBranch: name });
  return whileAdmitted(context, ESTIMATED_BYTES, async ({ graph, graphId }) => {
    context.services.exportSlots.refuseDuringExport(graphId);
    return jsonResponse(encodeBranchCreated(await graph.branchCreateFrom(from, name, byActor(context))));
  });
};

export const deleteBranch: GraphHandler<"deleteBranch"> = async (context, { path: { branch } }) => {
  authorize(context, { action: "branch_delete", targetBranch: branch });
  return whileAdmitted(context, ESTIMATED_BYTES, async ({ graph, graphId }) => {
    context.services.exportSlots.refuseDuringExport(graphId);
    return jsonResponse(encodeBranchDeleted(await graph.branchDelete(branch, byActor(context))));
  });
};

/** The deletion comes after the merge and has a decision of its own; why it did not happen is part of the answer (http-api 16.4). */
export const mergeBranches: GraphHandler<"mergeBranches"> = async (context, { body }) => {
  const { source, target = MAIN_BRANCH, delete_branch: deleteBranch = false } = body;
  authorize(context, { action: "branch_merge", branch: source, targetBranch: target });
  return whileAdmitted(context, ESTIMATED_BYTES, async ({ graph }) => jsonResponse(encodeMerge(await graph.branchMerge(source, target, { ...byActor(context), deleteBranch }))));
};
