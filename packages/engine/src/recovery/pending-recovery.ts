import { RecoveryRequiredError } from "../errors.js";
import type { SidecarStore } from "./sidecar-store.js";

/**
 * For operations that neither heal nor may meet an interrupted write: optimize, repair, cleanup (RC-84).
 *
 * @param operation as messages call it
 * @throws RecoveryRequiredError while any sidecar exists, on whatever branch, readable or not
 */
export async function refusePendingRecovery(sidecars: SidecarStore, operation: string): Promise<void> {
  const [operationId] = await sidecars.list();
  if (operationId !== undefined) {
    throw new RecoveryRequiredError(operationId, `${operation} is refused while the recovery of an interrupted write is pending`);
  }
}
