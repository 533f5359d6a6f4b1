import { type Clock, Failpoints, type IdSource, randomIds, systemClock } from "@omnigraphdb/common";
import type { Durability, S3Settings } from "@omnigraphdb/engine";
import type { ClusterStore } from "../storage/cluster-store.js";

/** What a run of the control plane takes from the process around it. */
export interface ClusterEnvironment {
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Recorded in the lock. */
  readonly processId: number;
  readonly failpoints: Failpoints;
  /** Needed for `s3://` roots only. */
  readonly s3?: S3Settings;
  readonly durability: Durability;
  /** Aborted by SIGINT and SIGTERM: the run stops between two steps and releases its lock (cluster.md 4.4). */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: ClusterProgress) => void;
}

/** That of this process; what is given takes precedence. Durability is `power` (decision 0006), no S3 settings are known, nothing can abort the run. */
export function clusterEnvironment(given: Partial<ClusterEnvironment> = {}): ClusterEnvironment {
  return { clock: systemClock, ids: randomIds, processId: process.pid, failpoints: new Failpoints(), durability: "power", ...given };
}

export interface ClusterProgress {
  readonly phase: "load" | "lock" | "sweep" | "observe" | "plan" | "create" | "migrate" | "catalog" | "delete" | "ledger";
  /** Address of the resource that is being worked on. */
  readonly resource?: string;
  /** Units of this phase that are finished. */
  readonly done: number;
  readonly total: number;
}

export interface VerbOptions {
  readonly configDirectory: string;
  readonly environment: ClusterEnvironment;
  readonly actor?: string;
}

/** Where a cluster lies: the header of its configuration. */
export interface ClusterLocation {
  /** Absolute. */
  readonly configDirectory: string;
  /** Normalised. */
  readonly storageRoot: string;
  readonly isLockEnabled: boolean;
}

/** Commands that take the lock (cluster.md 7.1). */
export type LockingOperation = "plan" | "apply" | "approve" | "refresh" | "import";

/** A store under the lock of the cluster. */
export interface ClusterSession {
  readonly store: ClusterStore;
  /** Undefined with `state.lock: false`. */
  readonly lockId: string | undefined;
  readonly environment: ClusterEnvironment;
}
