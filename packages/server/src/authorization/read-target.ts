import { RequestParameterError } from "@omnigraphdb/api-types";
import { PolicyDeniedError } from "@omnigraphdb/common";
import type { ReadTarget } from "@omnigraphdb/engine";
import { branchText, MAIN } from "../http/branch-text.js";
import type { GraphRequestContext } from "../request-context.js";
import { authorize, denialOf } from "./authorize.js";

export interface TargetRequest {
  readonly branch?: string | null | undefined;
  readonly snapshot?: string | null | undefined;
}

/**
 * What a reading route reads, allowed to the actor (http-api §4). A snapshot is decided by the branch its commit was made on; that
 * branch is not named in a denial, because the request did not name it either.
 *
 * @throws RequestParameterError; PolicyDeniedError, DefaultDenyError; the engine's errors for a snapshot that does not exist
 */
export async function authorizeRead(context: GraphRequestContext, requested: TargetRequest, action: "read" | "export" = "read"): Promise<ReadTarget> {
  const target = readTargetOf(requested);
  if (target.snapshot === undefined) {
    authorize(context, { action, branch: target.branch ?? MAIN });
    return target;
  }
  const { authorizer } = context.served;
  const { actor } = context;
  if (authorizer === undefined || actor === undefined) {
    authorize(context, { action });
    return target;
  }
  // Whoever may read nothing does not learn which snapshots there are.
  if (!authorizer.mayEver(actor, action)) authorize(context, { action });
  const { graph } = context.served;
  const snapshot = await graph.resolveSnapshot(target.snapshot);
  const commit = await graph.getCommit(snapshot.graphCommitId);
  if (denialOf(context, { action, branch: commit.graphBranch ?? MAIN }) !== undefined) {
    throw new PolicyDeniedError(actor, { action }, { message: `actor '${actor}' is not allowed to ${action} this snapshot` });
  }
  return target;
}

function readTargetOf({ branch, snapshot }: TargetRequest): { readonly branch?: string; readonly snapshot?: string } {
  const hasBranch = branch !== null && branch !== undefined;
  if (snapshot === null || snapshot === undefined) return hasBranch ? { branch: branchText(branch) } : {};
  if (hasBranch) throw new RequestParameterError("snapshot", "'branch' and 'snapshot' exclude each other", "Give one of them.");
  return { snapshot: snapshot.trim() };
}
