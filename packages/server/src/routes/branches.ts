import { encodeBranchCreated, encodeBranchDeleted, encodeBranches, encodeMerge } from "@omnigraphdb/api-types";
import { isOmniError } from "@omnigraphdb/common";
import type { MergeReceipt } from "@omnigraphdb/engine";
import { authorize } from "../authorization/authorize.js";
import { withoutHiddenNames } from "../authorization/hidden-names.js";
import { jsonResponse } from "../http/responses.js";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphHandler, GraphRequestContext } from "../request-context.js";
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

/**
 * The deletion comes after the merge and has a decision of its own, which the engine asks for; why it did not happen is part of the answer
 * and no failure of the merge (http-api 16.4).
 */
export const mergeBranches: GraphHandler<"mergeBranches"> = async (context, { body }) => {
  const { source, target = MAIN_BRANCH, delete_branch: deleteBranch = false } = body;
  authorize(context, { action: "branch_merge", branch: source, targetBranch: target });
  return whileAdmitted(context, ESTIMATED_BYTES, async ({ graph }) => {
    const receipt = await graph.branchMerge(source, target, byActor(context));
    return jsonResponse(encodeMerge(deleteBranch ? { ...receipt, ...(await deleteMerged(context, receipt.source)) } : receipt));
  });
};

async function deleteMerged(context: GraphRequestContext, branch: string): Promise<Pick<MergeReceipt, "branchDeleted" | "branchDeleteError">> {
  const { graph, graphId } = context.served;
  try {
    context.services.exportSlots.refuseDuringExport(graphId);
    await graph.branchDelete(branch, byActor(context));
    return { branchDeleted: true };
  } catch (error) {
    const told = withoutHiddenNames(context, error);
    if (!isOmniError(told)) throw told;
    return { branchDeleted: false, branchDeleteError: told.message };
  }
}
