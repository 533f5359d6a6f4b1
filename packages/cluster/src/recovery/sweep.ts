/**
 * Settles what interrupted runs left (cluster.md §10.4, §10.5): for every sidecar, in the order of their ids, looks at the graph, chooses
 * a row of the matrix, and changes the draft of the ledger by it. A later sidecar sees what an earlier one changed.
 *
 * Nothing of the cluster becomes durable here, but that temporary files of killed writers go. The caller writes the ledger once, then
 * calls `cleanUp`; until then a repeated sweep finds the same and decides the same.
 */
import { type Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { type LiveGraph, probeGraph, settleGraph } from "../graphs/live-graph.js";
import type { LedgerDraft } from "../ledger/ledger-draft.js";
import type { ClusterSession } from "../run/cluster-environment.js";
import { problemDiagnostic } from "../diagnostics/problem-diagnostic.js";
import { removeResidue } from "../storage/remove-residue.js";
import { shownLocation } from "../storage/shown-location.js";
import { timestampOf } from "../timestamps.js";
import { readSidecars } from "./read-sidecars.js";
import type { RecoverySidecar } from "./recovery-sidecar.js";
import { chooseRow, type SweepEnd } from "./sweep-matrix.js";

/** An approval that a deletion of an earlier run had used. */
export interface ConsumedApproval {
  readonly approvalId: string;
  readonly operationId: string;
  /** RFC 3339 UTC. */
  readonly consumedAt: string;
}

export interface SweepOutcome {
  /** Graphs with a sidecar that was kept: nothing may be done to them (cluster.md §8.2). */
  readonly pendingGraphs: ReadonlySet<string>;
  /** To be removed once the ledger is written. */
  readonly retired: readonly RecoverySidecar[];
  /** Consumed in the draft or in the ledger; their artifacts follow once the ledger is written (cluster.md 9.3). */
  readonly consumedApprovals: readonly ConsumedApproval[];
}

/**
 * @param draft of the ledger that the command will write
 * @throws CancelledError
 */
export async function sweepSidecars(session: ClusterSession, draft: LedgerDraft, diagnostics: Diagnostics): Promise<SweepOutcome> {
  await removeResidue(session.store, session.environment.clock);
  const { pending, problems } = await readSidecars(session.store);
  for (const problem of problems) diagnostics.add(problemDiagnostic({ ...problem, path: shownLocation(problem.path) }, { severity: "warning" }));
  const sweep = new Sweep(session, draft, diagnostics);
  const { onProgress } = session.environment;
  for (const [done, sidecar] of pending.entries()) {
    onProgress?.({ phase: "sweep", ...(sidecar.graphId === undefined ? {} : { resource: `graph.${sidecar.graphId}` }), done, total: pending.length });
    await sweep.settle(sidecar);
  }
  return sweep.finish();
}

/** Conditions that only a sweep sets (cluster.md §6.3). */
const INCOMPLETE = "graph_create_incomplete";
const UNEXPECTED = "actual_applied_state_pending";

class Sweep {
  readonly #session: ClusterSession;
  readonly #draft: LedgerDraft;
  readonly #diagnostics: Diagnostics;
  readonly #now: string;
  readonly #pendingGraphs = new Set<string>();
  readonly #retired: RecoverySidecar[] = [];
  readonly #consumedApprovals: ConsumedApproval[] = [];
  /** What was seen of the graphs whose sidecars are retired. */
  readonly #settled = new Map<string, LiveGraph>();

  constructor(session: ClusterSession, draft: LedgerDraft, diagnostics: Diagnostics) {
    this.#session = session;
    this.#draft = draft;
    this.#diagnostics = diagnostics;
    this.#now = timestampOf(session.environment.clock);
  }

  async settle(sidecar: RecoverySidecar): Promise<void> {
    const { graphId, kind } = sidecar;
    if (graphId === undefined || !isPathSafe(graphId)) return this.#leaveUnattributed(sidecar);
    // A killed schema apply may be half-done within the store, too; what it shows to a reader then is not what it will keep.
    const live = kind === "schema_apply" ? await settleGraph(this.#session, graphId) : await probeGraph(this.#session, graphId);
    const { end } = chooseRow({
      kind,
      root: live.state,
      liveDigest: live.state === "opens" ? live.schemaDigest : undefined,
      ledgerDigest: this.#draft.resources.get(`schema.${graphId}`)?.digest,
      wantedDigest: sidecar.desiredSchemaDigest,
      isGraphRecorded: this.#draft.resources.has(`graph.${graphId}`),
    });
    if (this.#perform(end, graphId, sidecar, live)) {
      this.#retired.push(sidecar);
      this.#settled.set(graphId, live);
    } else {
      this.#pendingGraphs.add(graphId);
    }
  }

  finish(): SweepOutcome {
    for (const [graphId, live] of this.#settled) if (!this.#pendingGraphs.has(graphId)) this.#withdraw(graphId, live);
    return { pendingGraphs: this.#pendingGraphs, retired: this.#retired, consumedApprovals: this.#consumedApprovals };
  }

  /** @returns whether the sidecar is done with */
  #perform(end: SweepEnd, graphId: string, sidecar: RecoverySidecar, live: LiveGraph): boolean {
    switch (end) {
      case "retire":
        this.#noteConsumed(sidecar);
        return true;
      case "record":
        this.#record(graphId, sidecar);
        return true;
      case "entomb":
        this.#entomb(graphId, sidecar);
        return true;
      case "proposeAgain":
        this.#warn("graph_delete_incomplete", graphId, `a deletion of the graph was interrupted, and ${this.#root(graphId)} ${describe(live)}. 'omnigraph cluster apply' proposes it again; its approval is still valid.`);
        return true;
      case "leaveDrifted":
        this.#leaveDrifted(graphId, sidecar);
        return false;
      case "leaveIncomplete":
        this.#leaveIncomplete(graphId, sidecar, live);
        return false;
      case "wait":
        this.#warn(
          "cluster_recovery_pending",
          graphId,
          `whether an interrupted ${sidecar.kind} took effect cannot be told: ${this.#root(graphId)} ${describe(live)}. See that the graph opens, then run the command again. If it is gone for good, remove ${this.#fileOf(sidecar)}, then run 'omnigraph cluster refresh'.`,
        );
        return false;
    }
  }

  /** Row 11: whoever recorded the deletion may have been stopped before the artifact of its approval said so (cluster.md 9.3). */
  #noteConsumed({ approvalId }: RecoverySidecar): void {
    const record = approvalId === null ? undefined : this.#draft.approvals.get(approvalId);
    if (approvalId === null || record === undefined) return;
    this.#consumedApprovals.push({ approvalId, operationId: record.consumed_by_operation, consumedAt: record.consumed_at });
  }

  /** Rows 3 and 8. */
  #record(graphId: string, { operationId, kind, actor, desiredSchemaDigest }: RecoverySidecar): void {
    const [graph, schema] = addressesOf(graphId);
    this.#draft.setResource(schema, { digest: desiredSchemaDigest });
    this.#draft.setResource(graph, this.#draft.resources.get(graph) ?? { digest: "" });
    this.#draft.recomposeGraphs();
    for (const address of [graph, schema]) this.#draft.setStatus(address, { status: "applied" });
    this.#recover(graphId, operationId, kind, actor, `an interrupted ${kind} had taken effect; the ledger records it now`);
  }

  /** Row 12. */
  #entomb(graphId: string, { operationId, kind, actor, approvalId }: RecoverySidecar): void {
    this.#draft.removeGraph(graphId, { kind: "tombstone", deleted_at: this.#now, approval_id: approvalId, actor });
    if (approvalId !== null) {
      this.#draft.addApproval(approvalId, { consumed_at: this.#now, consumed_by_operation: operationId });
      this.#consumedApprovals.push({ approvalId, operationId, consumedAt: this.#now });
    }
    this.#recover(graphId, operationId, kind, actor, "an interrupted deletion of the graph had ended; the ledger records it now");
  }

  #recover(graphId: string, operationId: string, kind: string, actor: string | null, message: string): void {
    this.#draft.addRecovery(operationId, { kind, graph_id: graphId, outcome: "rolled_forward", recovered_at: this.#now, actor });
    this.#warn("cluster_recovery_rolled_forward", graphId, `${message}.`);
  }

  /** Rows 4 and 9. */
  #leaveDrifted(graphId: string, sidecar: RecoverySidecar): void {
    const message = `an interrupted ${sidecar.kind} left the graph with a schema that is neither the recorded nor the intended one. Run 'omnigraph cluster refresh', which records the schema it has, then 'omnigraph cluster plan'; the graph must be declared for that.`;
    for (const address of addressesOf(graphId)) this.#draft.setStatus(address, { status: "drifted", conditions: [UNEXPECTED], message });
    this.#warn("cluster_recovery_pending", graphId, message);
  }

  /** Row 5. */
  #leaveIncomplete(graphId: string, sidecar: RecoverySidecar, live: LiveGraph): void {
    const root = this.#root(graphId);
    const isUnfinished = live.state === "unverifiable" && live.isRemnant && !this.#draft.resources.has(`graph.${graphId}`);
    const remedy = isUnfinished
      ? `It holds no data yet. See that nobody else is creating the graph, remove ${root} with everything in it by hand, then run 'omnigraph cluster apply' again.`
      : `See that it can be reached and opened, then run the command again. Only when it is certain that it never became a graph, remove ${root} by hand.`;
    const message = `the creation of the graph was interrupted (operation ${sidecar.operationId}), and ${root} ${describe(live)}. ${remedy} Nothing is removed automatically.`;
    for (const address of addressesOf(graphId)) this.#draft.setStatus(address, { status: "error", conditions: [INCOMPLETE], message });
    this.#diagnostics.add(diagnostic("graph_create_incomplete", `graph.${graphId}`, message));
  }

  /** Nobody can tell which graph it is about, so nobody may decide it (cluster.md 14.2). */
  #leaveUnattributed(sidecar: RecoverySidecar): void {
    const text = "the recovery record names no graph that could be looked at. Find out what it is about, see that this is as it should be, then remove the file.";
    this.#diagnostics.add(diagnostic("invalid_recovery_sidecar", this.#fileOf(sidecar), text));
  }

  /** What earlier sweeps said of a graph whose sidecars are all done with. */
  #withdraw(graphId: string, live: LiveGraph): void {
    const isAsRecorded = live.state === "opens" && live.schemaDigest === this.#draft.resources.get(`schema.${graphId}`)?.digest;
    for (const address of addressesOf(graphId)) {
      const conditions = this.#draft.statuses.get(address)?.conditions ?? [];
      if (!conditions.includes(INCOMPLETE) && !conditions.includes(UNEXPECTED)) continue;
      if (isAsRecorded) this.#draft.setStatus(address, { status: "applied" });
      else this.#draft.clearStatus(address);
    }
  }

  #warn(code: "cluster_recovery_pending" | "cluster_recovery_rolled_forward" | "graph_delete_incomplete", graphId: string, message: string): void {
    this.#diagnostics.add(diagnostic(code, `graph.${graphId}`, message));
  }

  #root(graphId: string): string {
    return shownLocation(this.#session.store.layout.graphRoot(graphId));
  }

  #fileOf({ operationId }: RecoverySidecar): string {
    return shownLocation(this.#session.store.layout.recoverySidecar(operationId));
  }
}

function addressesOf(graphId: string): readonly [graph: string, schema: string] {
  return [`graph.${graphId}`, `schema.${graphId}`];
}

/** As the end of a sentence about the root. */
function describe(live: LiveGraph): string {
  switch (live.state) {
    case "absent":
      return "does not exist";
    case "opens":
      return "still is a graph";
    case "unverifiable":
      return `does not open: ${live.message}`;
  }
}

/** Graphs of other implementations have ids that ours may not have, but none may lead elsewhere. */
function isPathSafe(graphId: string): boolean {
  return /^[\w-]+$/.test(graphId);
}
