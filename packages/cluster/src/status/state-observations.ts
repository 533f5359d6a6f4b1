import { type Clock, sha256Digest } from "@omnigraphdb/common";
import { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { encodeLedger } from "../ledger/encode-ledger.js";
import type { Ledger } from "../ledger/ledger.js";
import { isLedgerRead, type LedgerRead, readLedger } from "../ledger/read-ledger.js";
import { type LockRead, readLock } from "../lock/cluster-lock.js";
import { lockAgeSeconds } from "../lock/lock-text.js";
import type { ClusterEnvironment, ClusterLocation } from "../run/cluster-environment.js";
import { openStoreOf } from "../run/open-store.js";
import { clusterLayout } from "../storage/cluster-layout.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";

/** What a command saw of the cluster's state (cluster.md 13.1). Absent members are unknown. */
export interface StateObservations {
  /** As people are shown locations (cluster.md 4.5). */
  readonly statePath: string;
  readonly lockPath: string;
  readonly stateFound: boolean;
  readonly appliedConfigDigest?: string;
  /** 0 without a ledger. */
  readonly stateRevision: number;
  /** `sha256:` and the hash of the ledger's text (cluster.md 6.5). */
  readonly stateCas?: string;
  readonly resourceCount: number;
  /** Another command, or a lock that cannot be read, keeps the cluster locked. The lock of this command does not count. */
  readonly locked: boolean;
  readonly lockId?: string;
  readonly lockAcquired: boolean;
  readonly acquiredLockId?: string;
  readonly lockOperation?: string;
  readonly lockCreatedAt?: string;
  readonly lockPid?: number;
  readonly lockAgeSeconds?: number;
}

export interface ObservedState {
  /** The ledger as it is stored now; undefined when there is none or it cannot be read. */
  readonly ledger?: LedgerRead | undefined;
  /** What `readLock` found; absent when the command holds the lock or did not look. */
  readonly lock?: LockRead;
  /** Of this command. */
  readonly ownLockId?: string | undefined;
}

export function stateObservations({ layout }: Pick<ClusterStore, "layout">, { ledger: read, lock, ownLockId }: ObservedState, clock: Clock): StateObservations {
  const ledger = read?.ledger;
  return {
    statePath: shownLocation(layout.ledger),
    lockPath: shownLocation(layout.lock),
    stateFound: read !== undefined,
    ...(ledger === undefined || ledger.configDigest === null ? {} : { appliedConfigDigest: ledger.configDigest }),
    stateRevision: ledger?.stateRevision ?? 0,
    ...(read === undefined ? {} : { stateCas: sha256Digest(read.text) }),
    resourceCount: ledger?.resources.size ?? 0,
    locked: lock !== undefined && lock.kind !== "free" && !(lock.kind === "unusable" && lock.problem.code === "state_lock_read_error"),
    lockAcquired: ownLockId !== undefined,
    ...(ownLockId === undefined ? {} : { acquiredLockId: ownLockId }),
    ...(lock?.kind === "held" ? holderOf(lock, clock) : {}),
  };
}

function holderOf({ lock }: Extract<LockRead, { kind: "held" }>, clock: Clock): Pick<StateObservations, "lockId" | "lockOperation" | "lockCreatedAt" | "lockPid" | "lockAgeSeconds"> {
  const age = lockAgeSeconds(lock.createdAt, clock);
  return { lockId: lock.lockId, lockOperation: lock.operation, lockCreatedAt: lock.createdAt, lockPid: lock.pid, ...(age === undefined ? {} : { lockAgeSeconds: age }) };
}

/**
 * The same for a command that got nowhere: it was refused the lock, or its store does not open. Looks at the ledger and the lock, and
 * never fails: what cannot be read is unknown.
 */
export async function observeState(location: ClusterLocation, environment: ClusterEnvironment): Promise<StateObservations> {
  const store = await openStoreOf(location, environment, new Diagnostics());
  if (store === undefined) return stateObservations({ layout: clusterLayout(location.storageRoot) }, {}, environment.clock);
  const [read, lock] = await Promise.all([readLedger(store), readLock(store)]);
  return stateObservations(store, { ...(isLedgerRead(read) ? { ledger: read } : {}), lock }, environment.clock);
}

/** A ledger that this command wrote, as if it had been read back. */
export function writtenLedger(ledger: Ledger): LedgerRead {
  return { ledger, text: encodeLedger(ledger) };
}
