import { readApprovals } from "../approvals/approval-store.js";
import { type Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import type { Ledger } from "../ledger/ledger.js";
import { findBrokenInvariant } from "../plan/broken-invariant.js";
import { planChanges } from "../plan/plan-changes.js";
import type { ChangePlan, PlanInput, PlannedChange } from "../plan/planned-change.js";
import type { SweepOutcome } from "../recovery/sweep.js";
import { type ApplyContext, reportProgress } from "./apply-context.js";

export interface RunPlan {
  readonly input: PlanInput;
  readonly plan: ChangePlan;
  /** False after adding `apply_approval_invariant_violation`: nothing of it may be carried out. */
  readonly isSafe: boolean;
}

/**
 * Phase 6 of an apply (cluster.md 11.1): everything is worked out anew, under this run's lock.
 *
 * @param ledger with what the sweep found
 */
export async function planRun(context: ApplyContext, ledger: Ledger, { pendingGraphs }: SweepOutcome): Promise<RunPlan> {
  const { session, desired, diagnostics } = context;
  reportProgress(context, "plan", 0, 1);
  const { approvals, diagnostics: unusable } = await readApprovals(session.store, ledger);
  const input: PlanInput = { desired, ledger, pendingGraphs, approvals };
  const plan = planChanges(input);
  diagnostics.addAll([...unusable, ...plan.diagnostics]);
  const violation = findBrokenInvariant(plan);
  if (violation !== undefined) diagnostics.add(violation);
  reportProgress(context, "plan", 1, 1);
  return { input, plan, isSafe: violation === undefined };
}

/** One warning for each change that is not carried out (cluster.md 11.1, phase 9), but for those that `before` has had one for. */
export function warnOfWaiting(diagnostics: Diagnostics, changes: readonly PlannedChange[], before: readonly PlannedChange[] = []): void {
  for (const [index, { resource, operation, disposition, reason }] of changes.entries()) {
    if (before[index]?.disposition === disposition) continue;
    if (disposition === "deferred") diagnostics.add(diagnostic("apply_unsupported_change", resource, `this version cannot ${operation} it: ${reason}. 'omnigraph cluster refresh' may resolve it.`));
    if (disposition === "blocked") diagnostics.add(diagnostic("apply_dependency_blocked", resource, `its ${operation} waits: ${WAITS_FOR[reason]}.`));
  }
}

/** What to do about each reason of cluster.md §8.2. */
const WAITS_FOR: Readonly<Record<Extract<PlannedChange, { disposition: "blocked" }>["reason"], string>> = {
  cluster_recovery_pending: "an interrupted operation on its graph is not settled (cluster_recovery_pending). See what is said about that graph",
  approval_required: "it belongs to the delete of a graph, which destroys data and which nobody approved (approval_required). 'omnigraph cluster plan' shows what to approve",
  dependency_not_applied: "something it needs was not applied (dependency_not_applied). Remedy that, then apply again",
  graph_create_failed: "the graph could not be created (graph_create_failed). Remedy that, then apply again",
  schema_apply_failed: "the schema could not be applied (schema_apply_failed). Remedy that, then apply again",
  graph_delete_failed: "the graph could not be deleted (graph_delete_failed). Remedy that, then apply again",
};
