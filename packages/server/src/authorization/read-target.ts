import { PolicyDeniedError } from "@omnigraphdb/common";
import type { ReadTarget } from "@omnigraphdb/engine";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphRequestContext } from "../request-context.js";
import { authorize, denialOf } from "./authorize.js";

/** As a request holds it: checked, trimmed. */
interface ReadTargetInput {
  readonly branch?: string;
  readonly snapshot?: string;
}

/**
 * Allows a read of what a request asks for (http-api 4.4). A snapshot is decided by the branch its commit was made on; that branch is not
 * named in a denial, because the request did not name it either.
 *
 * @throws PolicyDeniedError, DefaultDenyError; the engine's errors for a snapshot that does not exist
 */
export async function authorizeRead(context: GraphRequestContext, { branch, snapshot }: ReadTargetInput, action: "read" | "export" = "read"): Promise<ReadTarget> {
  const target = { ...(branch === undefined ? {} : { branch }), ...(snapshot === undefined ? {} : { snapshot: snapshot.trim() }) };
  if (snapshot === undefined) {
    authorize(context, { action, branch: branch ?? MAIN_BRANCH });
    return target;
  }
  const { graph, authorizer } = context.served;
  const { actor } = context;
  if (authorizer === undefined || actor === undefined) {
    authorize(context, { action });
    return target;
  }
  // Whoever may read nothing does not learn which snapshots there are.
  if (!authorizer.mayEver(actor, action)) authorize(context, { action });
  const { graphCommitId } = await graph.snapshot(target);
  const { graphBranch } = await graph.getCommit(graphCommitId);
  if (denialOf(context, { action, branch: graphBranch ?? MAIN_BRANCH }) !== undefined) {
    throw new PolicyDeniedError(actor, { action }, { message: `actor '${actor}' is not allowed to ${action} this snapshot` });
  }
  return target;
}
