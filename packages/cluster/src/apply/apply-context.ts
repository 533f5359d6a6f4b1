import { CancelledError } from "@omnigraphdb/common";
import type { DesiredState } from "../config/desired-state.js";
import type { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import type { RecoverySidecar } from "../recovery/recovery-sidecar.js";
import type { ClusterProgress, ClusterSession } from "../run/cluster-environment.js";

/** What every step of one apply has in common. */
export interface ApplyContext {
  readonly session: ClusterSession;
  readonly desired: DesiredState;
  /** Recorded wherever the run leaves a trace (cluster.md 11.8). */
  readonly actor: string | null;
  /** Of the ledger the run started from (cluster.md 6.5); kept in sidecars for whoever investigates. */
  readonly stateCas: string;
  readonly diagnostics: Diagnostics;
}

/** How work on one graph ended. What went wrong is among the diagnostics. */
export type GraphStep =
  /** The sidecar stays until the ledger records what was done. */
  | { readonly end: "done"; readonly sidecar: RecoverySidecar }
  | { readonly end: "failed" }
  /** Stopped by a test as by a crash: nothing more may happen in this run, and nothing is recorded. */
  | { readonly end: "crashed" };

export const FAILED: GraphStep = { end: "failed" };
export const CRASHED: GraphStep = { end: "crashed" };

export function reportProgress({ session }: ApplyContext, phase: ClusterProgress["phase"], done: number, total: number, resource?: string): void {
  session.environment.onProgress?.({ phase, done, total, ...(resource === undefined ? {} : { resource }) });
}

/**
 * Between two steps. What was done is not in the ledger then; its sidecars are what the next run finds and records.
 *
 * @param hasMovedGraphs whether this run has changed a graph
 * @throws CancelledError
 */
export function stopIfAborted({ session }: ApplyContext, hasMovedGraphs: boolean): void {
  const { signal } = session.environment;
  if (signal?.aborted !== true) return;
  throw new CancelledError("cluster apply", {
    cause: signal.reason,
    effects: hasMovedGraphs ? "possible" : "none",
    hint: hasMovedGraphs
      ? "Graphs were changed and the ledger does not record it yet. Run 'omnigraph cluster apply' again: it finds what was done, records it and continues."
      : "No graph was changed and nothing was recorded. Run 'omnigraph cluster apply' again.",
  });
}
