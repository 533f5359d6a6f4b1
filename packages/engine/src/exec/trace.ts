import type { Operation, TraversalOperation } from "./prepared-plan.js";

/** How an execution reaches the data of a scan, a traversal or a ranking. */
export type AccessKind =
  /** Columns and key dictionary that are in memory. */
  | "memory"
  /** The rows of given keys, read by id from storage. */
  | "keySeek"
  /** A filter that storage evaluates. */
  | "pushedFilter"
  /** Whole columns, read from storage and kept. */
  | "columnLoad"
  /** Compressed adjacency in memory. */
  | "csr"
  /** Compressed adjacency, built from the edges or read from a cache file first. */
  | "csrBuild"
  /** Edges of the frontier, read through the index of an endpoint. */
  | "indexedSeek"
  | "vectorIndex"
  | "flatVectors"
  | "textIndex"
  | "nativeText"
  /** No row can qualify, so nothing is read. */
  | "nothing";

export interface AccessPath {
  readonly kind: AccessKind;
  /** For people. */
  readonly detail?: string;
}

export interface ReadMeasure {
  readonly rows: number;
  /** Memory of what was read, not of files. */
  readonly bytes: number;
  /** It was in memory already. */
  readonly isCached: boolean;
}

/** What comes after the match: it has no operation of the plan. */
export type FinalStep = "aggregate" | "sort" | "project";

/**
 * Collects what an execution did, for `explain` with `analyze`. Absent, it costs nothing. `at` is the slot of a variable, or the
 * traversal itself.
 */
export interface ExecutionTrace {
  access(at: number | TraversalOperation, path: AccessPath): void;
  read(at: number | TraversalOperation, measure: ReadMeasure): void;
  /** Work on behalf of `of` begins; until the matching `leave`, time counts for it and not for what was entered before. */
  enter(of: Operation | FinalStep): void;
  leave(): void;
  /** An attempt is given up and another one begins: rows and times of its steps do not count. */
  restart(): void;
  /** Rows that went into and came out of a step, added to those reported before. */
  rows(of: Operation | FinalStep, counts: { readonly input: number; readonly output: number }): void;
  /** The most memory that intermediate results needed at once. */
  memoryPeak(byteCount: number): void;
}
