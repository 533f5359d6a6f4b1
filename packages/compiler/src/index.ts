export { type Diagnostic, type RelatedSpan, type Severity } from "./diagnostics/diagnostic.js";
export { CompileError, ParameterError, SchemaContractError } from "./errors.js";
export { type Span } from "./source/span.js";
export { SourceText } from "./source/source-text.js";
export { type BaseType, displayType, isNumeric, type PropertyType, type ScalarName } from "./types/property-type.js";
export {
  type Annotation,
  type Bound,
  type Catalog,
  type Constraint,
  type EdgeType,
  type EmbedBinding,
  type EntityType,
  type NodeType,
  type Property,
  resolveEdgeType,
} from "./catalog/catalog.js";
export { NULL_VALUE, type ParameterValues, type Value } from "./value/value.js";
export type {
  AggregateExpression,
  AggregateFunction,
  ComparisonOperator,
  Condition,
  Expression,
  LiteralExpression,
  ParameterExpression,
  PropertyExpression,
  RankExpression,
  TextPredicateExpression,
} from "./plan/expression.js";
export type {
  AntiJoinStep,
  BlockPlan,
  CloseStep,
  Direction,
  ExpandStep,
  FilterStep,
  Ordering,
  ParameterDeclaration,
  PlanStep,
  PlanVariable,
  Projection,
  QueryPlan,
  ScanStep,
  TextMatchStep,
} from "./plan/query-plan.js";
export type {
  Assignment,
  DeleteStatement,
  InsertEdgeStatement,
  InsertNodeStatement,
  MutationPlan,
  MutationPredicate,
  MutationStatement,
  MutationValue,
  UpdateStatement,
} from "./plan/mutation-plan.js";

// Schema language
export { type AcceptedSchema, admitSchema, checkSchemaSource, createAcceptedSchema, openAcceptedSchema } from "./compile-schema.js";
export type { IdentityNote } from "./catalog/match-identity.js";
export type { SchemaDocuments } from "./catalog/schema-contract.js";
export { type CheckPattern, compileCheckPattern } from "./schema/check-pattern.js";
