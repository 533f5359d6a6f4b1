export { type Diagnostic, type RelatedSpan, type Severity } from "./diagnostics/diagnostic.js";
export { CompileError, ParameterError, QuerySelectionError, SchemaContractError } from "./errors.js";
export { type Span } from "./source/span.js";
export { SourceText } from "./source/source-text.js";
export { type BaseType, displayType, isNumeric, type PropertyType, type ScalarName } from "./types/property-type.js";
export { DEFAULT_TEXT_ANALYSIS, TEXT_LANGUAGES, type TextAnalysis, textAnalysisName, type TextLanguage } from "./types/text-analysis.js";
export {
  type Annotation,
  type Bound,
  type Catalog,
  type Constraint,
  type EdgeType,
  type EmbedBinding,
  type EntityType,
  findEntityType,
  type NodeType,
  type Property,
  resolveEdgeType,
} from "./catalog/catalog.js";
export { nodeTypeKey, parseTypeKey, type TypeKey } from "./catalog/type-key.js";
export { NULL_VALUE, type ParameterValues, type Value } from "./value/value.js";
export type {
  AggregateExpression,
  AggregateFunction,
  Bm25Expression,
  ComparisonOperator,
  ComparisonSign,
  Condition,
  Expression,
  LiteralExpression,
  NearestExpression,
  ParameterExpression,
  PropertyExpression,
  RankExpression,
  RrfExpression,
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
export {
  type AcceptedSchema,
  admitSchema,
  checkSchemaSource,
  createAcceptedSchema,
  type MigrationPlan,
  openAcceptedSchema,
  planMigration,
} from "./compile-schema.js";
export { describeMigrationStep } from "./migration/describe-step.js";
export { MIGRATION_CODES, type MigrationCode, type MigrationCodeInfo, type MigrationTier } from "./migration/migration-codes.js";
export type { DropMode, MigrationStep, UnsupportedChange } from "./migration/migration-step.js";
export { migrationStepToJson } from "./migration/step-json.js";
export { printDiagnostic } from "./diagnostics/print-diagnostic.js";
export type { IdentityNote } from "./catalog/match-identity.js";
export type { SchemaDocuments } from "./catalog/schema-contract.js";
export { type CheckPattern, compileCheckPattern } from "./schema/check-pattern.js";

// Query language
export {
  type CompiledMutation,
  type CompiledQuery,
  type CompiledRead,
  compileQuery,
  listQueries,
  type ParsedQueries,
  parseQueries,
  type QueryListing,
} from "./compile-query.js";
export type { OperationDescriptor, ResultColumnDescriptor, TypeReference } from "./descriptor/operation-descriptor.js";
export { describeParameters, type ParameterDescriptor, type ValueDescriptor, type ValueKind } from "./descriptor/value-kind.js";
export { type LintFinding, lintQueries, type LintQueryResult, type LintReport } from "./lint/lint-queries.js";
export { bindParameters, parseParametersJson } from "./parameters.js";
export { isRankExpression } from "./plan/expression.js";
export { findRefusal, type Refusal } from "./plan/executable.js";
export { childExpressions, planExpressions, walkExpression } from "./plan/visit.js";
export { printCondition, printExpression, printPlan } from "./plan/print-plan.js";
export { didYouMean } from "./diagnostics/did-you-mean.js";
export { QUERY_RULES, QUERY_SYNTAX_RULES, UNNUMBERED_QUERY_RULES } from "./diagnostics/query-codes.js";
export { formatDate, formatDateTime, parseDateText, parseDateTimeText } from "./value/date-time-text.js";
