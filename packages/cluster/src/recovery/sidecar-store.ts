import { isOmniError } from "@omnigraphdb/common";
import { type ClusterDiagnostic, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { problemDiagnostic } from "../diagnostics/problem-diagnostic.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";
import { readSidecars, type Sidecars } from "./read-sidecars.js";
import { encodeSidecar, type RecoverySidecar } from "./recovery-sidecar.js";

/**
 * Writes the record of a graph operation: before the operation, and again with its result (cluster.md 10.3). Only under the lock.
 *
 * @returns `recovery_sidecar_write_error`, after which the operation must not begin; or undefined when the record is stored
 */
export async function writeSidecar({ objects, layout }: ClusterStore, sidecar: RecoverySidecar): Promise<ClusterDiagnostic | undefined> {
  const uri = layout.recoverySidecar(sidecar.operationId);
  try {
    await objects.writeText(uri, encodeSidecar(sidecar));
    return undefined;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return diagnostic("recovery_sidecar_write_error", shownLocation(uri), `the recovery record of this ${sidecar.kind} could not be written: ${error.message}. Check the storage, then run the command again.`);
  }
}

/** Idempotent. @returns the warning `recovery_sidecar_cleanup_failed`: the next sweep finds and settles it */
export async function deleteSidecar({ objects, layout }: ClusterStore, operationId: string): Promise<ClusterDiagnostic | undefined> {
  const uri = layout.recoverySidecar(operationId);
  try {
    await objects.delete(uri);
    return undefined;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return diagnostic("recovery_sidecar_cleanup_failed", shownLocation(uri), `the recovery record is settled, but could not be removed: ${error.message}. The next apply, refresh or import removes it.`);
  }
}

/** What commands say that do not settle anything themselves: `plan` and `status` (cluster.md 10.4). All of them are warnings. */
export async function warnOfSidecars(store: ClusterStore): Promise<readonly ClusterDiagnostic[]> {
  return sidecarWarnings(await readSidecars(store), store);
}

export function sidecarWarnings({ pending, problems }: Sidecars, { layout }: Pick<ClusterStore, "layout">): readonly ClusterDiagnostic[] {
  return [
    ...problems.map((problem) => problemDiagnostic({ ...problem, path: shownLocation(problem.path) }, { severity: "warning" })),
    ...pending.map(({ kind, graphId, operationId, startedAt }) => {
      const graph = graphId === undefined ? "an unnamed graph" : `graph '${graphId}'`;
      const path = shownLocation(layout.recoverySidecar(operationId));
      return diagnostic("cluster_recovery_pending", path, `a ${kind} of ${graph}, begun at ${startedAt}, was not confirmed. 'omnigraph cluster apply' and 'omnigraph cluster refresh' settle it first.`);
    }),
  ];
}
