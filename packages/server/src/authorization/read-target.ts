import { isOmniError, PolicyDeniedError, type PolicyRequest } from "@omnigraphdb/common";
import type { ReadTarget } from "@omnigraphdb/engine";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphRequestContext } from "../request-context.js";
import { authorize, denialOf } from "./authorize.js";

/** As a request holds it: checked, trimmed. */
interface ReadTargetInput {
  readonly branch?: string;
  readonly snapshot?: string;
}

type ReadAction = "read" | "export";

/**
 * Allows a read of what a request asks for (http-api 4.4). A snapshot is decided by the branch its commit was made on, and first by the
 * one that its text names, if any. Who is kept to some branches is not told which snapshots there are of others: one that does not exist
 * is refused in the words of one that may not be read, which name no branch.
 *
 * @throws PolicyDeniedError, DefaultDenyError; the engine's errors for a snapshot that does not exist
 */
export async function authorizeRead(context: GraphRequestContext, { branch, snapshot: given }: ReadTargetInput, action: ReadAction = "read"): Promise<ReadTarget> {
  const snapshot = given?.trim();
  const target = { ...(branch === undefined ? {} : { branch }), ...(snapshot === undefined ? {} : { snapshot }) };
  if (snapshot === undefined) authorize(context, { action, branch: branch ?? MAIN_BRANCH });
  else if (context.served.authorizer === undefined || context.actor === undefined) authorize(context, { action });
  else await authorizeSnapshot(context, snapshot, branch, action);
  return target;
}

async function authorizeSnapshot(context: GraphRequestContext, snapshot: string, branch: string | undefined, action: ReadAction): Promise<void> {
  // Nothing is looked up for who may read nothing.
  if (context.actor !== undefined && context.served.authorizer?.mayEver(context.actor, action) === false) refuseDenied(context, { action });
  const line = lineOf(snapshot, branch);
  const scope: PolicyRequest = line === undefined ? { action } : { action, branch: line };
  if (line !== undefined) refuseDenied(context, scope);
  const made = await branchOf(context, { snapshot, ...(branch === undefined ? {} : { branch }) }).catch((error: unknown) => {
    if (isOmniError(error) && error.category === "not_found") refuseDenied(context, scope);
    throw error;
  });
  if (made !== line) refuseDenied(context, { action, branch: made });
}

/** The branch in whose history the text looks; undefined for the id of a commit, which may be anywhere. */
function lineOf(snapshot: string, branch: string | undefined): string | undefined {
  return snapshot.startsWith("@") ? (branch ?? MAIN_BRANCH) : /^manifest:([^:]+):/.exec(snapshot)?.[1];
}

/** @throws the engine's errors for a snapshot that does not exist */
async function branchOf({ served: { graph } }: GraphRequestContext, target: ReadTarget): Promise<string> {
  const { graphCommitId } = await graph.snapshot(target);
  const { graphBranch } = await graph.getCommit(graphCommitId);
  return graphBranch ?? MAIN_BRANCH;
}

/** @throws PolicyDeniedError in the same words, whatever was asked for */
function refuseDenied(context: GraphRequestContext, request: PolicyRequest): void {
  const { actor = "" } = context;
  const { action } = request;
  if (denialOf(context, request) === undefined) return;
  throw new PolicyDeniedError(actor, { action }, { message: `actor '${actor}' is not allowed to ${action} this snapshot` });
}
