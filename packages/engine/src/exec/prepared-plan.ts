import type { Condition, Direction, Expression, NodeType, Ordering, PlanVariable, Projection, QueryPlan, Refusal, TextPredicateExpression, TypeKey } from "@omnigraphdb/compiler";
import type { AdjacencyRequest } from "../cache/topology-loader.js";
import type { KeyConditions } from "./key-lookup.js";
import type { PreparedSearch } from "./search/prepared-search.js";

/** A variable of the match as execution sees it: the position of its column in every binding table. */
export interface Slot {
  readonly index: number;
  readonly variable: PlanVariable;
  readonly typeKey: TypeKey;
}

interface StepBase {
  /** Slots some later step reads; the others are dropped. */
  readonly liveSlots: readonly number[];
}

/** Source of a component: rows of one type under conditions on that variable alone. */
export interface ScanOperation extends StepBase {
  readonly kind: "scan";
  readonly slot: number;
  readonly conditions: readonly Condition[];
}

export interface TraversalOperation extends StepBase {
  /** `expand` binds the target; `close` keeps rows whose bound target is reached. */
  readonly kind: "expand" | "close";
  readonly origin: number;
  readonly target: number;
  readonly edge: number | undefined;
  readonly edgeType: string;
  readonly direction: Direction;
  readonly minHops: number;
  /** 1 when the endpoint types differ (EX-36). */
  readonly maxHops: number;
}

export interface FilterOperation extends StepBase {
  readonly kind: "filter";
  readonly condition: Condition;
}

/** Keeps rows whose entity satisfies a text predicate, or its negation (SR-8). */
export interface TextMatchOperation extends StepBase {
  readonly kind: "textMatch";
  readonly slot: number;
  readonly predicate: TextPredicateExpression;
  readonly isNegated: boolean;
}

/** Keeps the rows for which `operations` find nothing (EX-40). */
export interface AntiJoinOperation extends StepBase {
  readonly kind: "antiJoin";
  /** Slot that carries the outer row's position through the inner operations: correlation is by the whole row (EX-43). */
  readonly tagSlot: number;
  readonly operations: readonly Operation[];
}

/** Every row with every row of an independent component (EX-12); with `equality`, only pairs whose two values are equal. */
export interface CrossOperation extends StepBase {
  readonly kind: "cross";
  readonly operations: readonly Operation[];
  readonly equality: { readonly outer: Expression; readonly inner: Expression } | undefined;
}

export type Operation = ScanOperation | TraversalOperation | FilterOperation | TextMatchOperation | AntiJoinOperation | CrossOperation;

export interface PreparedScan {
  readonly operation: ScanOperation;
  readonly nodeType: NodeType;
  readonly keyConditions: KeyConditions | undefined;
  /** Some traversal or index touches the variable: it needs row numbers of the whole dataset. */
  readonly isTraversed: boolean;
}

export interface PreparedTraversal {
  readonly operation: TraversalOperation;
  readonly request: AdjacencyRequest;
}

/** Where a plan reads less because vector indexes are asked. */
export type IndexedPlan = Pick<PreparedPlan, "columnsBySlot" | "lateColumnsBySlot" | "scans">;

/** A query plan ordered for execution. Made once per plan; holds no data and no parameter values. */
export interface PreparedPlan {
  readonly plan: QueryPlan;
  readonly slots: readonly Slot[];
  readonly slotByVariable: ReadonlyMap<string, Slot>;
  /** Slots of all variables plus one per anti-join. */
  readonly slotCount: number;
  readonly operations: readonly Operation[];
  readonly projections: readonly Projection[];
  /** Sort keys over match rows or, in an aggregating query, over groups. */
  readonly orderings: readonly Ordering[];
  /** Slots in tie-break order: by variable name (OR-3). */
  readonly tieBreakSlots: readonly number[];
  /** Columns each slot needs to find and order the rows, by slot. */
  readonly columnsBySlot: readonly (readonly string[])[];
  /** Further columns that only the rows of the result show, by slot. */
  readonly lateColumnsBySlot: readonly (readonly string[])[];
  readonly scans: readonly PreparedScan[];
  readonly traversals: readonly PreparedTraversal[];
  /** By slot: the only key property of the type, whose values are pairwise different; undefined without one. */
  readonly uniqueColumns: readonly (string | undefined)[];
  readonly search: PreparedSearch;
  /** The same plan when neighbours from vector indexes stand for the vectors it ranks by; undefined when they cannot. */
  readonly viaVectorIndex: IndexedPlan | undefined;
  /** Refused before any I/O, whatever the parameters. */
  readonly refusal: Refusal | undefined;
  /** Literal, parameter and `now()` expressions anywhere in the plan. */
  readonly constants: readonly Expression[];
}
