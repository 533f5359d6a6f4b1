/** `cluster plan`: what apply would change, and what it would refuse (cluster.md §8.5). */
import { throwIfAborted } from "@omnigraphdb/common";
import type { DesiredState } from "../config/desired-state.js";
import { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { checkComposites } from "../ledger/composite-integrity.js";
import { withClusterLock } from "../lock/with-cluster-lock.js";
import { planChanges } from "../plan/plan-changes.js";
import type { ChangePlan } from "../plan/planned-change.js";
import { readSidecars } from "../recovery/read-sidecars.js";
import { sidecarWarnings } from "../recovery/sidecar-store.js";
import type { ClusterSession, VerbOptions } from "../run/cluster-environment.js";
import { loadDeclared } from "../run/load-declared.js";
import { observeState, type StateObservations, stateObservations } from "../status/state-observations.js";
import { compareContents } from "./compare-contents.js";
import type { PlanOutcome } from "./plan-outcome.js";
import { previewMigrations } from "./preview-migrations.js";
import { readPlanInput } from "./read-plan-input.js";

/**
 * Writes nothing but the lock, which keeps what it reads together. Apply works everything out again, so a plan does not go stale.
 *
 * @throws CancelledError when `environment.signal` is aborted
 */
export async function planCluster({ configDirectory, environment }: VerbOptions): Promise<PlanOutcome> {
  const diagnostics = new Diagnostics();
  const desired = await loadDeclared({ configDirectory, environment }, diagnostics);
  if (desired === undefined) {
    return { isOk: false, configDirectory, resourceDigests: new Map(), dependencies: [], stateObservations: undefined, ...NOTHING, diagnostics: diagnostics.list() };
  }
  const planned = await withClusterLock(desired, "plan", environment, diagnostics, (session) => planLocked(session, desired, diagnostics));
  const { changes, blastRadius, approvalsRequired } = planned ?? NOTHING;
  return {
    isOk: !diagnostics.hasErrors,
    configDirectory: desired.configDirectory,
    configDigest: desired.configDigest,
    resourceDigests: new Map([...desired.resources].map(([address, { digest }]) => [address, digest])),
    dependencies: desired.dependencies,
    stateObservations: planned?.observations ?? (await observeState(desired, environment)),
    changes,
    blastRadius,
    approvalsRequired,
    diagnostics: diagnostics.list(),
  };
}

type Changes = Pick<ChangePlan, "changes" | "blastRadius" | "approvalsRequired">;

const NOTHING: Changes = { changes: [], blastRadius: [], approvalsRequired: [] };

async function planLocked(session: ClusterSession, desired: DesiredState, diagnostics: Diagnostics): Promise<Changes & { readonly observations: StateObservations }> {
  const { store, lockId, environment } = session;
  const observe = (ledger: Parameters<typeof stateObservations>[1]["ledger"]): StateObservations => stateObservations(store, { ledger, ownLockId: lockId }, environment.clock);
  const sidecars = await readSidecars(store);
  diagnostics.addAll(sidecarWarnings(sidecars, store));
  // Nobody settles them here, so their graphs are taken for waiting.
  const pendingGraphs = new Set(sidecars.pending.flatMap(({ graphId }) => graphId ?? []));
  throwIfAborted(environment.signal, "cluster plan");
  const material = await readPlanInput(session, desired, pendingGraphs, diagnostics);
  if (material === undefined) return { ...NOTHING, observations: observe(undefined) };
  const { input, ledger } = material;
  // Apply stops at these. A plan only looks, so they are no failure of it.
  if (ledger !== undefined) diagnostics.addAll(checkComposites(ledger.ledger).map((finding) => ({ ...finding, severity: "warning" as const })));
  const plan = planChanges(input);
  diagnostics.addAll(plan.diagnostics);
  const compared = await compareContents(plan.changes, session, desired);
  return { ...plan, changes: await previewMigrations(compared, session, desired, diagnostics), observations: observe(ledger) };
}
