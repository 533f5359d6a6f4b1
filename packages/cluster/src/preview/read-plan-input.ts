import { readApprovals } from "../approvals/approval-store.js";
import type { DesiredState } from "../config/desired-state.js";
import type { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { problemDiagnostic } from "../diagnostics/problem-diagnostic.js";
import { isLedgerRead, type LedgerRead, readLedger } from "../ledger/read-ledger.js";
import type { PlanInput } from "../plan/planned-change.js";
import type { ClusterSession } from "../run/cluster-environment.js";

export interface PlanMaterial {
  readonly input: PlanInput;
  /** Undefined: there is none. */
  readonly ledger: LedgerRead | undefined;
}

/**
 * What a plan is made of, read under the lock: the ledger and the approvals.
 *
 * @returns undefined after adding why the ledger cannot be used
 */
export async function readPlanInput({ store }: ClusterSession, desired: DesiredState, pendingGraphs: ReadonlySet<string>, diagnostics: Diagnostics): Promise<PlanMaterial | undefined> {
  const read = await readLedger(store);
  if (read !== undefined && !isLedgerRead(read)) {
    diagnostics.add(problemDiagnostic(read));
    return undefined;
  }
  const { approvals, diagnostics: findings } = await readApprovals(store, read?.ledger);
  diagnostics.addAll(findings);
  return { input: { desired, ledger: read?.ledger, pendingGraphs, approvals }, ledger: read };
}
