import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type LintReport, lintQueries, type MigrationPlan } from "@omnigraphdb/compiler";
import { type BaselineChunk, type BaselineOptions, type BlobReader, type BlobSelector, type BranchCreated, type BranchDeleted, type ChangeFeedPage, type ChangesOptions, type CleanupReport, type CommitChangesOptions, type CommitChangesPage, type DiffOptions, type EnsureIndicesReport, type Explanation, Graph, type GraphCommit, type GraphDiff, type GraphSettingsInput, isS3Uri, type LoadReceipt, type MergeReceipt, type MutationReceipt, type OptimizeReport, parseS3Environment, type QueryOptions, type RecoveryAudit, type ReadTarget as EngineReadTarget, type RepairReport, type SchemaApplyReceipt, type SnapshotInfo } from "@omnigraphdb/engine";
import type { StoreTarget } from "../addressing/target.js";
import { durabilityOf, objectStoreEnvironment, readEngineEnvironment } from "../environment.js";
import { InputError } from "../errors.js";
import type { Io } from "../io.js";
import { legacyAuthorizer } from "../legacy/legacy-policy.js";
import { warn } from "../notice.js";
import type { ReadResult } from "../output/read-result.js";
import type { ApplySchemaRequest, BranchRequest, CleanupRequest, DirectGraphClient, ExplainRequest, MergeRequest, RepairRequest, RunLoadRequest, RunMutationRequest, RunQueryRequest } from "./graph-client.js";
import type { ReadTarget } from "../read-target.js";
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

  private constructor(graph: Graph, signal: AbortSignal) {
    this.#graph = graph;
    this.#signal = signal;
  }

  static async open(io: Io, address: StoreTarget, mode: "ro" | "rw"): Promise<EmbeddedClient> {
    const uri = storageUri(io, address);
    if (mode === "rw") await noteUselessDurability(io, uri);
    const components = { embedder: () => configuredEmbedder(io), ...optional("authorizer", mode === "rw" ? await legacyAuthorizer(io, address) : undefined) };
    return new EmbeddedClient(await Graph.open(uri, { mode, settings: settingsFor(io, uri), components }), io.signal);
  }

  async query(request: RunQueryRequest): Promise<ReadResult> {
    return toReadResult(await this.#graph.query(request.source, this.#queryOptions(request)));
  }

  explain(request: ExplainRequest): Promise<Explanation> {
    return this.#graph.explain(request.source, { ...this.#queryOptions(request), analyze: request.analyze });
  }

  #queryOptions({ name, params, branch, snapshot, timeoutMs }: RunQueryRequest): QueryOptions {
    return { ...optional("name", name), ...optional("params", params), ...optional("timeoutMs", timeoutMs), target: engineTarget({ branch, snapshot }), signal: this.#signal };
  }

  mutate({ source, name, params, branch, actor, ifCommit }: RunMutationRequest): Promise<MutationReceipt> {
    return this.#graph.mutate(source, {
      ...optional("name", name),
      ...optional("params", params),
      ...optional("branch", branch),
      ...optional("actor", actor),
      ...optional("ifCommit", ifCommit),
      signal: this.#signal,
    });
  }

  load({ input, mode, branch, base, actor, embed, onProgress }: RunLoadRequest): Promise<LoadReceipt> {
    return this.#graph.load(input, {
      mode,
      ...optional("branch", branch),
      ...optional("base", base),
      ...optional("actor", actor),
      ...optional("embed", embed),
      ...optional("onProgress", onProgress),
      signal: this.#signal,
    });
  }

  exportJsonl({ target, typeNames }: { readonly target: ReadTarget; readonly typeNames: readonly string[] }): AsyncIterable<Uint8Array> {
    return this.#graph.exportJsonl({ target: engineTarget(target), typeNames, signal: this.#signal });
  }

  readBlob({ target, selector }: { readonly target: ReadTarget; readonly selector: BlobSelector }): Promise<BlobReader | null> {
    return this.#graph.readBlob(engineTarget(target), selector);
  }

  schemaSource(): Promise<string> {
    return Promise.resolve(this.#graph.schema.source);
  }

  applySchema({ source, allowDataLoss, actor }: ApplySchemaRequest): Promise<SchemaApplyReceipt> {
    return this.#graph.applySchema(source, { allowDataLoss, ...optional("actor", actor), signal: this.#signal });
  }

  snapshot(target: ReadTarget): Promise<SnapshotInfo> {
    return this.#graph.snapshotInfo(engineTarget(target));
  }

  listCommits(target: ReadTarget): Promise<readonly GraphCommit[]> {
    return this.#graph.listCommits(engineTarget(target));
  }

  createBranch({ name, from, actor }: BranchRequest & { readonly from: string }): Promise<BranchCreated> {
    return this.#graph.branchCreateFrom(from, name, optional("actor", actor));
  }

  listBranches(): Promise<readonly string[]> {
    return this.#graph.branchList();
  }

  mergeBranch({ source, target, actor, deleteBranch }: MergeRequest): Promise<MergeReceipt> {
    return this.#graph.branchMerge(source, target, { ...optional("actor", actor), deleteBranch, signal: this.#signal });
  }

  deleteBranch({ name, actor }: BranchRequest): Promise<BranchDeleted> {
    return this.#graph.branchDelete(name, optional("actor", actor));
  }

  getCommit(graphCommitId: string): Promise<GraphCommit> {
    return this.#graph.getCommit(graphCommitId);
  }

  commitChanges(graphCommitId: string, options: CommitChangesOptions): Promise<CommitChangesPage> {
    return this.#graph.commitChanges(graphCommitId, { ...options, signal: this.#signal });
  }

  changes(options: ChangesOptions): Promise<ChangeFeedPage> {
    return this.#graph.changes({ ...options, signal: this.#signal });
  }

  changesBaseline(options: BaselineOptions): AsyncIterable<BaselineChunk> {
    return this.#graph.changesBaseline({ ...options, signal: this.#signal });
  }

  diff(from: string, to: string, options: DiffOptions): Promise<GraphDiff> {
    return this.#graph.diffBetween(from, to, { ...options, signal: this.#signal });
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
  if (isS3Uri(uri) && durabilityOf(io.env) !== undefined) await warn(io, "the durability level has no effect on S3: what the store has accepted is durable");
}

function settingsFor(io: Io, uri: string): GraphSettingsInput {
  const settings = readEngineEnvironment(io.env);
  return isS3Uri(uri) ? { ...settings, s3: parseS3Environment(objectStoreEnvironment(io.env)) } : settings;
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
