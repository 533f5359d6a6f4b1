import type { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import type { ClusterEnvironment, ClusterLocation, ClusterSession, LockingOperation } from "../run/cluster-environment.js";
import { openStoreOf } from "../run/open-store.js";
import { acquireLock, releaseLock } from "./hold-lock.js";

/**
 * Runs `run` under the cluster's lock (cluster.md §7): opens the store, takes the lock at once or not at all, and releases it on every
 * path, also when `run` throws. An aborted `environment.signal` stops it before the lock is taken; within, `run` looks at the signal.
 *
 * Read `diagnostics` after this has returned: releasing may add to them.
 *
 * @returns what `run` returned; undefined when it did not run, the reason being among `diagnostics`: `storage_root_invalid`,
 *   `state_lock_held`, `state_lock_error`
 * @throws CancelledError, and whatever `run` throws
 */
export async function withClusterLock<T>(
  location: ClusterLocation,
  operation: LockingOperation,
  environment: ClusterEnvironment,
  diagnostics: Diagnostics,
  run: (session: ClusterSession) => Promise<T>,
): Promise<T | undefined> {
  const store = await openStoreOf(location, environment, diagnostics);
  if (store === undefined) return undefined;
  environment.onProgress?.({ phase: "lock", done: 0, total: 1 });
  const lock = await acquireLock(store, location, operation, environment, diagnostics);
  if (lock === "refused") return undefined;
  try {
    environment.onProgress?.({ phase: "lock", done: 1, total: 1 });
    return await run({ store, lockId: lock?.lockId, environment });
  } finally {
    if (lock !== undefined) diagnostics.addAll(await releaseLock(store, lock, location));
  }
}
