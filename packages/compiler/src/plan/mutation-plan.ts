import type { ComparisonSign, LiteralExpression, NowExpression, ParameterExpression } from "./expression.js";
import type { ParameterDeclaration } from "./query-plan.js";

export type MutationValue = LiteralExpression | ParameterExpression | NowExpression;

export interface Assignment {
  readonly property: string;
  readonly value: MutationValue;
}

/** One comparison on a property, or on the endpoint pseudo-properties `from` and `to` of an edge (CK-44). */
export interface MutationPredicate {
  readonly property: string;
  readonly operator: ComparisonSign;
  readonly value: MutationValue;
}

export interface InsertNodeStatement {
  readonly kind: "InsertNode";
  readonly type: string;
  readonly assignments: readonly Assignment[];
}

export interface InsertEdgeStatement {
  readonly kind: "InsertEdge";
  readonly type: string;
  readonly from: MutationValue;
  readonly to: MutationValue;
  readonly assignments: readonly Assignment[];
}

export interface UpdateStatement {
  readonly kind: "Update";
  readonly type: string;
  readonly assignments: readonly Assignment[];
  readonly predicate: MutationPredicate;
}

export interface DeleteStatement {
  readonly kind: "Delete";
  readonly entity: "node" | "edge";
  readonly type: string;
  readonly predicate: MutationPredicate;
}

export type MutationStatement = InsertNodeStatement | InsertEdgeStatement | UpdateStatement | DeleteStatement;

export interface MutationPlan {
  readonly kind: "Mutation";
  readonly name: string;
  readonly parameters: readonly ParameterDeclaration[];
  readonly statements: readonly MutationStatement[];
}
