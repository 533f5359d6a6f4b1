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
    const uses = earlierUses(change.resource, { ledger, approvals });
    const isValid = (approval: Approval): boolean => isValidFor(approval, change, desired.configDigest) && isSince(approval, uses);
    const valid = candidates.find(isValid);
    gates.push({ resource: change.resource, reason, satisfied: valid !== undefined, ...(valid === undefined ? {} : { approvalId: valid.approvalId }) });
    for (const approval of candidates) if (!isValid(approval)) diagnostics.push(stale(approval));
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

/** When approvals for such a resource were used: what is there now is another one of that name. RFC 3339. */
function earlierUses(resource: string, { ledger, approvals }: Pick<PlanInput, "ledger" | "approvals">): readonly string[] {
  const observed = ledger?.observations.get(resource);
  const used = approvals.filter((approval) => approval.resource === resource).flatMap(({ approvalId, consumedAt }) => consumedAt ?? ledger?.approvals.get(approvalId)?.consumed_at ?? []);
  return observed?.kind === "tombstone" ? [...used, observed.deleted_at] : used;
}

/** A time that cannot be read is never newer. Within one millisecond nobody deletes, declares anew and approves. */
function isSince({ createdAt }: Approval, times: readonly string[]): boolean {
  return times.every((time) => Date.parse(createdAt) >= Date.parse(time));
}

function stale({ approvalId, resource, approvedBy }: Approval): ClusterDiagnostic {
  return diagnostic(
    "approval_stale",
    resource,
    `approval ${approvalId} by '${approvedBy}' was given for another configuration, another state of ${resource}, or an earlier one of that name, and allows nothing. Review the plan, then run 'omnigraph cluster approve ${resource}' again.`,
  );
}
