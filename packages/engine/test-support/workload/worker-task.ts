/** What a process of a workload does. */
export interface WorkerTask {
  readonly root: string;
  /** Starts every name it makes; no two workers share it. */
  readonly name: string;
  readonly seed: number;
  readonly isLeased: boolean;
  readonly writerWaitMs?: number;
  readonly leaseTermMs?: number;
  readonly leaseRenewalMs?: number;
  /** `writes`: loads and mutations; `branches`: merges and short-lived branches too; `schema`: schema changes instead. */
  readonly mix: "writes" | "branches" | "schema";
  /** At least `main`. */
  readonly branches: readonly string[];
  /** Absent: until it is killed. */
  readonly operationCount?: number;
}

/** One thing the engine said it did. */
export type Acknowledgement =
  | { readonly op: "add"; readonly name: string; readonly branch: string; readonly commit: string }
  | { readonly op: "age"; readonly name: string; readonly branch: string; readonly age: number }
  | { readonly op: "gone"; readonly name: string; readonly branch: string }
  | { readonly op: "merge"; readonly source: string; readonly target: string }
  | { readonly op: "create"; readonly branch: string; readonly from: string }
  | { readonly op: "delete"; readonly branch: string }
  | { readonly op: "schema" };

/** Somebody else was first. */
export const RETRIED_CODES: readonly string[] = [
  "READ_SET_CHANGED",
  "PUBLISHED_DATASET_VERSION_MISMATCH",
  "ROW_LEVEL_CAS_CONTENTION",
  "WRITER_BUSY",
  "BRANCH_NOT_FOUND",
  "SCHEMA_APPLY_IN_PROGRESS",
  "SCHEMA_APPLY_OUTRUN",
  "LOAD_SCHEMA_CHANGED",
];

/** Something interrupted is pending that only an open may undo. */
export const REOPENED_CODES: readonly string[] = ["RECOVERY_REQUIRED", "DATASET_DRIFT", "DATASET_BEHIND_MANIFEST"];
