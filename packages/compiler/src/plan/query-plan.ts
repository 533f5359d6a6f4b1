import type { PropertyType } from "../types/property-type.js";
import type { Condition, Expression } from "./expression.js";

export interface ParameterDeclaration {
  readonly name: string;
  readonly type: PropertyType;
}

export type Direction = "out" | "in" | "both";

/** A variable of the match, hidden ones included. Names are unique in the whole query. */
export interface PlanVariable {
  /** Without `$`. Anonymous endpoints have a generated name that no source text can spell (it contains `#`). */
  readonly name: string;
  readonly kind: "node" | "edge";
  /** Node or edge type name. */
  readonly type: string;
}

/** Start of a connected component: all nodes of a type, under `conditions` on that variable alone (EX-20, EX-21). */
export interface ScanStep {
  readonly kind: "Scan";
  readonly variable: string;
  readonly nodeType: string;
  readonly conditions: readonly Condition[];
}

/**
 * One traversal from a bound `origin` to an unbound `target` (EX-30 … EX-37).
 *
 * `direction` is relative to the origin: `out` follows stored edges from `src` to `dst`. Bounds `{1,1}` are a single
 * hop; more is breadth-first reachability from the origin (EX-34). With an `edgeVariable` every stored edge is a row of
 * its own; without, each distinct pair counts once.
 */
export interface ExpandStep {
  readonly kind: "Expand";
  readonly origin: string;
  readonly target: string;
  readonly edgeType: string;
  readonly direction: Direction;
  readonly targetType: string;
  readonly minHops: number;
  readonly maxHops: number;
  readonly edgeVariable?: string;
  /** Conditions on the target alone: its inline properties and filters that mention only it. */
  readonly targetConditions: readonly Condition[];
}

/** A traversal whose two ends are bound already: keeps or drops rows (EX-38); one row per edge with an edge variable. */
export interface CloseStep {
  readonly kind: "Close";
  readonly origin: string;
  readonly target: string;
  readonly edgeType: string;
  readonly direction: Direction;
  readonly minHops: number;
  readonly maxHops: number;
  readonly edgeVariable?: string;
}

/** Keeps rows that satisfy the condition; it may mention any variables of the block or an enclosing one. */
export interface FilterStep {
  readonly kind: "Filter";
  readonly condition: Condition;
}

/** A text predicate (§9.1), or its negation (SR-8). */
export interface TextMatchStep {
  readonly kind: "TextMatch";
  readonly predicate: Extract<Expression, { kind: "TextPredicate" }>;
  readonly isNegated: boolean;
}

/** Keeps a row iff `block`, evaluated with that row's variables, has no match (EX-40). */
export interface AntiJoinStep {
  readonly kind: "AntiJoin";
  readonly block: BlockPlan;
}

export type PlanStep = ScanStep | ExpandStep | CloseStep | FilterStep | TextMatchStep | AntiJoinStep;

/**
 * One block of clauses, as steps in execution order (PL-1): scans of component roots in declaration order, expands in
 * passes (EX-33), filters, anti-joins. A step sees the variables of earlier steps and of enclosing blocks. In a nested
 * block the first step may be an Expand, Close or Filter on a variable of the enclosing block.
 */
export interface BlockPlan {
  readonly steps: readonly PlanStep[];
  /** Variables this block introduces, hidden ones included, in order of introduction. */
  readonly variables: readonly PlanVariable[];
}

export interface Projection {
  /** Output column name (RS-1). Names need not be unique. */
  readonly column: string;
  readonly expression: Expression;
}

export interface Ordering {
  /** An alias is already replaced where it names an output column: see `columnIndex`. */
  readonly expression: Expression;
  /** Position of the output column this ordering names, when it is an alias reference that resolves. */
  readonly columnIndex?: number;
  readonly isDescending: boolean;
}

/** A read query, resolved and typed: all that execution needs. */
export interface QueryPlan {
  readonly kind: "Query";
  readonly name: string;
  readonly parameters: readonly ParameterDeclaration[];
  readonly block: BlockPlan;
  readonly projections: readonly Projection[];
  /** Some projection is an aggregate; the others are the group keys (EX-50). */
  readonly isAggregating: boolean;
  readonly orderings: readonly Ordering[];
  /** Unsigned 64-bit; absent = all rows. */
  readonly limit?: bigint;
}
