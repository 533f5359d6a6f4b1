import type { AcceptedSchema } from "@omnigraphdb/compiler";
import type { GraphCommit } from "../manifest/graph-commit.js";
import type { Snapshot } from "../manifest/snapshot.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import type { StagedWrite } from "./staged-write.js";

/** Everything a write captured from one accepted view (W6); it is judged against this and nothing newer. */
export interface WriteView {
  readonly snapshot: Snapshot;
  readonly schema: AcceptedSchema;
  /** Opens the type's dataset at the version the view pins. */
  openType(typeKey: string): Promise<PinnedDataset>;
}

export interface WriteOptions {
  /** Null = main. */
  readonly branch: string | null;
  readonly actorId: string | null;
  /** The branch head must still be this commit (OCC-10). */
  readonly ifCommit?: string;
  readonly signal?: AbortSignal;
}

/** What preparation yields: effects to publish, or none (a mutation that matched nothing), and the caller's own result. */
export interface PreparedWrite<T> {
  readonly staged: StagedWrite | undefined;
  readonly result: T;
}

export interface WriteOutcome<T> {
  readonly result: T;
  /** The commit published by this write; null when nothing was staged. */
  readonly commit: GraphCommit | null;
}

/** The door through which mutations and loads become commits: steps W3 … W16. */
export interface WriteCoordinator {
  /**
   * Captures a view, calls `prepare`, and publishes what it staged as one commit.
   *
   * `prepare` runs before any gate is held and touches no dataset. It is called again, up to 32 times, when the head
   * moved meanwhile and everything staged is non-strict (OCC-4); otherwise a moved head is a conflict.
   */
  write<T>(options: WriteOptions, prepare: (view: WriteView) => Promise<PreparedWrite<T>>): Promise<WriteOutcome<T>>;
}
