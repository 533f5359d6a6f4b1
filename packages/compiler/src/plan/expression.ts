import type { PropertyType } from "../types/property-type.js";
import type { Value } from "../value/value.js";

export type AggregateFunction = "count" | "sum" | "avg" | "min" | "max";
export type TextPredicateFunction = "search" | "fuzzy" | "match_text";

/** `$v.p` of a node or edge variable. */
export interface PropertyExpression {
  readonly kind: "Property";
  readonly variable: string;
  readonly property: string;
  readonly type: PropertyType;
}

/** A bare node variable: its value is the entity id (EX-45). */
export interface VariableExpression {
  readonly kind: "Variable";
  readonly variable: string;
}

export interface ParameterExpression {
  readonly kind: "Parameter";
  readonly name: string;
  readonly type: PropertyType;
}

export interface LiteralExpression {
  readonly kind: "Literal";
  readonly value: Value;
  readonly type: PropertyType;
}

/** `now()`: one instant per request (EX-60). */
export interface NowExpression {
  readonly kind: "Now";
}

/** A reference to an output column by name. */
export interface AliasExpression {
  readonly kind: "Alias";
  readonly name: string;
}

export interface AggregateExpression {
  readonly kind: "Aggregate";
  readonly function: AggregateFunction;
  readonly argument: Expression;
}

/** `search`, `fuzzy` or `match_text`: a Bool per row. */
export interface TextPredicateExpression {
  readonly kind: "TextPredicate";
  readonly function: TextPredicateFunction;
  readonly field: Expression;
  readonly query: Expression;
  readonly maxEdits?: Expression;
}

export interface NearestExpression {
  readonly kind: "Nearest";
  readonly variable: string;
  readonly property: string;
  readonly query: Expression;
}

export interface Bm25Expression {
  readonly kind: "Bm25";
  readonly field: Expression;
  readonly query: Expression;
}

export interface RrfExpression {
  readonly kind: "Rrf";
  readonly first: NearestExpression | Bm25Expression;
  readonly second: NearestExpression | Bm25Expression;
  readonly k?: Expression;
}

export type RankExpression = NearestExpression | Bm25Expression | RrfExpression;

/** A ranking function (§9.2): restricts and orders when it is the first ordering. */
export function isRankExpression(expression: Expression): expression is RankExpression {
  return expression.kind === "Nearest" || expression.kind === "Bm25" || expression.kind === "Rrf";
}

export type Expression =
  | PropertyExpression
  | VariableExpression
  | ParameterExpression
  | LiteralExpression
  | NowExpression
  | AliasExpression
  | AggregateExpression
  | TextPredicateExpression
  | RankExpression;

/** Numbers compare by value across types, text by code point (EX-23, EX-24). */
export type ComparisonSign = "=" | "!=" | "<" | "<=" | ">" | ">=";

/**
 * `contains` is resolved by the static type of its left operand: `member` looks for an item of a list,
 * `substring` for a part of a string; `prefix` is `starts_with`.
 */
export type ComparisonOperator = ComparisonSign | "member" | "substring" | "prefix";

/** One conjunct of a block. A null operand never satisfies it (EX-22). Union: boolean operators will add members. */
export type Condition = {
  readonly kind: "Comparison";
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  readonly right: Expression;
};
