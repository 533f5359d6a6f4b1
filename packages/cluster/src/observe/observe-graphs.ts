/** What the declared graphs really are (cluster.md 12.5), for `refresh` and `import`. */
import type { DesiredResource } from "../config/desired-state.js";
import { type ClusterDiagnostic, type Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { type LiveGraph, probeGraph } from "../graphs/live-graph.js";
import { missingGraphStatus } from "../graphs/vanished-graph.js";
import { inTurns } from "../in-turns.js";
import type { LedgerDraft } from "../ledger/ledger-draft.js";
import type { Observation, ResourceStatus } from "../ledger/ledger.js";
import type { ClusterSession } from "../run/cluster-environment.js";
import { shownLocation } from "../storage/shown-location.js";
import { timestampOf } from "../timestamps.js";

/** Graphs that are opened side by side: an open mostly waits for the store, and holds little. */
const GRAPHS_OBSERVED_AT_ONCE = 8;

interface DeclaredGraph {
  readonly graphId: string;
  /** Of its declared schema. */
  readonly desiredDigest: string | null;
}

/**
 * Looks at every declared graph without changing it (read-only, `main`), and records in the draft what is there: digests, statuses, one observation each.
 * Graphs that are not declared are not looked at. Failures are recorded graph by graph, and summed up in one `graph_observation_error`.
 *
 * @throws CancelledError; the draft is as it was
 */
export async function observeGraphs(session: ClusterSession, desired: ReadonlyMap<string, DesiredResource>, pendingGraphs: ReadonlySet<string>, draft: LedgerDraft, diagnostics: Diagnostics): Promise<void> {
  const graphs = declaredGraphs(desired);
  const { clock, onProgress } = session.environment;
  let done = 0;
  const observed = await inTurns(graphs, GRAPHS_OBSERVED_AT_ONCE, async ({ graphId }) => {
    const live = await probeGraph(session, graphId);
    onProgress?.({ phase: "observe", resource: `graph.${graphId}`, done: ++done, total: graphs.length });
    return { live, observedAt: timestampOf(clock) };
  });
  const failures: string[] = [];
  for (const [index, { live, observedAt }] of observed.entries()) {
    const graph = graphs[index] as DeclaredGraph;
    record(draft, graph, live, pendingGraphs.has(graph.graphId));
    draft.setObservation(`graph.${graph.graphId}`, observationOf(session, graph, live, observedAt));
    if (live.state === "unverifiable") failures.push(`'${graph.graphId}' (${live.message})`);
  }
  draft.recomposeGraphs();
  if (failures.length > 0) diagnostics.add(summaryOf(failures, graphs.length));
}

const FAILURES_SHOWN_MAX = 5;

function summaryOf(failures: readonly string[], graphCount: number): ClusterDiagnostic {
  const shown = failures.slice(0, FAILURES_SHOWN_MAX);
  const rest = failures.length > shown.length ? ` and ${failures.length - shown.length} more` : "";
  return diagnostic("graph_observation_error", "graphs", `${failures.length} of ${graphCount} graphs could not be opened: ${shown.join(", ")}${rest}. Remedy that, then run the command again.`);
}

function declaredGraphs(desired: ReadonlyMap<string, DesiredResource>): readonly DeclaredGraph[] {
  return [...desired.values()]
    .filter(({ kind }) => kind === "graph")
    .map(({ address }) => {
      const graphId = address.slice("graph.".length);
      return { graphId, desiredDigest: desired.get(`schema.${graphId}`)?.digest ?? null };
    });
}

const FAILED = "graph_observation_error";

/** The table of cluster.md 12.5. */
function record(draft: LedgerDraft, { graphId, desiredDigest }: DeclaredGraph, live: LiveGraph, isPending: boolean): void {
  const graph = `graph.${graphId}`;
  const schema = `schema.${graphId}`;
  const say = (status: ResourceStatus): void => {
    for (const address of [graph, schema]) draft.setStatus(address, status);
  };
  switch (live.state) {
    case "absent": {
      const missing = missingGraphStatus(draft, graphId);
      draft.removeResource(graph);
      draft.removeResource(schema);
      return say(missing);
    }
    case "opens": {
      draft.setResource(schema, { digest: live.schemaDigest });
      // What is recorded with the graph is nothing that could be observed, so it stays. Its digest is composed below.
      draft.setResource(graph, draft.resources.get(graph) ?? { digest: "" });
      return say(live.schemaDigest === desiredDigest ? { status: "applied" } : { status: "drifted", conditions: ["schema_mismatch"] });
    }
    case "unverifiable": {
      // The sweep of this run may know more, and says what to do about it.
      const known = isPending ? draft.statuses.get(graph) : undefined;
      const conditions = known?.status === "error" ? (known.conditions ?? []) : [];
      return say({ status: "error", conditions: [...conditions.filter((each) => each !== FAILED), FAILED], message: (known?.status === "error" ? known.message : undefined) ?? live.message });
    }
  }
}

function observationOf({ store }: ClusterSession, { graphId, desiredDigest }: DeclaredGraph, live: LiveGraph, observedAt: string): Observation {
  const found = live.state === "opens" ? live : undefined;
  return {
    kind: "graph",
    address: `graph.${graphId}`,
    graph_uri: shownLocation(store.layout.graphRoot(graphId)),
    observed_at: observedAt,
    // Whoever cannot look does not say that it is gone (C4).
    exists: live.state !== "absent",
    graph_manifest_version: found?.manifestVersion ?? null,
    schema_digest: found?.schemaDigest ?? null,
    desired_schema_digest: desiredDigest,
    schema_matches_desired: found === undefined ? null : found.schemaDigest === desiredDigest,
    error: live.state === "unverifiable" ? live.message : null,
  };
}
