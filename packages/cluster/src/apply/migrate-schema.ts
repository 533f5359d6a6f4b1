import { CancelledError, isOmniError, must } from "@omnigraphdb/common";
import { describeMigrationStep } from "@omnigraphdb/compiler";
import { Graph } from "@omnigraphdb/engine";
import { rereadSource } from "../config/reread-source.js";
import { type ClusterDiagnostic, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { graphAccess } from "../graphs/live-graph.js";
import { type ApplyContext, CRASHED, FAILED, type GraphStep } from "./apply-context.js";
import { CLUSTER_FAILPOINT, isFailedAt } from "./cluster-failpoints.js";
import { beginOperation, noteVersion, withdrawOperation } from "./operation-record.js";

/** The graph before the call. */
interface Before {
  readonly version: number;
  readonly source: string;
}

/**
 * Migrates a graph to its declared schema (cluster.md 11.3). Dropped properties stay readable in earlier versions; what cannot be
 * migrated without losing data is refused. A failure with proof that the graph is as it was leaves no sidecar (cluster.md 10.6).
 */
export async function migrateSchema(context: ApplyContext, graphId: string): Promise<GraphStep> {
  const { session, diagnostics } = context;
  try {
    // Opening for writing settles whatever an earlier writer left in the graph.
    await using graph = await Graph.open(session.store.layout.graphRoot(graphId), { ...graphAccess(session.environment), mode: "rw" });
    return await migrateOpened(context, graphId, graph);
  } catch (error) {
    if (!isOmniError(error) || error instanceof CancelledError) throw error;
    diagnostics.add(failed(graphId, `the graph could not be brought to its schema: ${error.message}. ${error.hint ?? ""}`.trimEnd()));
    return FAILED;
  }
}

async function migrateOpened(context: ApplyContext, graphId: string, graph: Graph): Promise<GraphStep> {
  const { session, desired, diagnostics } = context;
  const schema = must(desired.resources.get(`schema.${graphId}`), "every declared graph has a schema");
  const source = await rereadSource(schema, diagnostics);
  if (source === undefined) return FAILED;
  const refusal = findRefusal(graph, graphId, source);
  if (refusal !== undefined) {
    diagnostics.add(refusal);
    return FAILED;
  }
  const before: Before = { version: (await graph.snapshot()).graphManifestVersion, source: graph.schema.source };
  const sidecar = await beginOperation(context, { kind: "schema_apply", graphId, observedManifestVersion: before.version, desiredSchemaDigest: schema.digest, approvalId: null });
  if (sidecar === undefined) return FAILED;
  if (await isFailedAt(CLUSTER_FAILPOINT.beforeSchemaApply, session.environment, diagnostics)) return FAILED;
  const version = await applySource(context, graphId, graph, source, before);
  if (version === "unchanged") await withdrawOperation(context, sidecar);
  if (typeof version !== "number") return FAILED;
  if (await isFailedAt(CLUSTER_FAILPOINT.afterSchemaApply, session.environment, diagnostics)) return CRASHED;
  return { end: "done", sidecar: await noteVersion(context, sidecar, version) };
}

/** What no sidecar is needed for: a migration that planning rejects. */
function findRefusal(graph: Graph, graphId: string, source: string): ClusterDiagnostic | undefined {
  try {
    const { steps, supported } = graph.planSchema(source);
    if (supported) return undefined;
    const reasons = steps.filter(({ kind }) => kind === "unsupported_change").map((step) => describeMigrationStep(step));
    return failed(graphId, `this migration is not supported: ${reasons.join("; ")}. Change the schema so that it can follow from the one the graph has, then apply again.`);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return failed(graphId, `the schema is refused: ${error.message}. ${error.hint ?? ""}`.trimEnd());
  }
}

/** @returns the version of the graph afterwards; otherwise, after adding the failure, what is known of the graph */
async function applySource(context: ApplyContext, graphId: string, graph: Graph, source: string, before: Before): Promise<number | "unchanged" | "unknown"> {
  const { session, actor, diagnostics } = context;
  const { signal } = session.environment;
  try {
    // The cluster compares texts, so a schema that is new in its comments only has to be kept, too.
    const receipt = await graph.applySchema(source, { storesEveryText: true, ...(actor === null ? {} : { actor }), ...(signal === undefined ? {} : { signal }) });
    return receipt.graphManifestVersion;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    // An abort is told by whoever runs the steps.
    if (!(error instanceof CancelledError)) diagnostics.add(failed(graphId, `the migration failed: ${error.message}. ${error.hint ?? ""}`.trimEnd()));
    return error.effects === "none" && (await isUnchanged(graph, before)) ? "unchanged" : "unknown";
  }
}

/** Whether the graph provably is as it was before the call: the engine says so, and so does a look at its head. */
async function isUnchanged(graph: Graph, before: Before): Promise<boolean> {
  try {
    const { graphManifestVersion } = await graph.snapshot();
    return graphManifestVersion === before.version && graph.schema.source === before.source;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return false;
  }
}

function failed(graphId: string, message: string): ClusterDiagnostic {
  return diagnostic("schema_apply_failed", `schema.${graphId}`, message);
}
