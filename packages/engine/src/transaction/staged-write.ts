import type { DatasetEffect } from "../storage/dataset-gateway.js";

/** Concurrency kind of a touched type (OCC-1). A type touched several times takes the strictest. */
export type WriteStrictness = "insert" | "merge" | "strict";

export interface StagedDatasetWrite {
  readonly typeKey: string;
  readonly strictness: WriteStrictness;
  /** In execution order; never empty and never effect-free (WR-9). */
  readonly effects: readonly DatasetEffect[];
  /** Rows of the type after the effects. */
  readonly entityCountAfter: number;
}

/**
 * Everything one mutation or load wants to change, gathered in memory or in staging files and fully validated: nothing
 * durable has happened yet. The committer turns it into one graph commit (WR-2).
 */
export interface StagedWrite {
  readonly writerKind: "Mutation" | "Load";
  /** Ascending by type key (AC-7). May be empty for a load, which always publishes (LD-5). */
  readonly datasets: readonly StagedDatasetWrite[];
}
