import { markConsumed } from "../approvals/approval-store.js";
import type { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import type { RecoverySidecar } from "./recovery-sidecar.js";
import { deleteSidecar } from "./sidecar-store.js";
import type { ConsumedApproval } from "./sweep.js";

/**
 * Phase 14 of an apply (cluster.md 11.1): what the ledger records by now needs no sidecar, and its approvals say that they were used.
 * Best effort: what fails is a warning, and the next run takes it up.
 */
export async function cleanUp(store: ClusterStore, settled: readonly RecoverySidecar[], consumed: readonly ConsumedApproval[], diagnostics: Diagnostics): Promise<void> {
  for (const { approvalId, operationId, consumedAt } of consumed) {
    const failure = await markConsumed(store, approvalId, { consumed_at: consumedAt, consumed_by_operation: operationId });
    if (failure !== undefined) diagnostics.add(failure);
  }
  for (const { operationId } of settled) {
    const failure = await deleteSidecar(store, operationId);
    if (failure !== undefined) diagnostics.add(failure);
  }
}
