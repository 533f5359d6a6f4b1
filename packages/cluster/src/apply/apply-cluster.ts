/**
 * `cluster apply`: makes the applied revision equal to what the configuration declares (cluster.md §11). Whatever stops a run, the next
 * one finds what was done, records it, and continues.
 */
import { sha256Digest } from "@omnigraphdb/common";
import type { DesiredState } from "../config/desired-state.js";
import { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { LedgerDraft } from "../ledger/ledger-draft.js";
import { readBase } from "../ledger/read-base.js";
import { isLedgerRead, type LedgerRead, readLedger } from "../ledger/read-ledger.js";
import { writeLedger } from "../ledger/write-ledger.js";
import { withClusterLock } from "../lock/with-cluster-lock.js";
import { demoteDependents } from "../plan/demote-dependents.js";
import { planChanges } from "../plan/plan-changes.js";
import type { PlannedChange } from "../plan/planned-change.js";
import { cleanUp } from "../recovery/clean-up.js";
import { sweepSidecars } from "../recovery/sweep.js";
import type { ClusterSession, VerbOptions } from "../run/cluster-environment.js";
import { loadDeclared } from "../run/load-declared.js";
import { observeState, stateObservations, writtenLedger } from "../status/state-observations.js";
import { timestampOf } from "../timestamps.js";
import { type ApplyContext, reportProgress, stopIfAborted } from "./apply-context.js";
import type { ApplyOutcome } from "./apply-outcome.js";
import { CLUSTER_FAILPOINT, isFailedAt } from "./cluster-failpoints.js";
import { createGraphs, deleteGraphs, GraphWork, migrateSchemas } from "./move-graphs.js";
import { planRun, warnOfWaiting } from "./plan-run.js";
import { recordChanges, recordConvergence } from "./record-changes.js";
import { writeCatalog } from "./write-catalog.js";

/** What the phases under the lock came to. */
interface LockedRun {
  /** As it is on disk afterwards. */
  readonly ledger: LedgerRead | undefined;
  readonly changes: readonly PlannedChange[];
  /** The ledger says what was carried out. */
  readonly isRecorded: boolean;
  readonly isConverged: boolean;
  readonly isStateWritten: boolean;
}

/**
 * A partial apply is a success with warnings: look at `isConverged`.
 *
 * @throws CancelledError when `environment.signal` is aborted, between two steps; its hint says what that leaves
 */
export async function applyCluster(options: VerbOptions): Promise<ApplyOutcome> {
  const { environment, actor } = options;
  const diagnostics = new Diagnostics();
  const desired = await loadDeclared(options, diagnostics);
  if (desired === undefined) return outcomeOf(options, undefined, undefined, undefined, diagnostics);
  const locked = await withClusterLock(desired, "apply", environment, diagnostics, async (session) => {
    const run = await applyLocked(session, desired, actor ?? null, diagnostics);
    return { run, observations: stateObservations(session.store, { ledger: run.ledger, ownLockId: session.lockId }, environment.clock) };
  });
  return outcomeOf(options, desired, locked?.run, locked?.observations ?? (await observeState(desired, environment)), diagnostics);
}

/** The phases 3 to 14 of cluster.md 11.1, in their order. */
async function applyLocked(session: ClusterSession, desired: DesiredState, actor: string | null, diagnostics: Diagnostics): Promise<LockedRun> {
  const base = await readBase(session.store, diagnostics);
  if (base?.isSound !== true) return stopped(base?.ledger, []);
  const context: ApplyContext = { session, desired, actor, stateCas: sha256Digest(base.ledger.text), diagnostics };
  const draft = new LedgerDraft(base.ledger.ledger);

  const sweep = await sweepSidecars(session, draft, diagnostics);
  const { input, plan, isSafe } = await planRun(context, draft.finish(), sweep);
  if (!isSafe) return stopped(base.ledger, plan.changes);

  const work = new GraphWork();
  stopIfAborted(context, work.hasMoved);
  if ((await createGraphs(context, plan, work)) === "crashed") return stopped(base.ledger, plan.changes);
  if ((await migrateSchemas(context, plan, work)) === "crashed") return stopped(base.ledger, plan.changes);

  const feasible = demoteDependents(plan.changes, work.failures, input);
  warnOfWaiting(diagnostics, feasible);
  if (!(await writeCatalog(context, feasible, work.hasMoved))) return stopped(base.ledger, feasible);
  if (await isFailedAt(CLUSTER_FAILPOINT.afterPayloadPhase, session.environment, diagnostics)) return stopped(base.ledger, feasible);

  if ((await deleteGraphs(context, { ...plan, changes: feasible }, work)) === "crashed") return stopped(base.ledger, feasible);
  const changes = demoteDependents(feasible, work.failures, input);
  warnOfWaiting(diagnostics, changes, feasible);

  const now = timestampOf(session.environment.clock);
  recordChanges(draft, { desired, changes, deleted: work.deleted, actor, now });
  const isConverged = planChanges({ ...input, ledger: draft.finish() }).changes.length === 0;
  if (isConverged) recordConvergence(draft, desired);

  if (!draft.isChanged) {
    await cleanUp(session.store, sweep.retired, sweep.consumedApprovals, diagnostics);
    return { ledger: base.ledger, changes, isRecorded: true, isConverged, isStateWritten: false };
  }
  if (await isFailedAt(CLUSTER_FAILPOINT.beforeStateWrite, session.environment, diagnostics)) return stopped(base.ledger, changes);
  reportProgress(context, "ledger", 0, 1);
  const next = draft.finish();
  const failure = await writeLedger(session.store, base.ledger, next);
  if (failure !== undefined) {
    diagnostics.add(failure);
    const found = await readLedger(session.store);
    return stopped(isLedgerRead(found) ? found : base.ledger, changes);
  }
  reportProgress(context, "ledger", 1, 1);
  const consumed = work.deleted.map(({ operationId, approvalId }) => ({ operationId, approvalId, consumedAt: now }));
  await cleanUp(session.store, [...sweep.retired, ...work.finished], [...sweep.consumedApprovals, ...consumed], diagnostics);
  return { ledger: writtenLedger(next), changes, isRecorded: true, isConverged, isStateWritten: true };
}

/** Before the ledger moved: what was done is found by the next run. */
function stopped(ledger: LedgerRead | undefined, changes: readonly PlannedChange[]): LockedRun {
  return { ledger, changes, isRecorded: false, isConverged: false, isStateWritten: false };
}

function outcomeOf(
  { configDirectory, actor }: VerbOptions,
  desired: DesiredState | undefined,
  run: LockedRun | undefined,
  observations: ApplyOutcome["stateObservations"],
  diagnostics: Diagnostics,
): ApplyOutcome {
  const changes = run?.changes ?? [];
  return {
    isOk: !diagnostics.hasErrors,
    configDirectory: desired?.configDirectory ?? configDirectory,
    ...(actor === undefined ? {} : { actor }),
    ...(desired === undefined ? {} : { configDigest: desired.configDigest }),
    stateObservations: observations,
    changes,
    appliedCount: run?.isRecorded === true ? changes.filter(({ disposition }) => disposition === "applied").length : 0,
    deferredCount: changes.filter(({ disposition }) => disposition === "deferred" || disposition === "blocked").length,
    isConverged: run?.isConverged ?? false,
    isStateWritten: run?.isStateWritten ?? false,
    resourceStatuses: new Map([...(run?.ledger?.ledger.statuses ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))),
    diagnostics: diagnostics.list(),
  };
}
