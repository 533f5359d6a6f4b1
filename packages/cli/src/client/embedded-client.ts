import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type {
  BaselineChunk,
  BaselineOptions,
  BlobReader,
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
  LoadReceipt,
  MergeReceipt,
  MutationReceipt,
  SchemaApplyReceipt,
  SnapshotInfo,
} from "@omnigraphdb/api-types";
import {
  type ApplySchemaRequest,
  type BlobRequest,
  type BranchRequest,
  type CallOptions,
  type ExplainRequest,
  type ExportRequest,
  type MergeRequest,
  type ReadResult,
  type ReadTarget,
  type RunLoadRequest,
  type RunMutationRequest,
  type RunQueryRequest,
  StoredQueriesUnavailableError,
} from "@omnigraphdb/client";
import { throwIfAborted } from "@omnigraphdb/common";
import { describeMigrationStep, type LintReport, lintQueries, type MigrationPlan, migrationStepToJson } from "@omnigraphdb/compiler";
import {
  type CleanupReport,
  type EnsureIndicesReport,
  Graph,
  type GraphSettingsInput,
  isS3Uri,
  type OptimizeReport,
  parseS3Environment,
  parseSettingsEnvironment,
  type QueryOptions,
  type ReadTarget as EngineReadTarget,
  type RecoveryAudit,
  type RepairReport,
} from "@omnigraphdb/engine";
import type { StoreTarget } from "../addressing/target.js";
import { objectStoreEnvironment } from "../environment.js";
import { InputError } from "../errors.js";
import type { Io } from "../io.js";
import { legacyPolicy } from "../legacy/legacy-policy.js";
import { warn } from "../notice.js";
import type { CleanupRequest, DirectGraphClient, RepairRequest } from "./graph-client.js";
import { configuredEmbedder } from "./configured-embedder.js";
import { toReadResult } from "./read-result-of.js";

/** Creates a graph in its storage and lets go of it. */
export async function createGraph(
  io: Io,
  address: Pick<StoreTarget, "uri">,
  schemaSource: string,
  force: boolean,
): Promise<void> {
  const uri = storageUri(io, address);
  if (await isFile(uri)) throw new InputError(`cannot create a graph at '${address.uri}': it is a file, not a folder`, { hint: "Name a folder; it is created if it does not exist." });
  await noteUselessDurability(io, uri);
  const graph = await Graph.init(uri, schemaSource, { force, settings: settingsFor(io, uri) });
  await graph.close();
}

/** A graph opened in this process, straight from its storage. */
export class EmbeddedClient implements DirectGraphClient {
  readonly #graph: Graph;
  readonly #signal: AbortSignal;
  readonly #policy: Disposable | undefined;

  private constructor(graph: Graph, signal: AbortSignal, policy: Disposable | undefined) {
    this.#graph = graph;
    this.#signal = signal;
    this.#policy = policy;
  }

  static async open(io: Io, address: StoreTarget, mode: "ro" | "rw"): Promise<EmbeddedClient> {
    const uri = storageUri(io, address);
    if (mode === "rw") await noteUselessDurability(io, uri);
    const policy = mode === "rw" ? await legacyPolicy(io, address) : undefined;
    const components = { embedder: () => configuredEmbedder(io), ...optional("authorizer", policy) };
    return new EmbeddedClient(await Graph.open(uri, { mode, settings: settingsFor(io, uri), components }), io.signal, policy);
  }

  async query(request: RunQueryRequest): Promise<ReadResult> {
    return toReadResult(await this.#graph.query(request.source, this.#queryOptions(request)));
  }

  explain(request: ExplainRequest): Promise<Explanation> {
    return this.#graph.explain(request.source, { ...this.#queryOptions(request), analyze: request.analyze });
  }

  #queryOptions({ name, params, branch, snapshot, timeoutMs, signal }: RunQueryRequest): QueryOptions {
    return { ...optional("name", name), ...optional("params", params), ...optional("timeoutMs", timeoutMs), target: engineTarget({ branch, snapshot }), signal: this.#either(signal) };
  }

  async mutate({ source, name, params, branch, actor, ifCommit, signal }: RunMutationRequest): Promise<MutationReceipt> {
    return await this.#graph.mutate(source, {
      ...optional("name", name),
      ...optional("params", params),
      ...optional("branch", branch),
      ...optional("actor", actor),
      ...optional("ifCommit", ifCommit),
      signal: this.#either(signal),
    });
  }

  storedQueries(): Promise<never> {
    return Promise.reject(new StoredQueriesUnavailableError());
  }

  runStoredQuery(): Promise<never> {
    return Promise.reject(new StoredQueriesUnavailableError());
  }

  runStoredMutation(): Promise<never> {
    return Promise.reject(new StoredQueriesUnavailableError());
  }

  load({ input, mode, branch, base, actor, isLenient, embed, onProgress, signal }: RunLoadRequest): Promise<LoadReceipt> {
    return this.#graph.load(input, {
      mode,
      ...optional("branch", branch),
      ...optional("base", base),
      ...optional("actor", actor),
      ...(isLenient === true ? { content: "lenient" as const } : {}),
      ...optional("embed", embed),
      ...optional("onProgress", onProgress),
      signal: this.#either(signal),
    });
  }

  exportJsonl({ target, typeNames, signal }: ExportRequest): AsyncIterable<Uint8Array> {
    return this.#graph.exportJsonl({ target: engineTarget(target), typeNames, signal: this.#either(signal) });
  }

  async readBlob({ target, selector, signal }: BlobRequest): Promise<BlobReader | null> {
    throwIfAborted(this.#either(signal), "reading a blob");
    return await this.#graph.readBlob(engineTarget(target), selector);
  }

  async schemaSource({ signal }: CallOptions = {}): Promise<string> {
    throwIfAborted(this.#either(signal), "reading the schema");
    return await Promise.resolve(this.#graph.schema.source);
  }

  async applySchema({ source, allowDataLoss, actor, signal }: ApplySchemaRequest): Promise<SchemaApplyReceipt> {
    const receipt = await this.#graph.applySchema(source, { allowDataLoss, ...optional("actor", actor), signal: this.#either(signal) });
    return { ...receipt, steps: receipt.steps.map((step) => ({ ...(migrationStepToJson(step) as { readonly kind: string }), description: describeMigrationStep(step) })) };
  }

  async snapshot(target: ReadTarget, { signal }: CallOptions = {}): Promise<SnapshotInfo> {
    throwIfAborted(this.#either(signal), "reading a snapshot");
    return await this.#graph.snapshotInfo(engineTarget(target));
  }

  async listCommits(target: ReadTarget, { signal }: CallOptions = {}): Promise<readonly GraphCommit[]> {
    throwIfAborted(this.#either(signal), "listing commits");
    return await this.#graph.listCommits(engineTarget(target));
  }

  async createBranch({ name, from, actor, signal }: BranchRequest & { readonly from: string }): Promise<BranchCreated> {
    throwIfAborted(this.#either(signal), "creating a branch");
    return await this.#graph.branchCreateFrom(from, name, optional("actor", actor));
  }

  async listBranches({ signal }: CallOptions = {}): Promise<readonly string[]> {
    throwIfAborted(this.#either(signal), "listing branches");
    return await this.#graph.branchList();
  }

  mergeBranch({ source, target, actor, deleteBranch, signal }: MergeRequest): Promise<MergeReceipt> {
    return this.#graph.branchMerge(source, target, { ...optional("actor", actor), deleteBranch, signal: this.#either(signal) });
  }

  async deleteBranch({ name, actor, signal }: BranchRequest): Promise<BranchDeleted> {
    throwIfAborted(this.#either(signal), "deleting a branch");
    return await this.#graph.branchDelete(name, optional("actor", actor));
  }

  async getCommit(graphCommitId: string, { signal }: CallOptions = {}): Promise<GraphCommit> {
    throwIfAborted(this.#either(signal), "reading a commit");
    return await this.#graph.getCommit(graphCommitId);
  }

  commitChanges(graphCommitId: string, options: CommitChangesOptions & CallOptions): Promise<CommitChangesPage> {
    return this.#graph.commitChanges(graphCommitId, { ...options, signal: this.#either(options.signal) });
  }

  changes(options: ChangesOptions & CallOptions): Promise<ChangeFeedPage> {
    return this.#graph.changes({ ...options, signal: this.#either(options.signal) });
  }

  changesBaseline(options: BaselineOptions & CallOptions): AsyncIterable<BaselineChunk> {
    return this.#graph.changesBaseline({ ...options, signal: this.#either(options.signal) });
  }

  diff(from: string, to: string, options: DiffOptions & CallOptions): Promise<GraphDiff> {
    return this.#graph.diffBetween(from, to, { ...options, signal: this.#either(options.signal) });
  }

  listRecoveryAudits(): Promise<readonly RecoveryAudit[]> {
    return this.#graph.listRecoveryAudits();
  }

  needsOptimize(branch: string | undefined): Promise<boolean> {
    return this.#graph.needsOptimize(branch);
  }

  optimize(branch: string | undefined): Promise<OptimizeReport> {
    return this.#graph.optimize(optional("branch", branch));
  }

  ensureIndices(branch: string | undefined): Promise<EnsureIndicesReport> {
    return this.#graph.ensureIndices(branch);
  }

  repair({ branch, confirm, force }: RepairRequest): Promise<RepairReport> {
    return this.#graph.repair({ ...optional("branch", branch), confirm, force });
  }

  cleanup({ keepVersions, olderThanMs }: CleanupRequest): Promise<CleanupReport> {
    return this.#graph.cleanup({ ...optional("keepVersions", keepVersions), ...optional("olderThanMs", olderThanMs) });
  }

  planSchema(source: string, options: { readonly allowDataLoss: boolean }): Promise<MigrationPlan> {
    return Promise.resolve(this.#graph.planSchema(source, options));
  }

  lint(source: string): Promise<LintReport> {
    return Promise.resolve(lintQueries(source, this.#graph.schema.catalog));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#graph.close();
    this.#policy?.[Symbol.dispose]();
  }

  /** Of the process and of one call. */
  #either(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#signal : AbortSignal.any([this.#signal, signal]);
  }
}

function engineTarget({ branch, snapshot }: ReadTarget): EngineReadTarget {
  return { ...optional("branch", branch), ...optional("snapshot", snapshot) };
}

/** False for what is no path of this machine. */
async function isFile(uri: string): Promise<boolean> {
  const found = uri.includes("://") ? undefined : await stat(uri).catch(() => undefined);
  return found?.isFile() === true;
}

/** Relative paths are relative to where the command was started. */
function storageUri(io: Io, { uri }: Pick<StoreTarget, "uri">): string {
  return uri.includes("://") ? uri : resolve(io.cwd, uri);
}

/** An object store knows one level, its own (ST-21). */
async function noteUselessDurability(io: Io, uri: string): Promise<void> {
  if (isS3Uri(uri) && parseSettingsEnvironment(io.env).durability !== undefined) await warn(io, "the durability level has no effect on S3: what the store has accepted is durable");
}

function settingsFor(io: Io, uri: string): GraphSettingsInput {
  const settings = parseSettingsEnvironment(io.env);
  return isS3Uri(uri) ? { ...settings, s3: parseS3Environment(objectStoreEnvironment(io.env)) } : settings;
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
