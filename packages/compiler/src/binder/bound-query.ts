/**
 * What a query means: every name resolved against the catalog, every expression typed. A value of these types is proof
 * that the static check passed.
 */
import type { EdgeType, NodeType } from "../catalog/catalog.js";
import type { Condition, Expression, TextPredicateExpression } from "../plan/expression.js";
import type { MutationStatement } from "../plan/mutation-plan.js";
import type { Direction, ParameterDeclaration } from "../plan/query-plan.js";
import type { Span } from "../source/span.js";
import type { PropertyType } from "../types/property-type.js";

/** An alias has no static type of its own: an unknown one is accepted and refused at execution (CK-31). */
export type StaticType =
  | { readonly kind: "value"; readonly type: PropertyType }
  | { readonly kind: "node"; readonly type: NodeType }
  | { readonly kind: "alias" };

export interface TypedExpression {
  readonly expression: Expression;
  readonly type: StaticType;
  readonly span: Span;
}

/** A variable of the match. `name` is unique in the whole query; `sourceName` is what was written. */
export type BoundVariable = {
  readonly name: string;
  readonly sourceName: string;
  /** Where it was bound first. */
  readonly span: Span;
} & ({ readonly kind: "node"; readonly type: NodeType } | { readonly kind: "edge"; readonly type: EdgeType });

export interface BoundBinding {
  readonly kind: "Binding";
  readonly variable: BoundVariable;
  /** Inline properties (EX-21). */
  readonly conditions: readonly Condition[];
}

export interface BoundTraversal {
  readonly kind: "Traversal";
  readonly source: BoundVariable;
  readonly destination: BoundVariable;
  readonly edge: EdgeType;
  readonly edgeVariable?: BoundVariable;
  /** From the written source to the written destination (CK-13). */
  readonly direction: Direction;
  readonly minHops: number;
  readonly maxHops: number;
}

export interface BoundFilter {
  readonly kind: "Filter";
  readonly condition: Condition;
}

export interface BoundTextMatch {
  readonly kind: "TextMatch";
  readonly predicate: TextPredicateExpression;
  readonly isNegated: boolean;
}

export interface BoundNegation {
  readonly kind: "Negation";
  readonly block: BoundBlock;
}

export type BoundClause = BoundBinding | BoundTraversal | BoundFilter | BoundTextMatch | BoundNegation;

export interface BoundBlock {
  /** In textual order. */
  readonly clauses: readonly BoundClause[];
}

export interface BoundProjection extends TypedExpression {
  readonly alias?: string;
}

export interface BoundOrdering extends TypedExpression {
  readonly isDescending: boolean;
}

export interface BoundRead {
  readonly kind: "read";
  readonly name: string;
  readonly parameters: readonly ParameterDeclaration[];
  readonly block: BoundBlock;
  readonly projections: readonly BoundProjection[];
  readonly orderings: readonly BoundOrdering[];
  readonly limit?: bigint;
}

export interface BoundMutation {
  readonly kind: "mutation";
  readonly name: string;
  readonly parameters: readonly ParameterDeclaration[];
  /** Statements carry no nested structure, so their bound form is their plan. */
  readonly statements: readonly MutationStatement[];
}

export type BoundQuery = BoundRead | BoundMutation;
