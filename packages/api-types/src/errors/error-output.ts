import type { ErrorCategory } from "@omnigraphdb/common";
import type { MergeConflictOutput } from "../wire/branch.js";
import type { EntityKindOutput } from "../wire/entity.js";

/** Closed set of the protocol; conditions that are newer leave `code` out (3.1). */
export type ErrorCode = "unauthorized" | "forbidden" | "bad_request" | "not_found" | "method_not_allowed" | "conflict" | "too_many_requests" | "internal";

export interface PublishedDatasetVersionConflictOutput {
  readonly entity_kind: EntityKindOutput;
  readonly type_name: string;
  readonly expected_published_dataset_version: number;
  readonly actual_published_dataset_version: number;
}

export interface ReadSetConflictOutput {
  readonly member: string;
  readonly expected: string | null;
  readonly actual: string | null;
}

export interface KeyConflictOutput {
  readonly entity_kind: EntityKindOutput;
  readonly type_name: string;
  readonly entity_id?: string;
}

export interface ResourceLimitOutput {
  readonly resource: string;
  readonly limit: number;
  readonly actual: number;
}

/** Half-open. */
export interface BlobRangeOutput {
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

export interface ExternalBlobSourceOutput {
  readonly uri: string;
  readonly reason: string;
}

export interface RecoveryRequiredOutput {
  readonly operation_id: string;
}

export interface WriterBusyOutput {
  readonly waited_ms: number;
}

export interface GraphUnavailableOutput {
  readonly graph_id: string;
  readonly reason: string;
}

export interface PreconditionFailureOutput {
  readonly expected: string;
  /** Left out when the branch has no commit. */
  readonly actual?: string;
}

export interface ChangeFeedGapOutput {
  readonly cursor?: string;
  readonly first_unreadable_commit_id: string;
}

export type ChangeDiffRefusalReason = "parentless_commit" | "schema_boundary" | "unknown";

export interface ChangeDiffRefusalOutput {
  readonly reason: ChangeDiffRefusalReason;
  readonly graph_commit_id: string;
  readonly type_name?: string;
}

/**
 * The body of every failure (3.1). `error_code` and everything behind it are additions of ours: what an embedded call would have thrown,
 * so that a client can throw the same.
 */
export interface ErrorOutput {
  readonly error: string;
  readonly code?: ErrorCode;
  readonly merge_conflicts?: readonly MergeConflictOutput[];
  readonly published_dataset_version_conflict?: PublishedDatasetVersionConflictOutput;
  readonly read_set_conflict?: ReadSetConflictOutput;
  readonly key_conflict?: KeyConflictOutput;
  readonly resource_limit?: ResourceLimitOutput;
  readonly blob_range?: BlobRangeOutput;
  readonly external_blob_source?: ExternalBlobSourceOutput;
  readonly recovery_required?: RecoveryRequiredOutput;
  readonly writer_busy?: WriterBusyOutput;
  readonly graph_unavailable?: GraphUnavailableOutput;
  readonly precondition_failure?: PreconditionFailureOutput;
  readonly change_feed_gap?: ChangeFeedGapOutput;
  readonly change_diff_refusal?: ChangeDiffRefusalOutput;
  /** Stable code of `docs/reference/errors.md`, such as `KEY_CONFLICT`. */
  readonly error_code?: string;
  readonly category?: ErrorCategory;
  /** What to do next. */
  readonly hint?: string;
  /** Only when something may have been left behind. */
  readonly effects?: "possible";
  /** Whether sending the whole request again is safe and may succeed. */
  readonly retryable?: boolean;
  /** Facts that no member above has. */
  readonly details?: Readonly<Record<string, unknown>>;
}
