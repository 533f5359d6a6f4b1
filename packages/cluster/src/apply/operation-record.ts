/** The sidecar of one graph operation, from before its first effect until the ledger records its end (cluster.md 10.3). */
import type { RecoverySidecar } from "../recovery/recovery-sidecar.js";
import { deleteSidecar, writeSidecar } from "../recovery/sidecar-store.js";
import { timestampOf } from "../timestamps.js";
import type { ApplyContext } from "./apply-context.js";

export interface GraphOperation {
  readonly kind: RecoverySidecar["kind"];
  readonly graphId: string;
  /** Null: not known. */
  readonly observedManifestVersion: number | null;
  /** Empty for a delete. */
  readonly desiredSchemaDigest: string;
  /** For a delete: the approval it consumes. */
  readonly approvalId: string | null;
}

/** @returns undefined after adding `recovery_sidecar_write_error`: then nothing may be done to the graph */
export async function beginOperation({ session, actor, stateCas, diagnostics }: ApplyContext, operation: GraphOperation): Promise<RecoverySidecar | undefined> {
  const { store, environment } = session;
  const sidecar: RecoverySidecar = {
    operationId: environment.ids.ulid(),
    startedAt: timestampOf(environment.clock),
    actor,
    graphUri: store.layout.graphRoot(operation.graphId),
    expectedManifestVersion: null,
    stateCasBase: stateCas,
    ...operation,
  };
  const failure = await writeSidecar(store, sidecar);
  if (failure === undefined) return sidecar;
  diagnostics.add(failure);
  return undefined;
}

/**
 * Adds the version that the engine answered with. It informs people, no decision depends on it: so a sidecar that cannot be rewritten is
 * a warning.
 */
export async function noteVersion({ session, diagnostics }: ApplyContext, sidecar: RecoverySidecar, version: number): Promise<RecoverySidecar> {
  const noted = { ...sidecar, expectedManifestVersion: version };
  const failure = await writeSidecar(session.store, noted);
  if (failure !== undefined) diagnostics.add({ ...failure, severity: "warning" });
  return noted;
}

/** The operation had no effect, provably: its sidecar goes at once (cluster.md 10.6), or stays with `recovery_sidecar_cleanup_failed`. */
export async function withdrawOperation({ session, diagnostics }: ApplyContext, sidecar: RecoverySidecar): Promise<void> {
  const failure = await deleteSidecar(session.store, sidecar.operationId);
  if (failure !== undefined) diagnostics.add(failure);
}
