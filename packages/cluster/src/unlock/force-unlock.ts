import { isOmniError } from "@omnigraphdb/common";
import { loadClusterHeader } from "../config/load-cluster-header.js";
import { type ClusterDiagnostic, Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { problemDiagnostic } from "../diagnostics/problem-diagnostic.js";
import { isLedgerRead, readLedger } from "../ledger/read-ledger.js";
import { type LockRead, readLock } from "../lock/cluster-lock.js";
import { describeLock } from "../lock/lock-text.js";
import type { VerbOptions } from "../run/cluster-environment.js";
import { openStoreOf } from "../run/open-store.js";
import { observeState, type StateObservations, stateObservations } from "../status/state-observations.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";

export interface ForceUnlockOptions extends VerbOptions {
  /** The exact id of the lock to remove. */
  readonly lockId: string;
}

export interface ForceUnlockOutcome {
  readonly isOk: boolean;
  readonly configDirectory: string;
  /** After the attempt. Absent when the configuration does not even say where the state lies. */
  readonly stateObservations?: StateObservations;
  readonly isLockRemoved: boolean;
  readonly diagnostics: readonly ClusterDiagnostic[];
}

/**
 * Removes the lock of a command that no longer runs, if its id is exactly the given one (cluster.md 7.5). Nobody but a human can judge
 * that (7.4). In every failing case the lock is untouched; nothing else is ever changed.
 */
export async function forceUnlock({ configDirectory, environment, lockId }: ForceUnlockOptions): Promise<ForceUnlockOutcome> {
  const diagnostics = new Diagnostics();
  const header = await loadClusterHeader(configDirectory, diagnostics);
  if (header === undefined) return { isOk: false, configDirectory, isLockRemoved: false, diagnostics: diagnostics.list() };
  const ended = { configDirectory: header.configDirectory, isLockRemoved: false };
  const store = await openStoreOf(header, environment, diagnostics);
  if (store === undefined) return { ...ended, isOk: false, stateObservations: await observeState(header, environment), diagnostics: diagnostics.list() };

  const [read, found] = await Promise.all([readLedger(store), readLock(store)]);
  const failure = findObstacle(store, found, lockId, environment.clock) ?? (await removeLock(store));
  if (failure !== undefined) diagnostics.add(failure);
  const isLockRemoved = failure === undefined;
  const observed = stateObservations(store, { ledger: isLedgerRead(read) ? read : undefined, lock: isLockRemoved ? { kind: "free" } : found }, environment.clock);
  return { ...ended, isOk: isLockRemoved, stateObservations: observed, isLockRemoved, diagnostics: diagnostics.list() };
}

function findObstacle({ layout }: ClusterStore, found: LockRead, lockId: string, clock: ForceUnlockOptions["environment"]["clock"]): ClusterDiagnostic | undefined {
  const path = shownLocation(layout.lock);
  switch (found.kind) {
    case "free":
      return diagnostic("state_lock_missing", path, "the cluster is not locked: there is nothing to remove.");
    case "unusable":
      return problemDiagnostic({ ...found.problem, path });
    case "held":
      if (found.lock.lockId === lockId) return undefined;
      return diagnostic("state_lock_id_mismatch", path, `${describeLock(found.lock, clock)}, not '${lockId}'. Only when you are certain that it no longer runs, name the id of that lock.`);
  }
}

async function removeLock({ objects, layout }: ClusterStore): Promise<ClusterDiagnostic | undefined> {
  try {
    await objects.delete(layout.lock);
    return undefined;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return diagnostic("state_lock_error", shownLocation(layout.lock), `the lock could not be removed: ${error.message}. Check the storage and its permissions, then run the command again.`);
  }
}
