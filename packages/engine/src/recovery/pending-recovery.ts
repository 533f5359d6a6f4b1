import { RecoveryRequiredError } from "../errors.js";
import type { WriteCoordinator } from "../transaction/write-coordinator.js";
import type { SidecarStore } from "./sidecar-store.js";

interface PendingParts {
  readonly sidecars: SidecarStore;
  readonly writer: WriteCoordinator;
}

/**
 * For operations that neither heal nor may meet an interrupted write: optimize, repair, cleanup (RC-84). Waits for writers at work,
 * whose sidecars look the same.
 *
 * @param operation as messages call it
 * @throws RecoveryRequiredError while the sidecar of an interrupted write exists, on whatever branch, readable or not; WriterBusyError
 */
export async function refusePendingRecovery({ sidecars, writer }: PendingParts, operation: string): Promise<void> {
  if ((await sidecars.list()).length === 0) return;
  const [operationId] = await writer.whileNobodyWrites(() => sidecars.list());
  if (operationId !== undefined) {
    throw new RecoveryRequiredError(operationId, `${operation} is refused while the recovery of an interrupted write is pending`);
  }
}
