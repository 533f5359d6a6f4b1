import type {
  BaselineChunk,
  BaselineOptions,
  BlobReader,
  BlobSelector,
  BranchCreated,
  BranchDeleted,
  ChangeFeedPage,
  ChangesOptions,
  CommitChangesOptions,
  CommitChangesPage,
  DiffOptions,
  Explanation,
  GraphCommit,
  GraphDiff,
  LoadEmbedding,
  LoadMode,
  LoadProgress,
  LoadReceipt,
  MergeReceipt,
  MutationReceipt,
  QueryCatalogEntry,
  SchemaApplyReceipt,
  SnapshotInfo,
} from "@omnigraphdb/api-types";
import type { ReadResult } from "./read-result.js";
import type { ReadTarget } from "./read-target.js";

/** How long a call may take, whoever answers it. */
export interface CallOptions {
  /** Aborting it ends the call with CancelledError. A write that a server has received is not taken back. */
  readonly signal?: AbortSignal | undefined;
}

export interface RunQueryRequest extends ReadTarget, CallOptions {
  readonly source: string;
  /** Which query of the source; needed when it holds several. */
  readonly name?: string | undefined;
  /** Object of values by parameter name without `$`. Integers beyond 2^53 as `bigint` or decimal text. */
  readonly params?: unknown;
  /** Longest the query may take, in milliseconds; undefined = what was configured, 0 = no limit. A server's own limit stays in force. */
  readonly timeoutMs?: number | undefined;
}

export interface ExplainRequest extends RunQueryRequest {
  /** Run it, and measure. */
  readonly analyze: boolean;
}

export interface RunMutationRequest extends CallOptions {
  readonly source: string;
  readonly name?: string | undefined;
  readonly params?: unknown;
  /** Default `main`. */
  readonly branch?: string | undefined;
  /** Embedded only: who writes. A server knows it from the token. */
  readonly actor?: string | undefined;
  /** Write only if the branch head still is this commit. */
  readonly ifCommit?: string | undefined;
}

export interface RunStoredQueryRequest extends ReadTarget, CallOptions {
  readonly name: string;
  readonly params?: unknown;
}

export interface RunStoredMutationRequest extends CallOptions {
  readonly name: string;
  readonly params?: unknown;
  readonly branch?: string | undefined;
  readonly ifCommit?: string | undefined;
}

/** Records as a JSON value stream, one per line by custom. Only text and bytes can be sent again by a retry. */
export type LoadContent = string | Uint8Array | AsyncIterable<Uint8Array>;

export interface RunLoadRequest extends CallOptions {
  readonly input: LoadContent;
  readonly mode: LoadMode;
  readonly branch?: string | undefined;
  /** Created from this branch if it is missing. */
  readonly base?: string | undefined;
  readonly actor?: string | undefined;
  /** Unknown members and properties are ignored, values of another type are null. Kept for `ingest`; over HTTP the records travel as one text. */
  readonly isLenient?: boolean | undefined;
  /** Whether missing vectors are computed. */
  readonly embed?: LoadEmbedding | undefined;
  /** Over HTTP, records and bytes that were sent; a record is taken to be a line. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

export interface ExportRequest extends CallOptions {
  readonly target: ReadTarget;
  /** Without prefix; empty = all. */
  readonly typeNames: readonly string[];
}

export interface BlobRequest extends CallOptions {
  readonly target: ReadTarget;
  readonly selector: BlobSelector;
}

export interface ApplySchemaRequest extends CallOptions {
  readonly source: string;
  /** Makes every drop of the plan final. */
  readonly allowDataLoss: boolean;
  readonly actor?: string | undefined;
}

export interface BranchRequest extends CallOptions {
  readonly name: string;
  readonly actor?: string | undefined;
}

export interface MergeRequest extends CallOptions {
  readonly source: string;
  readonly target: string;
  readonly actor?: string | undefined;
  /** Deletes the source after the merge, whatever its outcome. */
  readonly deleteBranch: boolean;
}

/**
 * What may be asked of a graph, however it is reached. Every way gives the same results and the same failures: an `OmniError` with the
 * same `code`, `category`, `details` and `effects`. Disposing it releases everything it holds.
 */
export interface GraphClient extends AsyncDisposable {
  query(request: RunQueryRequest): Promise<ReadResult>;
  explain(request: ExplainRequest): Promise<Explanation>;
  mutate(request: RunMutationRequest): Promise<MutationReceipt>;
  /** What the server offers by name, ascending. @throws StoredQueriesUnavailableError on an embedded graph */
  storedQueries(options?: CallOptions): Promise<readonly QueryCatalogEntry[]>;
  /** @throws StoredQueryNotFoundError, also where the caller may not invoke it: a server does not tell these apart */
  runStoredQuery(request: RunStoredQueryRequest): Promise<ReadResult>;
  runStoredMutation(request: RunStoredMutationRequest): Promise<MutationReceipt>;
  /** One commit, all or nothing. */
  load(request: RunLoadRequest): Promise<LoadReceipt>;
  /** NDJSON of one pinned snapshot, in chunks of whole lines or parts of them. Ends only when all of it was delivered. */
  exportJsonl(request: ExportRequest): AsyncIterable<Uint8Array>;
  /** Null where there is no such entity, or no content. */
  readBlob(request: BlobRequest): Promise<BlobReader | null>;
  schemaSource(options?: CallOptions): Promise<string>;
  applySchema(request: ApplySchemaRequest): Promise<SchemaApplyReceipt>;
  snapshot(target: ReadTarget, options?: CallOptions): Promise<SnapshotInfo>;
  /** Newest first. */
  listCommits(target: ReadTarget, options?: CallOptions): Promise<readonly GraphCommit[]>;
  getCommit(graphCommitId: string, options?: CallOptions): Promise<GraphCommit>;
  /** One page. */
  commitChanges(graphCommitId: string, options: CommitChangesOptions & CallOptions): Promise<CommitChangesPage>;
  /** One page of a poll. */
  changes(options: ChangesOptions & CallOptions): Promise<ChangeFeedPage>;
  /** Records as an export writes them, whole lines; then exactly one handshake. */
  changesBaseline(options: BaselineOptions & CallOptions): AsyncIterable<BaselineChunk>;
  /** @param from branch or snapshot id @param to branch or snapshot id */
  diff(from: string, to: string, options: DiffOptions & CallOptions): Promise<GraphDiff>;
  createBranch(request: BranchRequest & { readonly from: string }): Promise<BranchCreated>;
  /** `main` first, then ascending. */
  listBranches(options?: CallOptions): Promise<readonly string[]>;
  deleteBranch(request: BranchRequest): Promise<BranchDeleted>;
  mergeBranch(request: MergeRequest): Promise<MergeReceipt>;
}
