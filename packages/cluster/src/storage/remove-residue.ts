import { type Clock, isOmniError } from "@omnigraphdb/common";
import type { ClusterStore } from "./cluster-store.js";

/** Under the lock only those write who try to take it, or who renounce it; nothing they write takes as long. */
const RESIDUE_AGE_MS = 3_600_000;

/**
 * Removes what writers that were killed left beside the records of the cluster, on local storage: temporary files, which nobody reads.
 * Only under the lock. Best effort: what cannot be removed now is harmless, and tried again next time.
 */
export async function removeResidue({ objects, layout }: ClusterStore, clock: Clock): Promise<void> {
  for (const directory of [layout.controlDirectory, layout.recoveriesDirectory, layout.approvalsDirectory]) {
    try {
      await objects.removeResidue(directory, clock.nowMs() - RESIDUE_AGE_MS);
    } catch (error) {
      if (!isOmniError(error)) throw error;
    }
  }
}
