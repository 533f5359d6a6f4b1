import { VECTOR_EXACT_ROWS_MAX } from "../limits.js";

export type TraversalMode = "auto" | "indexed" | "csr";

/** How a traversal gets at its edges (EX-39, query specification §16). */
export interface TraversalSettings {
  /** Through the indexes of their endpoints, over the whole topology, or whichever costs less (`OMNIGRAPH_TRAVERSAL_MODE`). */
  readonly traversalMode: TraversalMode;
  /** Nodes of a hop up to which `auto` seeks (`OMNIGRAPH_EXPAND_INDEXED_MAX_FRONTIER`). */
  readonly indexedFrontierMax: number;
  /** Hops of a traversal up to which `auto` seeks (`OMNIGRAPH_EXPAND_INDEXED_MAX_HOPS`). */
  readonly indexedHopsMax: number;
}

/**
 * Sizes and cost estimates that shape execution. They never change a result: a property test runs the same queries under extreme values.
 * Costs are in milliseconds and rough; they only decide when a table starts to be held in memory.
 */
export interface QueryTuning extends TraversalSettings {
  /** Rows an operator's output is kept near: enough to amortise a call, few enough for the processor's cache. */
  readonly batchRows: number;
  /** Outer rows of a negation tested together. */
  readonly outerRows: number;
  /** Rows gathered beyond the limit before those that cannot be in the result are dropped. */
  readonly pruneRows: number;
  /** One native read. */
  readonly seekCost: number;
  /** Each id a native read looks up. */
  readonly seekIdCost: number;
  /** A native filter, per row it looks at. */
  readonly filterRowCost: number;
  /** Loading a column whole, per cell. */
  readonly loadCellCost: number;
  /** Making the words of a text property, per row. */
  readonly textRowCost: number;
  /** Candidates of a `nearest` up to which all are compared, index or not (query SR-17). */
  readonly vectorExactRows: number;
  /** Lists of a vector index that a search looks into, per square root of their number; enough of them make it exact. */
  readonly probesPerRootList: number;
}

export const DEFAULT_TUNING: QueryTuning = {
  batchRows: 32_768,
  outerRows: 8_192,
  pruneRows: 262_144,
  seekCost: 2,
  seekIdCost: 0.01,
  filterRowCost: 0.000_03,
  loadCellCost: 0.000_1,
  textRowCost: 0.005,
  vectorExactRows: VECTOR_EXACT_ROWS_MAX,
  // Recall@10 above 0.95 on the vectors of 13,000 real texts.
  probesPerRootList: 4,
  traversalMode: "auto",
  indexedFrontierMax: 1_024,
  indexedHopsMax: 6,
};

export function tuningOf({ traversalMode, indexedFrontierMax, indexedHopsMax }: TraversalSettings): QueryTuning {
  return { ...DEFAULT_TUNING, traversalMode, indexedFrontierMax, indexedHopsMax };
}
