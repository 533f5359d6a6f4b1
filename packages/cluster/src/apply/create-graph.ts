import { CancelledError, isOmniError, must, type OmniError } from "@omnigraphdb/common";
import { AlreadyInitializedError, Graph, InitializationClaimedError } from "@omnigraphdb/engine";
import { rereadSource } from "../config/reread-source.js";
import { diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { graphAccess } from "../graphs/live-graph.js";
import { type ApplyContext, CRASHED, FAILED, type GraphStep } from "./apply-context.js";
import { CLUSTER_FAILPOINT, isFailedAt } from "./cluster-failpoints.js";
import { beginOperation, noteVersion, withdrawOperation } from "./operation-record.js";

/**
 * Creates an empty graph with its declared schema (cluster.md 11.2). After a failure the sidecar stays: the next sweep looks at what is
 * there.
 */
export async function createGraph(context: ApplyContext, graphId: string): Promise<GraphStep> {
  const { session, desired, diagnostics } = context;
  const { store, environment } = session;
  const schema = must(desired.resources.get(`schema.${graphId}`), "every declared graph has a schema");
  const sidecar = await beginOperation(context, { kind: "graph_create", graphId, observedManifestVersion: null, desiredSchemaDigest: schema.digest, approvalId: null });
  if (sidecar === undefined) return FAILED;
  const source = await rereadSource(schema, diagnostics);
  if (source === undefined) {
    await withdrawOperation(context, sidecar);
    return FAILED;
  }
  if (await isFailedAt(CLUSTER_FAILPOINT.beforeGraphCreate, environment, diagnostics)) return FAILED;
  let version: number;
  try {
    await using graph = await Graph.init(store.layout.graphRoot(graphId), source, graphAccess(environment));
    version = (await graph.snapshot()).graphManifestVersion;
  } catch (error) {
    if (!isOmniError(error) || error instanceof CancelledError) throw error;
    diagnostics.add(diagnostic("graph_create_failed", `graph.${graphId}`, `the graph could not be created: ${error.message}. ${remedyOf(error)} Then apply again.`));
    return FAILED;
  }
  if (await isFailedAt(CLUSTER_FAILPOINT.afterGraphCreate, environment, diagnostics)) return CRASHED;
  return { end: "done", sidecar: await noteVersion(context, sidecar, version) };
}

/** The engine's advice is for people who create graphs one by one. */
function remedyOf(error: OmniError): string {
  const isTaken = error instanceof AlreadyInitializedError || error instanceof InitializationClaimedError;
  return isTaken ? "Find out what is there; remove it only if nobody needs it." : (error.hint ?? "Remedy that.");
}
