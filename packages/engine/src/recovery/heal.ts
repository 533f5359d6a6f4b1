import type { ManifestStore } from "../manifest/manifest-store.js";
import type { WriterLease } from "../transaction/writer-lease.js";
import type { DeferredOperation, Recovery } from "./recover.js";

interface HealParts {
  readonly lease: WriterLease;
  readonly recovery: Recovery;
  readonly manifest: ManifestStore;
}

interface Healed {
  /** Of the lease when the sidecars were settled. */
  readonly tenure: number | null;
  /** What could not be settled, oldest first. */
  readonly deferred: readonly DeferredOperation[];
}

/**
 * At the entry of every write and of every change of a branch: settles what interrupted writers left, as far as that is possible
 * beside running ones (RC-80), and in full after the lease was taken over from a dead process (LE-7).
 */
export async function heal(
  { lease, recovery, manifest }: HealParts,
  options: { readonly signal?: AbortSignal | undefined; readonly isRunningSkipped?: boolean } = {},
): Promise<Healed> {
  // Waiting here for other processes gives what is read next a chance to be the newest.
  const hold = await lease.acquire(options.signal);
  hold.release();
  const { takeoverCount, needsFullRecovery } = lease;
  let isUnchanged = false;
  try {
    const { hasActed, deferred } = await recovery.recover(needsFullRecovery ? "full" : "rollForwardOnly", options);
    if (needsFullRecovery) lease.markRecovered(takeoverCount);
    isUnchanged = !hasActed;
    return { tenure: hold.tenure, deferred };
  } finally {
    // Also when it failed half-way: what was read before may be outdated (CA-3).
    if (!isUnchanged) manifest.forget();
  }
}
