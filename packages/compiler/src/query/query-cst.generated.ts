// Generated from the grammar; query-parser.test.ts keeps it current (vitest -u).
import type { CstNode, IToken } from "chevrotain";

export interface FileCstNode extends CstNode {
  name: "file";
  children: FileCstChildren;
}

export type FileCstChildren = {
  queryDeclaration?: QueryDeclarationCstNode[];
};

export interface QueryDeclarationCstNode extends CstNode {
  name: "queryDeclaration";
  children: QueryDeclarationCstChildren;
}

export type QueryDeclarationCstChildren = {
  query: IToken[];
  Identifier: IToken[];
  LeftParen: IToken[];
  parameter?: ParameterCstNode[];
  Comma?: IToken[];
  RightParen: IToken[];
  annotation?: AnnotationCstNode[];
  LeftBrace: IToken[];
  readBody?: ReadBodyCstNode[];
  mutationBody?: MutationBodyCstNode[];
  RightBrace: IToken[];
};

export interface AnnotationCstNode extends CstNode {
  name: "annotation";
  children: AnnotationCstChildren;
}

export type AnnotationCstChildren = {
  At: IToken[];
  Identifier: IToken[];
  LeftParen: IToken[];
  StringLiteral: IToken[];
  RightParen: IToken[];
};

export interface ParameterCstNode extends CstNode {
  name: "parameter";
  children: ParameterCstChildren;
}

export type ParameterCstChildren = {
  Variable: IToken[];
  Colon: IToken[];
  parameterType: ParameterTypeCstNode[];
};

export interface ParameterTypeCstNode extends CstNode {
  name: "parameterType";
  children: ParameterTypeCstChildren;
}

export type ParameterTypeCstChildren = {
  LeftBracket?: IToken[];
  itemType?: IToken[];
  RightBracket?: IToken[];
  type?: IToken[];
  LeftParen?: IToken[];
  IntegerLiteral?: IToken[];
  RightParen?: IToken[];
  Question?: IToken[];
};

export interface ReadBodyCstNode extends CstNode {
  name: "readBody";
  children: ReadBodyCstChildren;
}

export type ReadBodyCstChildren = {
  match: IToken[];
  block: BlockCstNode[];
  return: IToken[];
  LeftBrace: (IToken)[];
  projection: ProjectionCstNode[];
  RightBrace: (IToken)[];
  order?: IToken[];
  ordering?: OrderingCstNode[];
  Comma?: IToken[];
  limit?: IToken[];
  IntegerLiteral?: IToken[];
};

export interface BlockCstNode extends CstNode {
  name: "block";
  children: BlockCstChildren;
}

export type BlockCstChildren = {
  LeftBrace: IToken[];
  clause: ClauseCstNode[];
  RightBrace: IToken[];
};

export interface ClauseCstNode extends CstNode {
  name: "clause";
  children: ClauseCstChildren;
}

export type ClauseCstChildren = {
  negation?: NegationCstNode[];
  binding?: BindingCstNode[];
  traversal?: TraversalCstNode[];
  textClause?: TextClauseCstNode[];
  filter?: FilterCstNode[];
};

export interface NegationCstNode extends CstNode {
  name: "negation";
  children: NegationCstChildren;
}

export type NegationCstChildren = {
  not: IToken[];
  block: BlockCstNode[];
};

export interface BindingCstNode extends CstNode {
  name: "binding";
  children: BindingCstChildren;
}

export type BindingCstChildren = {
  Variable: IToken[];
  Colon: IToken[];
  TypeName: IToken[];
  LeftBrace?: IToken[];
  propertyMatch?: (PropertyMatchCstNode)[];
  Comma?: (IToken)[];
  RightBrace?: IToken[];
};

export interface PropertyMatchCstNode extends CstNode {
  name: "propertyMatch";
  children: PropertyMatchCstChildren;
}

export type PropertyMatchCstChildren = {
  Identifier: IToken[];
  Colon: IToken[];
  value: ValueCstNode[];
};

export interface TraversalCstNode extends CstNode {
  name: "traversal";
  children: TraversalCstChildren;
}

export type TraversalCstChildren = {
  source: IToken[];
  edgeVariable?: IToken[];
  Colon?: IToken[];
  edgeWord: EdgeWordCstNode[];
  hops?: HopsCstNode[];
  destination: IToken[];
};

export interface EdgeWordCstNode extends CstNode {
  name: "edgeWord";
  children: EdgeWordCstChildren;
}

export type EdgeWordCstChildren = {
  Identifier?: (IToken)[];
  Less?: IToken[];
  Greater?: IToken[];
};

export interface HopsCstNode extends CstNode {
  name: "hops";
  children: HopsCstChildren;
}

export type HopsCstChildren = {
  LeftBrace: IToken[];
  minimum: IToken[];
  Comma: IToken[];
  maximum?: IToken[];
  RightBrace: IToken[];
};

export interface TextClauseCstNode extends CstNode {
  name: "textClause";
  children: TextClauseCstChildren;
}

export type TextClauseCstChildren = {
  textCall: TextCallCstNode[];
  filterOperator?: FilterOperatorCstNode[];
  expression?: ExpressionCstNode[];
};

export interface FilterCstNode extends CstNode {
  name: "filter";
  children: FilterCstChildren;
}

export type FilterCstChildren = {
  expression: (ExpressionCstNode)[];
  filterOperator: FilterOperatorCstNode[];
};

export interface FilterOperatorCstNode extends CstNode {
  name: "filterOperator";
  children: FilterOperatorCstChildren;
}

export type FilterOperatorCstChildren = {
  comparisonOperator?: ComparisonOperatorCstNode[];
  contains?: IToken[];
  starts_with?: IToken[];
};

export interface ComparisonOperatorCstNode extends CstNode {
  name: "comparisonOperator";
  children: ComparisonOperatorCstChildren;
}

export type ComparisonOperatorCstChildren = {
  Equal?: IToken[];
  NotEqual?: IToken[];
  LessOrEqual?: IToken[];
  GreaterOrEqual?: IToken[];
  Less?: IToken[];
  Greater?: IToken[];
};

export interface ProjectionCstNode extends CstNode {
  name: "projection";
  children: ProjectionCstChildren;
}

export type ProjectionCstChildren = {
  expression: ExpressionCstNode[];
  as?: IToken[];
  Identifier?: IToken[];
  Comma?: IToken[];
};

export interface OrderingCstNode extends CstNode {
  name: "ordering";
  children: OrderingCstChildren;
}

export type OrderingCstChildren = {
  nearestCall?: NearestCallCstNode[];
  expression?: ExpressionCstNode[];
  asc?: IToken[];
  desc?: IToken[];
};

export interface ExpressionCstNode extends CstNode {
  name: "expression";
  children: ExpressionCstChildren;
}

export type ExpressionCstChildren = {
  nowCall?: NowCallCstNode[];
  nearestCall?: NearestCallCstNode[];
  textCall?: TextCallCstNode[];
  bm25Call?: Bm25CallCstNode[];
  rrfCall?: RrfCallCstNode[];
  aggregate?: AggregateCstNode[];
  variable?: VariableCstNode[];
  literal?: LiteralCstNode[];
  Identifier?: IToken[];
};

export interface VariableCstNode extends CstNode {
  name: "variable";
  children: VariableCstChildren;
}

export type VariableCstChildren = {
  Variable: IToken[];
  Dot?: IToken[];
  Identifier?: IToken[];
};

export interface NowCallCstNode extends CstNode {
  name: "nowCall";
  children: NowCallCstChildren;
}

export type NowCallCstChildren = {
  now: IToken[];
  LeftParen: IToken[];
  RightParen: IToken[];
};

export interface NearestCallCstNode extends CstNode {
  name: "nearestCall";
  children: NearestCallCstChildren;
}

export type NearestCallCstChildren = {
  nearest: IToken[];
  LeftParen: IToken[];
  Variable: IToken[];
  Dot: IToken[];
  Identifier: IToken[];
  Comma: IToken[];
  expression: ExpressionCstNode[];
  RightParen: IToken[];
};

export interface TextCallCstNode extends CstNode {
  name: "textCall";
  children: TextCallCstChildren;
}

export type TextCallCstChildren = {
  search?: IToken[];
  fuzzy?: IToken[];
  match_text?: IToken[];
  LeftParen: IToken[];
  expression: (ExpressionCstNode)[];
  Comma: (IToken)[];
  RightParen: IToken[];
};

export interface Bm25CallCstNode extends CstNode {
  name: "bm25Call";
  children: Bm25CallCstChildren;
}

export type Bm25CallCstChildren = {
  bm25: IToken[];
  LeftParen: IToken[];
  expression: (ExpressionCstNode)[];
  Comma: IToken[];
  RightParen: IToken[];
};

export interface RrfCallCstNode extends CstNode {
  name: "rrfCall";
  children: RrfCallCstChildren;
}

export type RrfCallCstChildren = {
  rrf: IToken[];
  LeftParen: IToken[];
  rankCall: (RankCallCstNode)[];
  Comma: (IToken)[];
  expression?: ExpressionCstNode[];
  RightParen: IToken[];
};

export interface RankCallCstNode extends CstNode {
  name: "rankCall";
  children: RankCallCstChildren;
}

export type RankCallCstChildren = {
  nearestCall?: NearestCallCstNode[];
  bm25Call?: Bm25CallCstNode[];
};

export interface AggregateCstNode extends CstNode {
  name: "aggregate";
  children: AggregateCstChildren;
}

export type AggregateCstChildren = {
  count?: IToken[];
  sum?: IToken[];
  avg?: IToken[];
  min?: IToken[];
  max?: IToken[];
  LeftParen: IToken[];
  expression: ExpressionCstNode[];
  RightParen: IToken[];
};

export interface MutationBodyCstNode extends CstNode {
  name: "mutationBody";
  children: MutationBodyCstChildren;
}

export type MutationBodyCstChildren = {
  insertStatement?: InsertStatementCstNode[];
  updateStatement?: UpdateStatementCstNode[];
  deleteStatement?: DeleteStatementCstNode[];
};

export interface InsertStatementCstNode extends CstNode {
  name: "insertStatement";
  children: InsertStatementCstChildren;
}

export type InsertStatementCstChildren = {
  insert: IToken[];
  TypeName: IToken[];
  assignments: AssignmentsCstNode[];
};

export interface UpdateStatementCstNode extends CstNode {
  name: "updateStatement";
  children: UpdateStatementCstChildren;
}

export type UpdateStatementCstChildren = {
  update: IToken[];
  TypeName: IToken[];
  set: IToken[];
  assignments: AssignmentsCstNode[];
  where: IToken[];
  predicate: PredicateCstNode[];
};

export interface DeleteStatementCstNode extends CstNode {
  name: "deleteStatement";
  children: DeleteStatementCstChildren;
}

export type DeleteStatementCstChildren = {
  delete: IToken[];
  TypeName: IToken[];
  where: IToken[];
  predicate: PredicateCstNode[];
};

export interface AssignmentsCstNode extends CstNode {
  name: "assignments";
  children: AssignmentsCstChildren;
}

export type AssignmentsCstChildren = {
  LeftBrace: IToken[];
  assignment: AssignmentCstNode[];
  RightBrace: IToken[];
};

export interface AssignmentCstNode extends CstNode {
  name: "assignment";
  children: AssignmentCstChildren;
}

export type AssignmentCstChildren = {
  Identifier: IToken[];
  Colon: IToken[];
  value: ValueCstNode[];
  Comma?: IToken[];
};

export interface PredicateCstNode extends CstNode {
  name: "predicate";
  children: PredicateCstChildren;
}

export type PredicateCstChildren = {
  Identifier: IToken[];
  comparisonOperator: ComparisonOperatorCstNode[];
  value: ValueCstNode[];
};

export interface ValueCstNode extends CstNode {
  name: "value";
  children: ValueCstChildren;
}

export type ValueCstChildren = {
  Variable?: IToken[];
  nowCall?: NowCallCstNode[];
  literal?: LiteralCstNode[];
};

export interface LiteralCstNode extends CstNode {
  name: "literal";
  children: LiteralCstChildren;
}

export type LiteralCstChildren = {
  StringLiteral?: IToken[];
  FloatLiteral?: IToken[];
  IntegerLiteral?: IToken[];
  true?: IToken[];
  false?: IToken[];
  dateCall?: DateCallCstNode[];
  listLiteral?: ListLiteralCstNode[];
};

export interface DateCallCstNode extends CstNode {
  name: "dateCall";
  children: DateCallCstChildren;
}

export type DateCallCstChildren = {
  date?: IToken[];
  datetime?: IToken[];
  LeftParen: IToken[];
  StringLiteral: IToken[];
  RightParen: IToken[];
};

export interface ListLiteralCstNode extends CstNode {
  name: "listLiteral";
  children: ListLiteralCstChildren;
}

export type ListLiteralCstChildren = {
  LeftBracket: IToken[];
  literal?: LiteralCstNode[];
  Comma?: IToken[];
  RightBracket: IToken[];
};
