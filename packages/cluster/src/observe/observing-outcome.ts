import type { DesiredState } from "../config/desired-state.js";
import type { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import type { LedgerRead } from "../ledger/read-ledger.js";
import type { ClusterEnvironment, ClusterSession } from "../run/cluster-environment.js";
import { observeState, stateObservations } from "../status/state-observations.js";
import { type StatusOutcome, statusOutcome } from "../status/cluster-status.js";

/** How far a run under the lock came. */
export interface ObservingRun {
  readonly session: ClusterSession;
  /** As it is stored now; undefined when there is none. */
  readonly ledger: LedgerRead | undefined;
}

interface Ended {
  readonly configDirectory: string;
  readonly environment: ClusterEnvironment;
  /** Undefined: the configuration does not load, so nobody knows where to look. */
  readonly desired: DesiredState | undefined;
  /** Undefined: the lock was not to be had. */
  readonly run: ObservingRun | undefined;
  readonly diagnostics: Diagnostics;
}

/** Call after the lock is released: that may find something, too. */
export async function observingOutcome({ configDirectory, environment, desired, run, diagnostics }: Ended): Promise<StatusOutcome> {
  if (desired === undefined) return statusOutcome(configDirectory, undefined, undefined, diagnostics);
  if (run === undefined) return statusOutcome(desired.configDirectory, await observeState(desired, environment), undefined, diagnostics);
  const { session, ledger } = run;
  const observed = stateObservations(session.store, { ledger, ownLockId: session.lockId }, environment.clock);
  return statusOutcome(desired.configDirectory, observed, ledger?.ledger, diagnostics);
}
