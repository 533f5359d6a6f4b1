// Results, as callers see them
export type { GraphCommit } from "./models/commit.js";
export type { CellJson, EntityKind } from "./models/entity.js";
export type { DatasetInfo, SnapshotInfo } from "./models/snapshot.js";
export type { ReadTarget, ResolvedTarget } from "./models/read.js";
export type { MutationReceipt } from "./models/mutation.js";
export type { LoadedType, LoadEmbedding, LoadMode, LoadProgress, LoadReceipt } from "./models/load.js";
export type { BranchCreated, BranchDeleted, MergeConflict, MergeConflictKind, MergeOutcome, MergeReceipt } from "./models/branch.js";
export type {
  BaselineChunk,
  BaselineHandshake,
  BaselineOptions,
  ChangeBlock,
  ChangeCause,
  ChangeFeedPage,
  ChangeFilter,
  ChangeOp,
  ChangesOptions,
  CommitChangesOptions,
  CommitChangesPage,
  EntityChange,
  EntityImage,
  FeedStart,
} from "./models/changes.js";
export type { DiffOptions, EntityDifference, GraphDiff } from "./models/diff.js";
export type { SchemaApplyReceipt, SchemaStep } from "./models/schema.js";
export type { AccessKind, AccessPath, ExplainOperator, ExplainStep, Explanation, MeasuredRun, MeasuredStep } from "./models/explanation.js";
export type { ParamDescriptor, ParamKind, QueryCatalogEntry, ScalarParamKind } from "./models/stored-query.js";
export type { GraphInfo, HealthInfo } from "./models/server.js";
export type { BlobReader, BlobSelector } from "./models/blob.js";

// Shapes on the wire
export type { CommitListOutput, CommitOutput } from "./wire/commit.js";
export type { SnapshotDatasetOutput, SnapshotOutput } from "./wire/snapshot.js";
export type { GraphInfoOutput, GraphListResponse, HealthOutput } from "./wire/server.js";
export type { ExplainRequest, LegacyReadOutput, QueryRequest, ReadOutput, ReadRequest, ReadTargetOutput } from "./wire/query.js";
export type { ChangeOutput, ChangeRequest } from "./wire/mutation.js";
export type { GraphBatchDeclarationOutput, GraphBatchLoadOutput, IngestOutput, IngestRequest } from "./wire/load.js";
export type {
  BranchCreateOutput,
  BranchCreateRequest,
  BranchDeleteOutput,
  BranchListOutput,
  BranchMergeOutput,
  BranchMergeRequest,
  MergeConflictOutput,
} from "./wire/branch.js";
export type {
  ChangeBaselineOutput,
  ChangeBaselineRequest,
  ChangeBlockOutput,
  ChangeCauseOutput,
  ChangeFeedOutput,
  ChangeImageOutput,
  CommitChangesOutput,
  EntityChangeOutput,
} from "./wire/changes.js";
export type { EntityDifferenceOutput, GraphDiffOutput } from "./wire/diff.js";
export type { SchemaApplyOutput, SchemaApplyRequest, SchemaOutput, SchemaStepOutput } from "./wire/schema.js";
export type { ExplainStepOutput, ExplanationOutput } from "./wire/explanation.js";
export type { InvokeStoredQueryRequest, InvokeStoredQueryResponse, QueriesCatalogOutput, QueryCatalogEntryOutput } from "./wire/stored-query.js";
export type { ExportRequest } from "./wire/export.js";

// Between the two
export { decodeCommit, decodeCommits, encodeCommit, encodeCommits } from "./codec/commit.js";
export { decodeSnapshot, encodeSnapshot } from "./codec/snapshot.js";
export { decodeGraphs, decodeHealth, encodeGraphs, encodeHealth } from "./codec/server.js";
export { decodeMutation, encodeMutation } from "./codec/mutation.js";
export { decodeLoad, encodeIngest, encodeLoad } from "./codec/load.js";
export {
  decodeBranchCreated,
  decodeBranchDeleted,
  decodeBranches,
  decodeMerge,
  encodeBranchCreated,
  encodeBranchDeleted,
  encodeBranches,
  encodeMerge,
} from "./codec/branch.js";
export { decodeChangeFeed, decodeCommitChanges, encodeBaseline, encodeCause, encodeChange, encodeChangeFeed, encodeCommitChanges } from "./codec/changes.js";
export { decodeDiff, encodeDiff } from "./codec/diff.js";
export { decodeSchemaApply, encodeSchemaApply } from "./codec/schema.js";
export { decodeExplanation, encodeExplanation } from "./codec/explanation.js";
export { decodeQueryCatalog, encodeQueryCatalog } from "./codec/stored-query.js";

// Failures
export type { ErrorCode, ErrorOutput } from "./errors/error-output.js";
export { JsonTextError, type JsonProblem } from "./errors/json-errors.js";
export {
  BodyReadError,
  BodyTooLargeError,
  RequestParameterError,
  type RequestProblem,
  RequestShapeError,
  UnsupportedMediaTypeError,
} from "./errors/request-errors.js";
export {
  BlobAbsentError,
  BlobChangedError,
  DefaultDenyError,
  GraphNotServedError,
  GraphUnavailableError,
  MethodNotAllowedError,
  SchemaManagedError,
  StoredQueryKindError,
  StoredQueryNotFoundError,
  TooManyRequestsError,
  UnauthorizedError,
} from "./errors/server-errors.js";
export { type ErrorResponse, type ErrorResponseOptions, toErrorResponse } from "./errors/to-error-response.js";
export { RemoteError, toRemoteError } from "./errors/to-remote-error.js";

// JSON
export { floatText } from "./json/float-text.js";
export { type JsonNumbers, parseAnswerJson, parseJson } from "./json/parse-json.js";
export { objectColumns } from "./json/row-columns.js";
export { stringifyJson } from "./json/stringify-json.js";

// Routes and requests
export { type Answer, GRAPH_PREFIX, type QueryParameter, type Route, type RouteTag } from "./routes/route.js";
export type {
  BlobQuery,
  BranchQuery,
  ChangeFeedQuery,
  ChangeFilterQuery,
  ChangePageQuery,
  DiffQuery,
  Given,
  LoadQuery,
  MutationInput,
  OperationId,
  QueryInput,
  RouteInput,
  RouteInputs,
  TargetQuery,
} from "./routes/route-inputs.js";
export { ROUTES } from "./routes/routes.js";
export { decodeRequest, type RawRequest } from "./request/decode-request.js";
export { TargetConflictError } from "./request/branch-names.js";
export { CONDITION_HEADER } from "./request/condition.js";
export { type OpenApiDocument, openApiDocument, type OpenApiOptions } from "./openapi/open-api-document.js";
