// Where a cluster lies
export { resolveStorageRoot } from "./storage/storage-root.js";
export { type ClusterStore, type ClusterStoreOptions, openClusterStore } from "./storage/cluster-store.js";
export type { ClusterLayout } from "./storage/cluster-layout.js";

// What it recorded
export type { ApprovalRecord, EmbeddingProfile, ExternalBlobPolicy, Ledger, LedgerResource, Observation, RecoveryRecord, ResourceStatus } from "./ledger/ledger.js";
export { readLedgerVersion } from "./ledger/read-ledger.js";
export { listSidecars } from "./recovery/read-sidecars.js";
export { encodeSidecar, type RecoverySidecar } from "./recovery/recovery-sidecar.js";
export { contentDigest } from "./digests.js";

// Serving
export { readServingSnapshot, type ServingSnapshotOptions } from "./serving/read-serving-snapshot.js";
export { type AppliedPolicyBinding, readAppliedPolicies } from "./serving/read-applied-policies.js";
export type { AppliedEmbedding, AppliedGraph, AppliedPolicy, ServingSnapshot } from "./serving/serving-snapshot.js";
export { findAppliedGraph, listAppliedGraphs } from "./serving/find-applied-graph.js";

// Stored queries
export { checkStoredQueryNames, type CompiledStoredQueries, compileStoredQueries, type StoredQueryFinding } from "./stored-queries/compile-stored-queries.js";
export { StoredQueryRegistry } from "./stored-queries/stored-query-registry.js";
export type { StoredQuery, StoredQueryParameter, StoredQuerySource } from "./stored-queries/stored-query.js";

// Failures
export { ClusterNotReadyError, type ClusterProblem, GraphNotAppliedError, StorageRootError } from "./cluster-problem.js";

// The old combined file
export { LegacyFileError } from "./legacy-file/errors.js";
export { readEnvFile } from "./legacy-file/env-file.js";
export { LEGACY_KEYS, type LegacyAlias, type LegacyFile, type LegacyGraph, type LegacyPath, type LegacyStoredQuery } from "./legacy-file/legacy-file.js";
export { refuseTopLevelBlocks, selectLegacyGraph } from "./legacy-file/legacy-selection.js";
export { readLegacyFile } from "./legacy-file/parse-legacy-file.js";

// The control plane: what a configuration directory declares, compared with and brought to what is deployed
export { type ClusterEnvironment, clusterEnvironment, type ClusterProgress, type VerbOptions } from "./run/cluster-environment.js";
export type { StateObservations } from "./status/state-observations.js";
export { type ClusterDiagnostic, type SourcePlace } from "./diagnostics/cluster-diagnostic.js";
export { DIAGNOSTIC_CODES } from "./diagnostics/diagnostic-codes.js";
export type { Dependency, DesiredResource } from "./config/desired-state.js";
export { validateCluster, type ValidateOutcome } from "./config/validate-cluster.js";
export type { ApprovalGate, BlastRadius, PlannedChange } from "./plan/planned-change.js";
export { planCluster } from "./preview/plan-cluster.js";
export type { PlanOutcome } from "./preview/plan-outcome.js";
export { applyCluster } from "./apply/apply-cluster.js";
export type { ApplyOutcome } from "./apply/apply-outcome.js";
export { approveChange, type ApproveOutcome } from "./approve/approve-change.js";
export { clusterStatus, type StatusOutcome } from "./status/cluster-status.js";
export { type RefreshOutcome, refreshCluster } from "./observe/refresh.js";
export { importCluster, type ImportOutcome } from "./observe/import.js";
export { forceUnlock, type ForceUnlockOutcome } from "./unlock/force-unlock.js";
