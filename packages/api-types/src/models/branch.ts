import type { GraphCommit } from "./commit.js";
import type { EntityKind } from "./entity.js";

export interface BranchCreated {
  readonly uri: string;
  readonly name: string;
  readonly from: string;
  readonly actorId: string | null;
}

export interface BranchDeleted {
  readonly uri: string;
  readonly name: string;
  readonly actorId: string | null;
}

export type MergeOutcome = "already_up_to_date" | "fast_forward" | "merged";

export interface MergeReceipt {
  readonly source: string;
  readonly target: string;
  readonly outcome: MergeOutcome;
  readonly actorId: string | null;
  /** Its second parent is the source's commit; null when the target was up to date. */
  readonly commit: GraphCommit | null;
  /** Only when deletion was asked for. */
  readonly branchDeleted?: boolean;
  /** Why the source is still there. */
  readonly branchDeleteError?: string;
}

export type MergeConflictKind =
  | "divergent_insert"
  | "divergent_update"
  | "delete_vs_update"
  | "orphan_edge"
  | "unique_violation"
  | "cardinality_violation"
  | "value_constraint_violation";

export interface MergeConflict {
  readonly entityKind: EntityKind;
  readonly typeName: string;
  /** Null where no single entity is at fault. */
  readonly entityId: string | null;
  readonly kind: MergeConflictKind;
  readonly message: string;
}
