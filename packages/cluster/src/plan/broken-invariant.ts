import { type ClusterDiagnostic, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { parseResourceAddress } from "../resource-address.js";
import type { ChangePlan } from "./planned-change.js";

/**
 * The last look before anything is executed (cluster.md §11.1, phase 6): no delete of a graph, and of no schema, without an approval.
 * It does not trust how the plan was made: the gates are derived from the changes once more.
 *
 * @returns `apply_approval_invariant_violation` for the first change that breaks it
 */
export function findBrokenInvariant({ changes, approvalsRequired }: Pick<ChangePlan, "changes" | "approvalsRequired">): ClusterDiagnostic | undefined {
  const satisfied = new Set(approvalsRequired.filter(({ satisfied, approvalId }) => satisfied && approvalId !== undefined).map(({ resource }) => resource));
  const deleted = new Set(changes.filter(({ operation }) => operation === "delete").map(({ resource }) => resource));
  for (const { resource, operation, disposition } of changes) {
    if (operation !== "delete" || disposition !== "applied") continue;
    const address = parseResourceAddress(resource);
    if (address?.kind !== "graph" && address?.kind !== "schema") continue;
    const graph = `graph.${address.graphId}`;
    if (satisfied.has(deleted.has(graph) ? graph : resource)) continue;
    return diagnostic("apply_approval_invariant_violation", resource, "the delete would be executed without an approval; the run stops before it changes anything. Please report this as a defect, with the output of 'omnigraph cluster plan --json'.");
  }
  return undefined;
}
