import type { ClusterDiagnostic } from "../diagnostics/cluster-diagnostic.js";
import type { ResourceStatus } from "../ledger/ledger.js";
import type { PlannedChange } from "../plan/planned-change.js";
import type { StateObservations } from "../status/state-observations.js";

/** What `cluster apply` reports (cluster.md 13.2). Whoever automates it looks at `isConverged`: a partial apply is no error. */
export interface ApplyOutcome {
  /** No finding is an error. */
  readonly isOk: boolean;
  /** Absolute, unless it does not exist. */
  readonly configDirectory: string;
  readonly actor?: string;
  /** Undefined when the configuration has errors. */
  readonly configDigest?: string;
  /** After the run. */
  readonly stateObservations: StateObservations | undefined;
  /** By address, with the dispositions that the run ended with. */
  readonly changes: readonly PlannedChange[];
  /** Changes that were carried out and are recorded. */
  readonly appliedCount: number;
  /** Deferred and blocked. */
  readonly deferredCount: number;
  /** The ledger equals the configuration. */
  readonly isConverged: boolean;
  readonly isStateWritten: boolean;
  /** As they are on disk, whatever was attempted; by address, ascending. */
  readonly resourceStatuses: ReadonlyMap<string, ResourceStatus>;
  readonly diagnostics: readonly ClusterDiagnostic[];
}
