export {
  CallTimeoutError,
  ClientDisposedError,
  type ConnectionFailure,
  InvalidRequestError,
  InvalidServerAddressError,
  InvalidTokenError,
  ServerConnectionError,
  StoredQueriesUnavailableError,
  UnexpectedAnswerError,
  UnroutableNameError,
} from "./errors.js";
export { commitChangePages, feedPages } from "./feed-pages.js";
export type {
  ApplySchemaRequest,
  BlobRequest,
  BranchRequest,
  CallOptions,
  ExplainRequest,
  ExportRequest,
  GraphClient,
  LoadContent,
  MergeRequest,
  RunLoadRequest,
  RunMutationRequest,
  RunQueryRequest,
  RunStoredMutationRequest,
  RunStoredQueryRequest,
} from "./graph-client.js";
export type { ConnectionOptions } from "./http/connection.js";
export { HttpGraphClient } from "./http/http-graph-client.js";
export { OmniGraphServer } from "./http/omnigraph-server.js";
export { patientFetch } from "./http/patient-fetch.js";
export type { RetryPolicy } from "./http/retry.js";
export type { FetchLike, TokenSource } from "./http/transport.js";
export { type Cell, type ReadResult, resultRows, type RowsOptions } from "./read-result.js";
export type { ReadTarget } from "./read-target.js";
