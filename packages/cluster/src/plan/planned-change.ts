/** What a plan says (cluster.md §8): values only, in the words of the specification. */
import type { MigrationStep } from "@omnigraphdb/compiler";
import type { Approval } from "../approvals/approval.js";
import type { DesiredState } from "../config/desired-state.js";
import type { ClusterDiagnostic } from "../diagnostics/cluster-diagnostic.js";
import type { Ledger } from "../ledger/ledger.js";

/** The difference of one resource between what is declared and what the ledger records (cluster.md §8.1). */
export interface ResourceChange {
  /** Address. */
  readonly resource: string;
  readonly operation: "create" | "update" | "delete";
  /** As recorded; absent for a create. */
  readonly beforeDigest?: string;
  /** As declared; absent for a delete. */
  readonly afterDigest?: string;
  /** A policy whose recorded targets differ from the declared ones, or are not recorded: whether or not its content changed too. */
  readonly isBindingChange: boolean;
  /** What differs while the content is the same. */
  readonly metadataChange?: "policy_bindings" | "embedding_profile";
  /** A graph that was deployed and whose root vanished: the one that is created in its place is empty (cluster.md §11.7, C7). */
  readonly recreatesVanishedGraph: boolean;
}

/** Why a change waits (cluster.md §8.2). Also the condition of a resource that is `blocked`. */
export type BlockReason = "cluster_recovery_pending" | "approval_required" | "dependency_not_applied" | FailureReason;

/** Of the resource whose step failed during an apply. */
export type FailureReason = "graph_create_failed" | "schema_apply_failed" | "graph_delete_failed";

/** What apply does with a change (cluster.md §8.2). */
export type Decision =
  /** apply executes it */
  | { readonly disposition: "applied"; readonly reason?: never }
  /** a graph composite that follows what is below it */
  | { readonly disposition: "derived"; readonly reason?: never }
  /** this version cannot do it */
  | { readonly disposition: "deferred"; readonly reason: "apply_unsupported_kind" }
  /** it waits */
  | { readonly disposition: "blocked"; readonly reason: BlockReason };

export interface MigrationPreview {
  readonly supported: boolean;
  /** In the order in which they would be applied. */
  readonly steps: readonly MigrationStep[];
}

/** How a file differs from what is deployed. */
export interface ContentChange {
  readonly addedLines: number;
  readonly removedLines: number;
}

export type PlannedChange = ResourceChange & Decision & ChangePreview;

/** What a plan adds by looking at what is deployed, where it can. */
interface ChangePreview {
  /** Of a schema update. */
  readonly migration?: MigrationPreview;
  /** Of an update of a query or policy. */
  readonly contentChange?: ContentChange;
}

export interface PlanInput {
  readonly desired: Pick<DesiredState, "configDigest" | "resources" | "dependencies">;
  /** Undefined: there is none, so everything declared is created. */
  readonly ledger: Ledger | undefined;
  /** Ids of the graphs for which a recovery record was kept. */
  readonly pendingGraphs: ReadonlySet<string>;
  readonly approvals: readonly Approval[];
}

/** A change that needs a recorded approval (cluster.md §8.4). */
export interface ApprovalGate {
  readonly resource: string;
  /** For people: what would be lost. */
  readonly reason: string;
  readonly satisfied: boolean;
  /** Of the approval that satisfies it; the oldest when there are several. */
  readonly approvalId?: string;
}

export interface BlastRadius {
  readonly resource: string;
  /** Addresses of what needs the resource directly, ascending. */
  readonly affected: readonly string[];
}

/** Everything is in ascending order of addresses. The same input gives the same plan, byte for byte. */
export interface ChangePlan {
  readonly changes: readonly PlannedChange[];
  readonly blastRadius: readonly BlastRadius[];
  readonly approvalsRequired: readonly ApprovalGate[];
  /** `approval_stale`. */
  readonly diagnostics: readonly ClusterDiagnostic[];
}
