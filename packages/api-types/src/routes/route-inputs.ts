import type { ChangeOp } from "../models/changes.js";
import type { EntityKind } from "../models/entity.js";
import type { LoadEmbedding, LoadMode } from "../models/load.js";
import type { BranchCreateRequest, BranchMergeRequest } from "../wire/branch.js";
import type { ChangeBaselineRequest } from "../wire/changes.js";
import type { ExportRequest } from "../wire/export.js";
import type { IngestRequest } from "../wire/load.js";
import type { ExplainRequest, QueryRequest } from "../wire/query.js";
import type { SchemaApplyRequest } from "../wire/schema.js";
import type { InvokeStoredQueryRequest } from "../wire/stored-query.js";

type Nothing = Readonly<Record<string, never>>;

/** A request body without members that are null: they are left out. */
export type Given<T> = { readonly [Member in keyof T]: Exclude<T[Member], null | undefined> };

/** A request as a handler sees it: checked, branch names trimmed, aliases resolved. */
export interface RouteInput<Path = Nothing, Query = Nothing, Body = undefined, Condition = undefined> {
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  /** The commit that the branch head must be. */
  readonly ifGraphCommit: Condition;
}

export interface BranchQuery {
  readonly branch?: string;
}

export interface TargetQuery extends BranchQuery {
  readonly snapshot?: string;
}

export interface ChangeFilterQuery {
  readonly kind: readonly EntityKind[];
  readonly type: readonly string[];
  readonly op: readonly ChangeOp[];
}

export interface ChangePageQuery extends ChangeFilterQuery {
  readonly limit?: number;
  readonly page_token?: string;
}

export interface ChangeFeedQuery extends ChangePageQuery, BranchQuery {
  readonly start?: string;
  readonly cursor?: string;
}

export interface DiffQuery extends ChangeFilterQuery {
  readonly from: string;
  readonly to: string;
  readonly images?: boolean;
}

export interface BlobQuery extends TargetQuery {
  readonly entity: EntityKind;
  readonly type: string;
  readonly id: string;
  readonly property: string;
}

export interface LoadQuery extends BranchQuery {
  readonly from?: string;
  readonly mode?: LoadMode;
  readonly embed?: LoadEmbedding;
}

export type QueryInput = Given<QueryRequest>;
export type MutationInput = Omit<QueryInput, "snapshot" | "timeout_ms">;

/** What the handler of each operation is given. */
export interface RouteInputs {
  readonly health: RouteInput;
  readonly listGraphs: RouteInput;
  readonly getSnapshot: RouteInput<Nothing, TargetQuery>;
  readonly query: RouteInput<Nothing, Nothing, QueryInput>;
  readonly explain: RouteInput<Nothing, Nothing, Given<ExplainRequest>>;
  readonly read: RouteInput<Nothing, Nothing, QueryInput>;
  readonly mutate: RouteInput<Nothing, Nothing, MutationInput>;
  readonly change: RouteInput<Nothing, Nothing, MutationInput>;
  readonly mutate_if_graph_commit: RouteInput<Nothing, Nothing, MutationInput, string>;
  readonly list_queries: RouteInput;
  readonly invoke_query: RouteInput<{ readonly name: string }, Nothing, Given<InvokeStoredQueryRequest>>;
  readonly invoke_query_if_graph_commit: RouteInput<{ readonly name: string }, Nothing, Given<InvokeStoredQueryRequest>, string>;
  readonly getSchema: RouteInput;
  readonly applySchema: RouteInput<Nothing, Nothing, Given<SchemaApplyRequest>>;
  readonly load: RouteInput<Nothing, Nothing, Given<IngestRequest>>;
  readonly loadNdjson: RouteInput<Nothing, LoadQuery>;
  readonly ingest: RouteInput<Nothing, Nothing, Given<IngestRequest>>;
  readonly export: RouteInput<Nothing, Nothing, Given<ExportRequest>>;
  readonly listBranches: RouteInput;
  readonly createBranch: RouteInput<Nothing, Nothing, Given<BranchCreateRequest>>;
  readonly deleteBranch: RouteInput<{ readonly branch: string }>;
  readonly mergeBranches: RouteInput<Nothing, Nothing, Given<BranchMergeRequest>>;
  readonly listCommits: RouteInput<Nothing, TargetQuery>;
  readonly getCommit: RouteInput<{ readonly commit_id: string }>;
  readonly diff: RouteInput<Nothing, DiffQuery>;
  readonly getCommitChanges: RouteInput<{ readonly commit_id: string }, ChangePageQuery>;
  readonly pollChanges: RouteInput<Nothing, ChangeFeedQuery>;
  readonly captureChangeBaseline: RouteInput<Nothing, Nothing, Given<ChangeBaselineRequest>>;
  readonly getBlob: RouteInput<Nothing, BlobQuery>;
  readonly headBlob: RouteInput<Nothing, BlobQuery>;
}

/** Name of an operation, as in the OpenAPI document (21.3). */
export type OperationId = keyof RouteInputs;
