export { Graph } from "./graph.js";
export type {
  BranchCreated,
  BranchDeleted,
  BranchOptions,
  ExplainOptions,
  ExportOptions,
  LoadedType,
  LoadContent,
  LoadEmbedding,
  LoadInput,
  LoadMode,
  LoadOptions,
  LoadProgress,
  LoadReceipt,
  MutateOptions,
  MutationReceipt,
  QueryOptions,
  QueryResult,
  ReadTarget,
  ResultColumn,
} from "./graph-api.js";
export type { GraphComponents, ProcessIdentity } from "./graph-components.js";
export type { TraversalMode, TraversalSettings } from "./exec/query-tuning.js";
export type { GraphSettings, GraphSettingsInput, LeaseSettings } from "./graph-settings.js";
export type { InitOptions } from "./open/init-graph.js";
export type { OpenMode, OpenOptions } from "./open/open-graph.js";
export type { DatasetInfo, SnapshotInfo } from "./open/snapshot-info.js";
export { CURRENT_FORMAT_VERSION as INTERNAL_SCHEMA_VERSION } from "./manifest/format-version.js";
export type { GraphCommit } from "./manifest/graph-commit.js";
export type { Snapshot, SnapshotEntry } from "./manifest/snapshot.js";
export type { RecoveryKind, RecoveryOutcome } from "./manifest/manifest.js";
export type { RecoveryAudit } from "./recovery/recovery-audit.js";
export type { Durability } from "./storage/durability.js";
export { parseSettingsEnvironment } from "./settings-environment.js";
export { type S3Settings, parseS3Environment } from "./storage/s3-settings.js";
export { openObjectStore, type ObjectStoreOptions } from "./storage/open-object-store.js";
export type { ObjectStore } from "./storage/object-store.js";
export { isS3Uri, joinUri, normalizeUri } from "./storage/uri.js";
export type { GraphRepairOptions, OptimizeOptions } from "./graph-api.js";
export type { CleanedDataset, CleanupOptions, CleanupReport } from "./maintenance/cleanup.js";
export type { DriftClass } from "./maintenance/classify-drift.js";
export { ForceWithoutConfirmError, InvalidRetentionError } from "./maintenance/errors.js";
export type { PendingIndex } from "./maintenance/index-plan.js";
export type { EnsureIndicesReport, OptimizedDataset, OptimizeReport, PendingTypeIndex } from "./maintenance/optimize.js";
export type { RepairAction, RepairedDataset, RepairReport } from "./maintenance/repair.js";
export type { SkipReason } from "./maintenance/survey.js";

export type { PreparedQuery } from "./open/prepared-query.js";
export type { EntityJson } from "./open/read-entity.js";

// Columns and cells of results
export type { Column, ColumnKind } from "./columnar/column.js";
export { type CellJson, cellToJson } from "./result/cell-to-json.js";
export { type ResultRow, resultRows } from "./result/result-rows.js";

// Blobs
export type { BlobReader, BlobSelector } from "./blobs/read-blob.js";

// Explaining
export type { Explanation, ExplainOperator, ExplainStep, MeasuredRun, MeasuredStep } from "./explain/explanation.js";
export type { AccessKind, AccessPath } from "./exec/trace.js";

// Changes
export { isSnapshotText } from "./commit-graph/snapshot-id.js";
export type { BaselineChunk, BaselineHandshake, BaselineOptions } from "./changes/baseline.js";
export type { ChangeFilter } from "./changes/change-filter.js";
export type { ChangeFeedPage, ChangesOptions, FeedStart } from "./changes/change-feed.js";
export type { ChangeBlock, ChangeCause, ChangeOp, EntityChange, EntityImage, EntityKind } from "./changes/change.js";
export type { CommitChangesOptions, CommitChangesPage } from "./changes/commit-changes.js";
export type { DiffOptions, EntityDifference, GraphDiff } from "./changes/diff.js";
export type { PageSize } from "./changes/page.js";
export type { DiffTarget } from "./open/change-reader.js";

// Merging
export type { MergeOutcome } from "./merge/branch-merge.js";
export type { MergeConflict, MergeConflictKind } from "./merge/merge-conflict.js";
export type { MergeOptions, MergeReceipt } from "./merge/merge-branches.js";

// Embedding
export type { MakeEmbedder } from "./embedding/embedder.js";

// Failures
export { EmbedderMissingError, EmbeddingModelMismatchError } from "./embedding/errors.js";
export { BlobIntegrityError, BlobRangeNotSatisfiableError, BlobSelectorError } from "./blobs/errors.js";
export { ChangeCursorRejectedError, ChangeFeedGapError, type ChangeRefusalReason, ChangesRefusedError, InvalidChangeRequestError } from "./changes/errors.js";
export { UnknownExportTypeError } from "./export/errors.js";
export { LoadInputError, LoadRecordError, LoadRecordLimitError, LoadSchemaChangedError } from "./load/errors.js";
export { KeyUpdateError, MixedMutationError, MutationValueError } from "./mutate/errors.js";
export { ConstraintViolationError, HashCollisionError, KeyConflictError, UnsupportedConstraintError } from "./validate/errors.js";
export { InvalidMergeError, MergeConflictsError } from "./merge/errors.js";
export { EnvironmentError, RecoveryRequiredError, ResourceLimitExceededError } from "./errors.js";
export { MutationNotExplainedError } from "./explain/errors.js";
export { QueryRefusedError } from "./exec/errors.js";
export {
  BranchNotFoundError,
  FormatTooNewError,
  InternalBranchError,
  InvalidBranchNameError,
  ManifestCorruptError,
  ManifestInvariantError,
  PublishedDatasetVersionMismatchError,
  ReadSetChangedError,
  RowLevelCasContentionError,
  SchemaApplyInProgressError,
} from "./manifest/errors.js";
export { BranchExistsError, BranchInUseError, BranchNameConflictError, MainBranchError } from "./branches/errors.js";
export {
  BeforeFirstCommitError,
  CommitNotFoundError,
  GraphVersionNotFoundError,
  InvalidSnapshotIdError,
  ReadTargetConflictError,
  TypeNotInSnapshotError,
} from "./commit-graph/errors.js";
export {
  AlreadyInitializedError,
  GraphClosedError,
  GraphNotFoundError,
  GraphRelocatedError,
  InitializationClaimedError,
  InitializationCommittedError,
  InitializationIndeterminateError,
  ReadOnlyGraphError,
  WrongQueryKindError,
} from "./open/errors.js";
export { AuditUnreadableError, RecoveryAbortedError, SidecarUnreadableError, StagedSchemaConflictError } from "./recovery/errors.js";
export type { SchemaApplyOptions, SchemaApplyReceipt } from "./schema/apply/apply-schema.js";
export {
  SchemaApplyNeedsOnlyMainError,
  SchemaArtifactMissingError,
  SchemaChangeUnsupportedError,
  SchemaHistoryDamagedError,
} from "./schema/errors.js";
export { DatasetVersionMovedError, HistoricalVersionReclaimedError, StorageError, type StorageErrorKind } from "./storage/errors.js";
export {
  DatasetBehindManifestError,
  DatasetDriftError,
  ForkNamesTakenError,
  InvalidPreconditionError,
  PreconditionFailedError,
  SchemaApplyOutrunError,
  WriterBusyError,
} from "./transaction/errors.js";
