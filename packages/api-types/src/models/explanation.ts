import type { ResolvedTarget } from "./read.js";

export type ExplainOperator = "scan" | "expand" | "close" | "filter" | "textMatch" | "antiJoin" | "cross" | "rank" | "aggregate" | "sort" | "limit" | "project";

export type AccessKind =
  | "memory"
  | "keySeek"
  | "pushedFilter"
  | "columnLoad"
  | "csr"
  | "csrBuild"
  | "indexedSeek"
  | "vectorIndex"
  | "flatVectors"
  | "textIndex"
  | "nativeText"
  | "nothing";

export interface AccessPath {
  readonly kind: AccessKind;
  /** For people. */
  readonly detail?: string;
}

export interface MeasuredStep {
  readonly inputRows: number;
  readonly outputRows: number;
  /** Null when it ran as part of the step around or before it. */
  readonly elapsedMs: number | null;
  readonly bytesRead: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
}

export interface ExplainStep {
  readonly operator: ExplainOperator;
  readonly variable: string | null;
  /** Node type, or edge type of a traversal. */
  readonly type: string | null;
  /** What it does, in one line of query language. */
  readonly description: string;
  readonly conditions: readonly string[];
  readonly estimatedRows: number;
  readonly access: AccessPath | null;
  readonly measured: MeasuredStep | null;
  readonly children: readonly ExplainStep[];
}

export interface MeasuredRun {
  readonly rowCount: number;
  readonly elapsedMs: number;
  readonly loadMs: number;
  readonly bytesRead: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly memoryPeakBytes: number;
}

/** How a read is executed. */
export interface Explanation {
  readonly queryName: string;
  readonly target: ResolvedTarget;
  readonly graphCommitId: string;
  /** In execution order. */
  readonly steps: readonly ExplainStep[];
  /** Null without analyze. */
  readonly measured: MeasuredRun | null;
}
