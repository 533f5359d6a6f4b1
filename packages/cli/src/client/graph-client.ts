import type { LintReport, MigrationPlan } from "@omnigraphdb/compiler";
import type {
  BlobReader,
  BlobSelector,
  BaselineChunk,
  BaselineOptions,
  BranchCreated,
  BranchDeleted,
  MergeReceipt,
  ChangeFeedPage,
  ChangesOptions,
  CleanupReport,
  CommitChangesOptions,
  CommitChangesPage,
  DiffOptions,
  EnsureIndicesReport,
  Explanation,
  GraphCommit,
  GraphDiff,
  LoadEmbedding,
  LoadMode,
  LoadProgress,
  LoadReceipt,
  MutationReceipt,
  OptimizeReport,
  RecoveryAudit,
  RepairReport,
  SchemaApplyReceipt,
  SnapshotInfo,
} from "@omnigraphdb/engine";
import type { ReadResult } from "../output/read-result.js";
import type { ReadTarget } from "../read-target.js";

export interface RunQueryRequest {
  readonly source: string;
  readonly name: string | undefined;
  /** Parsed parameters object; integers keep every digit. */
  readonly params: unknown;
  readonly branch: string | undefined;
  readonly snapshot: string | undefined;
  /** Milliseconds; undefined = what the environment says. */
  readonly timeoutMs: number | undefined;
}

export interface ExplainRequest extends RunQueryRequest {
  /** Run it, and measure. */
  readonly analyze: boolean;
}

export interface MergeRequest {
  readonly source: string;
  readonly target: string;
  readonly actor: string | undefined;
  readonly deleteBranch: boolean;
}

export interface BranchRequest {
  readonly name: string;
  readonly actor: string | undefined;
}

export interface RunMutationRequest {
  readonly source: string;
  readonly name: string | undefined;
  readonly params: unknown;
  readonly branch: string | undefined;
  readonly actor: string | undefined;
  readonly ifCommit: string | undefined;
}

export interface RunLoadRequest {
  readonly input: AsyncIterable<Uint8Array>;
  readonly mode: LoadMode;
  readonly branch: string | undefined;
  /** Created from this branch if it is missing. */
  readonly base: string | undefined;
  readonly actor: string | undefined;
  /** Whether missing vectors are computed. */
  readonly embed: LoadEmbedding | undefined;
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface ApplySchemaRequest {
  readonly source: string;
  readonly allowDataLoss: boolean;
  readonly actor: string | undefined;
}

export interface RepairRequest {
  readonly branch: string | undefined;
  readonly confirm: boolean;
  readonly force: boolean;
}

export interface CleanupRequest {
  readonly keepVersions: number | undefined;
  readonly olderThanMs: number | undefined;
}

/** What a command may ask of a graph, however it is reached. Disposing it releases everything it holds. */
export interface GraphClient extends AsyncDisposable {
  query(request: RunQueryRequest): Promise<ReadResult>;
  explain(request: ExplainRequest): Promise<Explanation>;
  mutate(request: RunMutationRequest): Promise<MutationReceipt>;
  load(request: RunLoadRequest): Promise<LoadReceipt>;
  /** NDJSON of one pinned snapshot, in chunks. */
  exportJsonl(request: { readonly target: ReadTarget; readonly typeNames: readonly string[] }): AsyncIterable<Uint8Array>;
  /** Null where there is no such entity, or no content. */
  readBlob(request: { readonly target: ReadTarget; readonly selector: BlobSelector }): Promise<BlobReader | null>;
  schemaSource(): Promise<string>;
  applySchema(request: ApplySchemaRequest): Promise<SchemaApplyReceipt>;
  snapshot(target: ReadTarget): Promise<SnapshotInfo>;
  /** Newest first. */
  listCommits(target: ReadTarget): Promise<readonly GraphCommit[]>;
  getCommit(graphCommitId: string): Promise<GraphCommit>;
  /** One page. */
  commitChanges(graphCommitId: string, options: CommitChangesOptions): Promise<CommitChangesPage>;
  /** One page of a poll. */
  changes(options: ChangesOptions): Promise<ChangeFeedPage>;
  changesBaseline(options: BaselineOptions): AsyncIterable<BaselineChunk>;
  diff(from: string, to: string, options: DiffOptions): Promise<GraphDiff>;
  createBranch(request: BranchRequest & { readonly from: string }): Promise<BranchCreated>;
  /** `main` first, then ascending. */
  listBranches(): Promise<readonly string[]>;
  deleteBranch(request: BranchRequest): Promise<BranchDeleted>;
  mergeBranch(request: MergeRequest): Promise<MergeReceipt>;
}

/** What additionally needs the graph's storage at hand: capability `direct` (§4). */
export interface DirectGraphClient extends GraphClient {
  /** What became of interrupted writes, newest first. */
  listRecoveryAudits(): Promise<readonly RecoveryAudit[]>;
  /** Whether `optimize` would make reads and writes of the branch faster, by what is known without looking at its data. */
  needsOptimize(branch: string | undefined): Promise<boolean>;
  optimize(branch: string | undefined): Promise<OptimizeReport>;
  ensureIndices(branch: string | undefined): Promise<EnsureIndicesReport>;
  repair(request: RepairRequest): Promise<RepairReport>;
  cleanup(request: CleanupRequest): Promise<CleanupReport>;
  planSchema(source: string, options: { readonly allowDataLoss: boolean }): Promise<MigrationPlan>;
  lint(source: string): Promise<LintReport>;
}
