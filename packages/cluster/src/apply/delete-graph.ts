import { CancelledError, isOmniError } from "@omnigraphdb/common";
import { diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { probeGraph } from "../graphs/live-graph.js";
import { type ApplyContext, CRASHED, FAILED, type GraphStep } from "./apply-context.js";
import { CLUSTER_FAILPOINT, isFailedAt } from "./cluster-failpoints.js";
import { beginOperation } from "./operation-record.js";

/** A writer that did not notice may put a file back between our listing and our removal. */
const REMOVALS_MAX = 3;

/**
 * Deletes everything below the root of a graph, whether or not it opens (cluster.md 11.5). A deletion that was cut short is proposed
 * again by the next plan, with the same approval.
 */
export async function deleteGraph(context: ApplyContext, graphId: string, approvalId: string): Promise<GraphStep> {
  const { session, diagnostics } = context;
  const { environment } = session;
  const live = await probeGraph(session, graphId);
  const observedManifestVersion = live.state === "opens" ? live.manifestVersion : null;
  const sidecar = await beginOperation(context, { kind: "graph_delete", graphId, observedManifestVersion, desiredSchemaDigest: "", approvalId });
  if (sidecar === undefined) return FAILED;
  if (await isFailedAt(CLUSTER_FAILPOINT.beforeGraphDelete, environment, diagnostics)) return FAILED;
  const problem = await removeRoot(context, graphId);
  if (problem !== undefined) {
    diagnostics.add(diagnostic("graph_delete_failed", `graph.${graphId}`, `the graph could not be deleted completely: ${problem}. Run 'omnigraph cluster apply' again: the approval still counts.`));
    return FAILED;
  }
  if (await isFailedAt(CLUSTER_FAILPOINT.afterGraphDelete, environment, diagnostics)) return CRASHED;
  return { end: "done", sidecar };
}

/** @returns what went wrong */
async function removeRoot({ session }: ApplyContext, graphId: string): Promise<string | undefined> {
  const { objects, layout } = session.store;
  const root = layout.graphRoot(graphId);
  try {
    for (let removal = 1; removal <= REMOVALS_MAX; removal++) {
      await objects.deletePrefix(root);
      if (!(await objects.exists(root))) return undefined;
    }
    return `something keeps writing to ${root}. Stop what uses the graph`;
  } catch (error) {
    if (!isOmniError(error) || error instanceof CancelledError) throw error;
    return error.message;
  }
}
