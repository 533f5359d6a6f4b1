import type { GraphCommit } from "./commit.js";

export type LoadMode = "overwrite" | "append" | "merge";

/** Whether vectors that a record leaves out are computed from the text their `@embed` names. */
export type LoadEmbedding = "missing" | "none";

export interface LoadProgress {
  readonly recordCount: number;
  readonly byteCount: number;
  readonly phase: "reading" | "validating" | "writing";
}

export interface LoadedType {
  readonly name: string;
  readonly entitiesLoaded: number;
}

export interface LoadReceipt {
  readonly branch: string;
  /** Where a missing branch was to be created from, as given. */
  readonly baseBranch: string | null;
  readonly branchCreated: boolean;
  readonly mode: LoadMode;
  /** Ascending by name; only types named by a record. */
  readonly nodes: readonly LoadedType[];
  readonly edges: readonly LoadedType[];
  readonly totalEntities: number;
  readonly actorId: string | null;
  readonly commit: GraphCommit;
}
