/** `cluster approve`: permission for one irreversible change of the plan (cluster.md §9). */
import { must } from "@omnigraphdb/common";
import { didYouMean } from "@omnigraphdb/compiler";
import { writeApproval } from "../approvals/approval-store.js";
import type { Approval } from "../approvals/approval.js";
import type { DesiredState } from "../config/desired-state.js";
import { type ClusterDiagnostic, Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { withClusterLock } from "../lock/with-cluster-lock.js";
import { gatedChanges } from "../plan/approval-gates.js";
import { diffResources } from "../plan/diff-resources.js";
import type { ResourceChange } from "../plan/planned-change.js";
import { readPlanInput } from "../preview/read-plan-input.js";
import type { ClusterSession, VerbOptions } from "../run/cluster-environment.js";
import { loadDeclared } from "../run/load-declared.js";
import { shownLocation } from "../storage/shown-location.js";
import { timestampOf } from "../timestamps.js";

/** What `cluster approve` reports (cluster.md §13.2). Without an approval, the diagnostics say why. */
export interface ApproveOutcome {
  /** No finding is an error. */
  readonly isOk: boolean;
  /** Absolute, unless it does not exist. */
  readonly configDirectory: string;
  readonly approvalId?: string;
  /** Address. */
  readonly resource?: string;
  readonly operation?: Approval["operation"];
  readonly approvedBy?: string;
  readonly diagnostics: readonly ClusterDiagnostic[];
}

export interface ApproveOptions extends VerbOptions {
  /** Of a change that `cluster plan` says awaits an approval. */
  readonly address: string;
}

/**
 * Records that `actor`, who has to be given, allows the change as it stands: the configuration, and what is deployed. Whatever changes
 * either makes the approval void.
 *
 * @throws CancelledError when `environment.signal` is aborted before the lock is taken
 */
export async function approveChange({ configDirectory, environment, actor, address }: ApproveOptions): Promise<ApproveOutcome> {
  const approvedBy = must(actor?.trim() === "" ? undefined : actor, "an approval names who gave it");
  const diagnostics = new Diagnostics();
  const desired = await loadDeclared({ configDirectory, environment }, diagnostics);
  if (desired === undefined) return { isOk: false, configDirectory, diagnostics: diagnostics.list() };
  const approval = await withClusterLock(desired, "approve", environment, diagnostics, (session) => approveLocked(session, desired, { address, approvedBy }, diagnostics));
  return {
    isOk: !diagnostics.hasErrors,
    configDirectory: desired.configDirectory,
    ...(approval === undefined ? {} : { approvalId: approval.approvalId, resource: approval.resource, operation: approval.operation, approvedBy: approval.approvedBy }),
    diagnostics: diagnostics.list(),
  };
}

interface Request {
  readonly address: string;
  readonly approvedBy: string;
}

/** @returns undefined after adding why nothing was approved */
async function approveLocked(session: ClusterSession, desired: DesiredState, { address, approvedBy }: Request, diagnostics: Diagnostics): Promise<Approval | undefined> {
  const { store, environment } = session;
  const material = await readPlanInput(session, desired, new Set(), diagnostics);
  if (material === undefined) return undefined;
  if (material.ledger === undefined) {
    diagnostics.add(diagnostic("state_missing", shownLocation(store.layout.ledger), "there is no ledger, so nothing is deployed that could be deleted. Run 'omnigraph cluster import' first."));
    return undefined;
  }
  const changes = diffResources(desired.resources, material.ledger.ledger);
  const gated = gatedChanges(changes);
  const found = gated.find(({ change }) => change.resource === address);
  if (found === undefined) {
    diagnostics.add(diagnostic("approval_not_required", address, describeUngated(address, changes, gated.map(({ change }) => change.resource), [...desired.resources.keys(), ...material.ledger.ledger.resources.keys()])));
    return undefined;
  }
  const { change, reason } = found;
  const approval: Approval = {
    approvalId: environment.ids.ulid(),
    resource: address,
    operation: change.operation,
    reason,
    boundConfigDigest: desired.configDigest,
    boundBeforeDigest: change.beforeDigest ?? null,
    boundAfterDigest: change.afterDigest ?? null,
    approvedBy,
    createdAt: timestampOf(environment.clock),
    consumedAt: null,
    consumedByOperation: null,
  };
  const failure = await writeApproval(store, approval);
  if (failure === undefined) return approval;
  diagnostics.add(failure);
  return undefined;
}

function describeUngated(address: string, changes: readonly ResourceChange[], gated: readonly string[], known: readonly string[]): string {
  const change = changes.find(({ resource }) => resource === address);
  const fact = change === undefined ? describeUnchanged(address, known) : `its ${change.operation} needs no approval of its own`;
  const others = gated.length === 0 ? "Nothing in the plan awaits an approval." : `What awaits one: ${gated.join(", ")}.`;
  return `${fact}. ${others} Look at 'omnigraph cluster plan'.`;
}

function describeUnchanged(address: string, known: readonly string[]): string {
  if (known.includes(address)) return "nothing about it would change";
  const suggestion = didYouMean(address, known);
  return `nothing has this address, declared or deployed${suggestion === undefined ? "" : ` (${suggestion})`}`;
}
