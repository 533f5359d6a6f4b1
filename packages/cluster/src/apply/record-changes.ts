/** The ledger that an apply leaves (cluster.md 11.6). */
import { must } from "@omnigraphdb/common";
import type { DesiredResource, DesiredState } from "../config/desired-state.js";
import type { GraphBindings, LedgerDraft } from "../ledger/ledger-draft.js";
import type { LedgerResource } from "../ledger/ledger.js";
import { isLost } from "../ledger/lost-content.js";
import type { PlannedChange } from "../plan/planned-change.js";

/** A graph that was deleted in this run. */
export interface DeletedGraph {
  readonly graphId: string;
  readonly operationId: string;
  readonly approvalId: string;
}

export interface RecordedRun {
  readonly desired: DesiredState;
  /** With their final dispositions. */
  readonly changes: readonly PlannedChange[];
  readonly deleted: readonly DeletedGraph[];
  readonly actor: string | null;
  /** RFC 3339 UTC. */
  readonly now: string;
}

/** Changes the draft into what the run made true. Only what was carried out counts; the rest is recorded as waiting. */
export function recordChanges(draft: LedgerDraft, run: RecordedRun): void {
  for (const change of run.changes) {
    if (change.disposition === "applied") recordApplied(draft, change, run.desired);
    // Of a graph that waits for its recovery the sweep has said more.
    if (change.disposition === "blocked" && change.reason !== "cluster_recovery_pending") draft.setStatus(change.resource, { status: "blocked", conditions: [change.reason] });
  }
  for (const { graphId, operationId, approvalId } of run.deleted) {
    draft.removeGraph(graphId, { kind: "tombstone", deleted_at: run.now, approval_id: approvalId, actor: run.actor });
    draft.addApproval(approvalId, { consumed_at: run.now, consumed_by_operation: operationId });
  }
  draft.recomposeGraphs(bindingsOf(run));
  liftOutdated(draft, run.changes);
}

/** Nothing waits any more: what was lost and is declared no more leaves no trace. */
export function recordConvergence(draft: LedgerDraft, { configDigest, resources }: DesiredState): void {
  draft.setConfigDigest(configDigest);
  for (const [address, status] of draft.statuses) if (isLost(status) && !draft.resources.has(address) && !resources.has(address)) draft.clearStatus(address);
}

function recordApplied(draft: LedgerDraft, { resource, operation }: PlannedChange, desired: DesiredState): void {
  if (operation === "delete") {
    draft.removeResource(resource);
    draft.clearStatus(resource);
    return;
  }
  draft.setResource(resource, entryOf(must(desired.resources.get(resource), "what is created or updated is declared")));
  draft.setStatus(resource, { status: "applied" });
}

function entryOf({ digest, appliesTo, embeddingProfile }: DesiredResource): LedgerResource {
  return {
    digest,
    ...(appliesTo === undefined ? {} : { applies_to: appliesTo }),
    ...(embeddingProfile === undefined ? {} : { embedding_profile: embeddingProfile }),
  };
}

/**
 * What the graphs are bound to from now on. A graph that waits keeps what is recorded of it as a whole: its provider, and its policy for
 * external blobs.
 */
function bindingsOf({ desired, changes }: RecordedRun): ReadonlyMap<string, GraphBindings> {
  const waiting = new Set(changes.filter(({ disposition }) => disposition === "blocked" || disposition === "deferred").map(({ resource }) => resource));
  const bindings = new Map<string, GraphBindings>();
  for (const { address, kind, embeddingProvider, externalBlobPolicy } of desired.resources.values()) {
    if (kind !== "graph") continue;
    const graphId = address.slice("graph.".length);
    if (waiting.has(address) || waiting.has(`schema.${graphId}`)) continue;
    bindings.set(graphId, { ...(embeddingProvider === undefined ? {} : { embeddingProvider }), ...(externalBlobPolicy === undefined ? {} : { externalBlobPolicy }) });
  }
  return bindings;
}

/**
 * Statuses that this run made untrue (decision 0026): of a resource that waits no more, and of a graph whose schema was brought back to
 * what is declared.
 */
function liftOutdated(draft: LedgerDraft, changes: readonly PlannedChange[]): void {
  const dispositions = new Map(changes.map(({ resource, disposition }) => [resource, disposition]));
  for (const [address, { status }] of draft.statuses) {
    const disposition = dispositions.get(address);
    const isFreed = status === "blocked" && disposition !== "blocked" && disposition !== "deferred";
    const isCorrected = disposition === "derived" && dispositions.get(address.replace("graph.", "schema.")) === "applied";
    if (!isFreed && !isCorrected) continue;
    if (draft.resources.has(address)) draft.setStatus(address, { status: "applied" });
    else draft.clearStatus(address);
  }
}
