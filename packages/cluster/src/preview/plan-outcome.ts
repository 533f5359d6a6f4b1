import type { Dependency } from "../config/desired-state.js";
import type { ClusterDiagnostic } from "../diagnostics/cluster-diagnostic.js";
import type { ApprovalGate, BlastRadius, PlannedChange } from "../plan/planned-change.js";
import type { StateObservations } from "../status/state-observations.js";

/** What `cluster plan` reports (cluster.md §13.2). Lists are in ascending order of addresses. */
export interface PlanOutcome {
  /** No finding is an error. */
  readonly isOk: boolean;
  /** Absolute, unless it does not exist. */
  readonly configDirectory: string;
  /** Undefined when the configuration has errors. */
  readonly configDigest?: string;
  /** Of what is declared. */
  readonly resourceDigests: ReadonlyMap<string, string>;
  readonly dependencies: readonly Dependency[];
  /** Undefined when the configuration does not lead to a storage root. */
  readonly stateObservations: StateObservations | undefined;
  readonly changes: readonly PlannedChange[];
  readonly blastRadius: readonly BlastRadius[];
  readonly approvalsRequired: readonly ApprovalGate[];
  readonly diagnostics: readonly ClusterDiagnostic[];
}
