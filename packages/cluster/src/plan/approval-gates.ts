import type { Approval } from "../approvals/approval.js";
import { compareText } from "../compare-text.js";
import { type ClusterDiagnostic, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { parseResourceAddress } from "../resource-address.js";
import type { ApprovalGate, PlanInput, ResourceChange } from "./planned-change.js";

/** A change that needs an approval, before anybody looked for one. */
export interface GatedChange {
  readonly change: ResourceChange;
  readonly reason: string;
}

/** One gate per subtree: every delete of a graph, and a delete of a schema whose graph stays (cluster.md §8.4). */
export function gatedChanges(changes: readonly ResourceChange[]): readonly GatedChange[] {
  const deleted = new Set(changes.filter(({ operation }) => operation === "delete").map(({ resource }) => resource));
  return changes.flatMap((change) => {
    if (change.operation !== "delete") return [];
    const address = parseResourceAddress(change.resource);
    if (address?.kind === "graph") return [{ change, reason: `deletes graph '${address.graphId}' and all its data, for good` }];
    if (address?.kind === "schema" && !deleted.has(`graph.${address.graphId}`)) return [{ change, reason: `deletes the schema that the data of graph '${address.graphId}' needs` }];
    return [];
  });
}

export interface JudgedGates {
  readonly gates: readonly ApprovalGate[];
  /** `approval_stale`, in order of the gates, then of the approvals' ids. */
  readonly diagnostics: readonly ClusterDiagnostic[];
}

/** Which gates are open (cluster.md §9.2). */
export function judgeGates(changes: readonly ResourceChange[], { desired, ledger, approvals }: PlanInput): JudgedGates {
  const unused = approvals
    .filter(({ approvalId, consumedAt }) => consumedAt === null && ledger?.approvals.has(approvalId) !== true)
    .sort((a, b) => compareText(a.approvalId, b.approvalId));
  const gates: ApprovalGate[] = [];
  const diagnostics: ClusterDiagnostic[] = [];
  for (const { change, reason } of gatedChanges(changes)) {
    const candidates = unused.filter(({ resource }) => resource === change.resource);
    const valid = candidates.find((approval) => isValidFor(approval, change, desired.configDigest));
    gates.push({ resource: change.resource, reason, satisfied: valid !== undefined, ...(valid === undefined ? {} : { approvalId: valid.approvalId }) });
    for (const approval of candidates) if (!isValidFor(approval, change, desired.configDigest)) diagnostics.push(stale(approval));
  }
  return { gates, diagnostics };
}

function isValidFor(approval: Approval, change: ResourceChange, configDigest: string): boolean {
  return (
    approval.operation === change.operation &&
    approval.boundConfigDigest === configDigest &&
    approval.boundBeforeDigest === (change.beforeDigest ?? null) &&
    approval.boundAfterDigest === (change.afterDigest ?? null)
  );
}

function stale({ approvalId, resource, approvedBy }: Approval): ClusterDiagnostic {
  return diagnostic(
    "approval_stale",
    resource,
    `approval ${approvalId} by '${approvedBy}' was given for another configuration or another state of ${resource} and allows nothing. Review the plan, then run 'omnigraph cluster approve ${resource}' again.`,
  );
}
