/**
 * Syntax tree of `.gq`: what was written, nothing resolved. Spans are half-open UTF-16 ranges of the source.
 */
import type { Span } from "../source/span.js";

interface Node {
  readonly span: Span;
}

/** A word with its place: the name of a query, property, alias, type or edge, or of a variable without `$`. */
export interface Name extends Node {
  readonly kind: "Name";
  readonly text: string;
}

export interface QueryFile extends Node {
  readonly kind: "File";
  readonly queries: readonly QueryDeclaration[];
}

export interface QueryDeclaration extends Node {
  readonly kind: "Query";
  readonly name: Name;
  readonly parameters: readonly ParameterNode[];
  readonly annotations: QueryAnnotations;
  readonly body: ReadBody | MutationBody;
}

/** GR-6: each at most once. */
export interface QueryAnnotations {
  readonly description?: string;
  readonly instruction?: string;
}

export interface ParameterNode extends Node {
  readonly kind: "Parameter";
  readonly name: Name;
  readonly type: ParameterTypeNode;
}

export interface ParameterTypeNode extends Node {
  readonly kind: "ParameterType";
  /** A scalar type name, or `Vector` with a dimension that is not checked yet (TY-2). */
  readonly base: string;
  readonly dimension?: bigint;
  readonly isList: boolean;
  readonly isNullable: boolean;
}

export interface ReadBody extends Node {
  readonly kind: "Read";
  readonly match: Block;
  readonly projections: readonly ProjectionNode[];
  readonly orderings: readonly OrderingNode[];
  readonly limit?: bigint;
}

export interface Block extends Node {
  readonly kind: "Block";
  readonly clauses: readonly Clause[];
}

export type Clause = Binding | Traversal | Filter | TextClause | Negation;

/** `$v: Type { property: value, … }` */
export interface Binding extends Node {
  readonly kind: "Binding";
  readonly variable: Name;
  readonly type: Name;
  readonly properties: readonly PropertyMatch[];
}

export interface PropertyMatch extends Node {
  readonly kind: "PropertyMatch";
  readonly property: Name;
  readonly value: ValueNode;
}

/** `$source [$edge:] word [{m,n}] $destination` */
export interface Traversal extends Node {
  readonly kind: "Traversal";
  readonly source: Name;
  readonly edgeVariable?: Name;
  readonly edge: Name;
  /** Written `<word>`. */
  readonly isUndirected: boolean;
  /** Absent means `{1,1}` (GR-11). */
  readonly hops?: Hops;
  readonly destination: Name;
}

export interface Hops extends Node {
  readonly kind: "Hops";
  readonly minimum: number;
  /** Absent where the source leaves it out: always T15. */
  readonly maximum?: number;
}

export type FilterOperator = ComparisonSign | "contains" | "starts_with";
export type ComparisonSign = "=" | "!=" | "<" | "<=" | ">" | ">=";

export interface Filter extends Node {
  readonly kind: "Filter";
  readonly left: ExpressionNode;
  readonly operator: FilterOperator;
  readonly right: ExpressionNode;
}

/** A bare text predicate: the same as that call `= true` (GR-9). */
export interface TextClause extends Node {
  readonly kind: "TextClause";
  readonly call: TextCall;
}

export interface Negation extends Node {
  readonly kind: "Negation";
  readonly block: Block;
}

export interface ProjectionNode extends Node {
  readonly kind: "Projection";
  readonly expression: ExpressionNode;
  readonly alias?: Name;
}

export interface OrderingNode extends Node {
  readonly kind: "Ordering";
  readonly expression: ExpressionNode;
  readonly direction?: "asc" | "desc";
}

export type ExpressionNode =
  | PropertyAccess
  | VariableReference
  | AliasReference
  | LiteralNode
  | NowCall
  | NearestCall
  | TextCall
  | Bm25Call
  | RrfCall
  | AggregateCall;

export interface PropertyAccess extends Node {
  readonly kind: "PropertyAccess";
  readonly variable: Name;
  readonly property: Name;
}

/** A bare `$x`: a parameter or a node variable (TY-7). */
export interface VariableReference extends Node {
  readonly kind: "VariableReference";
  readonly name: string;
}

export interface AliasReference extends Node {
  readonly kind: "AliasReference";
  readonly name: string;
}

export type LiteralNode = StringLiteral | IntegerLiteral | FloatLiteral | BooleanLiteral | DateLiteral | ListLiteral;

export interface StringLiteral extends Node {
  readonly kind: "String";
  readonly value: string;
}

export interface IntegerLiteral extends Node {
  readonly kind: "Integer";
  readonly value: bigint;
}

export interface FloatLiteral extends Node {
  readonly kind: "Float";
  readonly value: number;
  /** As written: the language has no exponent, so the number alone cannot be printed back. */
  readonly text: string;
}

export interface BooleanLiteral extends Node {
  readonly kind: "Boolean";
  readonly value: boolean;
}

/** `date("…")` or `datetime("…")`; the text is not checked (TY-6). */
export interface DateLiteral extends Node {
  readonly kind: "DateCall";
  readonly function: "date" | "datetime";
  readonly text: string;
}

export interface ListLiteral extends Node {
  readonly kind: "List";
  readonly items: readonly LiteralNode[];
}

export interface NowCall extends Node {
  readonly kind: "NowCall";
}

export interface NearestCall extends Node {
  readonly kind: "NearestCall";
  readonly target: PropertyAccess;
  readonly query: ExpressionNode;
}

export interface TextCall extends Node {
  readonly kind: "TextCall";
  readonly function: "search" | "fuzzy" | "match_text";
  readonly field: ExpressionNode;
  readonly query: ExpressionNode;
  /** `fuzzy` only. */
  readonly maxEdits?: ExpressionNode;
}

export interface Bm25Call extends Node {
  readonly kind: "Bm25Call";
  readonly field: ExpressionNode;
  readonly query: ExpressionNode;
}

export interface RrfCall extends Node {
  readonly kind: "RrfCall";
  readonly first: NearestCall | Bm25Call;
  readonly second: NearestCall | Bm25Call;
  readonly k?: ExpressionNode;
}

export interface AggregateCall extends Node {
  readonly kind: "AggregateCall";
  readonly function: "count" | "sum" | "avg" | "min" | "max";
  readonly argument: ExpressionNode;
}

export interface MutationBody extends Node {
  readonly kind: "Mutation";
  readonly statements: readonly Statement[];
}

export type Statement = InsertNode | UpdateNode | DeleteNode;

export interface InsertNode extends Node {
  readonly kind: "Insert";
  readonly type: Name;
  readonly assignments: readonly AssignmentNode[];
}

export interface UpdateNode extends Node {
  readonly kind: "Update";
  readonly type: Name;
  readonly assignments: readonly AssignmentNode[];
  readonly predicate: PredicateNode;
}

export interface DeleteNode extends Node {
  readonly kind: "Delete";
  readonly type: Name;
  readonly predicate: PredicateNode;
}

export interface AssignmentNode extends Node {
  readonly kind: "Assignment";
  readonly property: Name;
  readonly value: ValueNode;
}

export interface PredicateNode extends Node {
  readonly kind: "Predicate";
  readonly property: Name;
  readonly operator: ComparisonSign;
  readonly value: ValueNode;
}

/** What an inline property, an assignment or a mutation predicate may stand against. */
export type ValueNode = LiteralNode | VariableReference | NowCall;
