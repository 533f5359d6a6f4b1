import type { AcceptedSchema } from "@omnigraphdb/compiler";
import type { GraphCommit } from "../manifest/graph-commit.js";
import type { BranchState } from "../manifest/manifest.js";
import type { Snapshot } from "../manifest/snapshot.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import type { StagedWrite } from "./staged-write.js";

/** Everything a write captured from one accepted view (W6); it is judged against this and nothing newer. */
export interface WriteView {
  readonly snapshot: Snapshot;
  readonly schema: AcceptedSchema;
  /** The head in full: its pins say more than the entries of the snapshot. */
  readonly state: BranchState;
  /** Opens the type's dataset at the version the view pins. */
  openType(typeKey: string): Promise<PinnedDataset>;
}

export interface WriteOptions {
  /** Null = main. */
  readonly branch: string | null;
  /** Only this incarnation of the branch is meant, whatever branch has its name now (BR-6). Default: the present one. */
  readonly incarnation?: string | undefined;
  readonly actorId: string | null;
  /** What the caller does, as messages name it: `load`, `mutate`, `branch_merge`. Default `write`. */
  readonly operation?: string;
  /**
   * `schema` is for the schema apply alone: it holds the schema gate and the branch gate from before the preparation, and is
   * not refused while a schema apply is registered (SA-3), since that is its own. Default `branch`: the branch gate, from W9 on.
   */
  readonly gates?: "branch" | "schema";
  /**
   * Entered once all gates and the lease are held and the head is still the captured one; left before they are given back. What it
   * throws fails the write, without any effect.
   */
  readonly guard?: () => Promise<AsyncDisposable>;
  /**
   * What is prepared will give a footprint (WR-11): then nothing is waited for before the preparation, since it may join whoever is at work.
   */
  readonly isSharing?: boolean;
  /** The branch head must still be this commit (OCC-10). */
  readonly ifCommit?: string;
  readonly signal?: AbortSignal;
}

/** What preparation yields: something to publish, or nothing (a mutation that matched nothing), and the caller's own result. */
export interface PreparedWrite<T> {
  readonly staged: StagedWrite | undefined;
  readonly result: T;
}

export interface WriteOutcome<T> {
  readonly result: T;
  /** The commit published by this write; null when nothing was staged, or when maintenance found nothing to change. */
  readonly commit: GraphCommit | null;
}

/** The one door through which changes become commits: steps W3 … W16. */
export interface WriteCoordinator {
  /**
   * Captures a view, calls `prepare`, and publishes what it staged as one commit.
   *
   * `prepare` touches no dataset and acquires no gate. It is called again, up to 32 times, when the head moved meanwhile and
   * everything staged is non-strict (OCC-4); otherwise a moved head is a conflict. Merges and schema applies are always strict.
   *
   * @throws SchemaApplyInProgressError, RecoveryRequiredError, WriterBusyError, PreconditionFailedError, DatasetDriftError and
   *   conflicts, all before any effect; RecoveryRequiredError with `effects: "possible"` after one
   */
  write<T>(options: WriteOptions, prepare: (view: WriteView) => Promise<PreparedWrite<T>>): Promise<WriteOutcome<T>>;
  /**
   * Runs `run` while the writers of all branches wait; without leases only those of this process. Neither called with a gate held,
   * nor calling back.
   *
   * @throws WriterBusyError
   */
  whileNobodyWrites<T>(run: () => Promise<T>): Promise<T>;
}
