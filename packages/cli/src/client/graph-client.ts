import type { LintReport, MigrationPlan } from "@omnigraphdb/compiler";
import type { GraphCommit, LoadMode, LoadProgress, LoadReceipt, MutationReceipt, SnapshotInfo } from "@omnigraphdb/engine";
import type { ReadResult } from "../output/read-result.js";

export interface RunQueryRequest {
  readonly source: string;
  readonly name: string | undefined;
  /** Parsed parameters object; integers keep every digit. */
  readonly params: unknown;
  readonly branch: string | undefined;
  readonly snapshot: string | undefined;
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
  readonly actor: string | undefined;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** What a command may ask of a graph, however it is reached. Disposing it releases everything it holds. */
export interface GraphClient extends AsyncDisposable {
  query(request: RunQueryRequest): Promise<ReadResult>;
  mutate(request: RunMutationRequest): Promise<MutationReceipt>;
  load(request: RunLoadRequest): Promise<LoadReceipt>;
  /** NDJSON of one pinned snapshot, in chunks. */
  exportJsonl(request: { readonly branch: string | undefined; readonly typeNames: readonly string[] }): AsyncIterable<Uint8Array>;
  schemaSource(): Promise<string>;
  snapshot(branch: string | undefined): Promise<SnapshotInfo>;
  /** Newest first. */
  listCommits(branch: string | undefined): Promise<readonly GraphCommit[]>;
  getCommit(graphCommitId: string): Promise<GraphCommit>;
}

/** What additionally needs the graph's storage at hand: capability `direct` (§4). */
export interface DirectGraphClient extends GraphClient {
  planSchema(source: string, options: { readonly allowDataLoss: boolean }): Promise<MigrationPlan>;
  lint(source: string): Promise<LintReport>;
}
