import type { AccessPath } from "../exec/trace.js";

export type ExplainOperator = "scan" | "expand" | "close" | "filter" | "textMatch" | "antiJoin" | "cross" | "rank" | "aggregate" | "sort" | "limit" | "project";

/** What one step did, measured. Rows and times of a step are those of all its calls together. */
export interface MeasuredStep {
  readonly inputRows: number;
  readonly outputRows: number;
  /** Milliseconds spent in this step and in nothing below it. Null when it ran as part of the step around or before it. */
  readonly elapsedMs: number | null;
  /** Read from storage for this step, as bytes in memory. */
  readonly bytesRead: number;
  /** Columns, topology and indexes that were in memory, and that were not. */
  readonly cacheHits: number;
  readonly cacheMisses: number;
}

/** One step of a plan as it is executed. */
export interface ExplainStep {
  readonly operator: ExplainOperator;
  /** Variable that the step binds, without `$`; null when it binds none, or one that the query does not name. */
  readonly variable: string | null;
  /** Node type, or edge type of a traversal. */
  readonly type: string | null;
  /** What it does, in one line of query language. */
  readonly description: string;
  /** Conditions that rows must satisfy in this step, all of them. */
  readonly conditions: readonly string[];
  /** Rows that are expected to leave the step, by statistics; at least 0, not rounded. */
  readonly estimatedRows: number;
  /** How it reaches its data; null when it needs none of its own. */
  readonly access: AccessPath | null;
  /** Null without analyze, and for a step that no row reached. */
  readonly measured: MeasuredStep | null;
  /** Steps of a negation, or of the component that a cross product pairs rows with, in execution order. */
  readonly children: readonly ExplainStep[];
}

/** Totals of an analyzed run. */
export interface MeasuredRun {
  readonly rowCount: number;
  /** From the resolved snapshot to the finished rows, waiting included. */
  readonly elapsedMs: number;
  /** Of these, waiting for storage. */
  readonly loadMs: number;
  readonly bytesRead: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** The most that intermediate results held at once. */
  readonly memoryPeakBytes: number;
}

/** How a read is executed. */
export interface Explanation {
  readonly queryName: string;
  /** Exactly one is set. */
  readonly target: { readonly branch: string | null; readonly snapshot: string | null };
  readonly graphCommitId: string;
  /** In execution order. */
  readonly steps: readonly ExplainStep[];
  /** Null without analyze. */
  readonly measured: MeasuredRun | null;
}
