import { type AcceptedSchema, type Catalog, type CompiledRead, type MigrationPlan, planMigration } from "@omnigraphdb/compiler";
import { WriteGate } from "./authorization/write-gate.js";
import { BranchBinding } from "./branches/branch-binding.js";
import type { BaselineChunk, BaselineOptions } from "./changes/baseline.js";
import type { ChangeFeedPage, ChangesOptions } from "./changes/change-feed.js";
import type { CommitChangesOptions, CommitChangesPage } from "./changes/commit-changes.js";
import type { DiffOptions, GraphDiff } from "./changes/diff.js";
import { type BlobReader, type BlobSelector, readBlob } from "./blobs/read-blob.js";
import { GraphCaches } from "./cache/graph-caches.js";
import { GraphEmbeddings } from "./embedding/graph-embeddings.js";
import type { Explanation } from "./explain/explanation.js";
import type { BranchCreated, BranchDeleted, BranchOptions, ExplainOptions, ExportOptions, GraphRepairOptions, LoadInput, LoadOptions, LoadReceipt, MutateOptions, MutationReceipt, OptimizeOptions, QueryOptions, QueryResult, ReadTarget } from "./graph-api.js";
import { EXPORT_STAGED_BYTES, exportJsonl } from "./export/export-jsonl.js";
import type { GraphCommit } from "./manifest/graph-commit.js";
import { sortBranchNames } from "./manifest/branch-names.js";
import { MAIN_BRANCH } from "./manifest/manifest.js";
import type { Snapshot } from "./manifest/snapshot.js";
import { mergeBranches, type MergeOptions, type MergeReceipt } from "./merge/merge-branches.js";
import type { CleanupOptions, CleanupReport } from "./maintenance/cleanup.js";
import type { EnsureIndicesReport, OptimizeReport } from "./maintenance/optimize.js";
import type { RepairReport } from "./maintenance/repair.js";
import { needsOptimize } from "./maintenance/upkeep.js";
import { ReadOnlyGraphError } from "./open/errors.js";
import { ChangeReader, type DiffTarget } from "./open/change-reader.js";
import { initGraph, type InitOptions } from "./open/init-graph.js";
import { type OpenedGraph, openGraph, type OpenOptions } from "./open/open-graph.js";
import { persistTopology } from "./open/persist-topology.js";
import { PreparedQuery } from "./open/prepared-query.js";
import { QueryRunner } from "./open/query-runner.js";
import { type EntityJson, readEntity } from "./open/read-entity.js";
import { RecordWriter } from "./open/record-writer.js";
import { RunningCalls } from "./open/running-calls.js";
import { openCacheFiles } from "./open/open-cache-files.js";
import { makeMaintenanceServices, type MaintenanceServices } from "./open/maintenance-services.js";
import type { RootAccess } from "./open/root-access.js";
import { describeSnapshot, type SnapshotInfo } from "./open/snapshot-info.js";
import { SnapshotReader } from "./open/snapshot-reader.js";
import type { WriteServices } from "./open/write-services.js";
import { type RecoveryAudit, RecoveryAuditLog } from "./recovery/recovery-audit.js";
import { applySchema, type SchemaApplyOptions, type SchemaApplyReceipt } from "./schema/apply/apply-schema.js";

/**
 * A graph, opened. Safe for concurrent use by many tasks; all handles of one root in a process share their write gates
 * (API-16). Close it, or use it with `await using`.
 *
 * With an authorizer, every call that writes data, schema or branches asks it first, and may end with ActorRequiredError,
 * PolicyDeniedError or PolicyEvaluationError: nothing was looked at or changed then (PO-3). Reads and maintenance do not ask.
 */
export class Graph implements AsyncDisposable {
  readonly #opened: OpenedGraph;
  readonly #access: RootAccess;
  readonly #gate: WriteGate;
  readonly #binding: BranchBinding;
  readonly #snapshots: SnapshotReader;
  readonly #changes: ChangeReader;
  readonly #caches: GraphCaches;
  readonly #embeddings: GraphEmbeddings;
  readonly #queries: QueryRunner;
  readonly #calls: RunningCalls;
  #closing: Promise<void> | undefined;

  private constructor(opened: OpenedGraph) {
    this.#opened = opened;
    this.#access = opened.access;
    this.#gate = new WriteGate(opened.access.components.authorizer);
    this.#binding = new BranchBinding(opened.access.manifest);
    this.#snapshots = new SnapshotReader(opened.access, opened.schema, this.#binding);
    this.#changes = new ChangeReader(opened.access, this.#snapshots);
    this.#caches = new GraphCaches(opened.access.settings.cacheBytes, openCacheFiles(opened.access, opened.writing !== undefined));
    this.#embeddings = new GraphEmbeddings(opened.access.components.embedder);
    this.#queries = new QueryRunner(opened.access, this.#snapshots, this.#caches, this.#embeddings);
    this.#calls = new RunningCalls(opened.access);
  }

  /**
   * Creates an empty graph with the schema and opens it for writing (OP-1 … OP-6).
   *
   * @throws CompileError, AlreadyInitializedError, InitializationClaimedError, InitializationCommittedError,
   *   InitializationIndeterminateError
   */
  static async init(uri: string, schemaSource: string, options: InitOptions = {}): Promise<Graph> {
    await initGraph(uri, schemaSource, options);
    return Graph.open(uri, { ...options, mode: "rw" });
  }

  /**
   * Opens an existing graph: see {@link openGraph} for the order of checks and the errors (OP-7 … OP-15).
   *
   * @throws BranchNotFoundError, InternalBranchError for `options.branch`
   */
  static async open(uri: string, options: OpenOptions): Promise<Graph> {
    const graph = new Graph(await openGraph(uri, options));
    try {
      if (options.branch !== undefined) await graph.#binding.sync(options.branch);
      return graph;
    } catch (error) {
      await graph.close();
      throw error;
    }
  }

  /** Normalised address of the root. */
  get uri(): string {
    return this.#access.uri;
  }

  /** The accepted schema as of the last read or write of this handle. */
  get schema(): AcceptedSchema {
    return this.#snapshots.schema;
  }

  /**
   * Whether another graph lies at the root now: the one that was opened was removed, and this one created in its place. A handle goes on
   * with what it knows of the old one and cannot write; close it, and open the new one.
   *
   * @throws SchemaArtifactMissingError when no graph is there; SchemaContractError while a schema apply promotes its files
   */
  isReplaced(): Promise<boolean> {
    return this.#calls.run(async () => (await this.#access.schemas.readIdentityDomain()) !== this.#opened.schema.identityDomain);
  }

  /** The newest state of a branch (default: the bound one), or the one a snapshot id names (SN-3, SN-4). */
  async snapshot(target: ReadTarget = {}): Promise<Snapshot> {
    return this.#calls.run(async () => (await this.#snapshots.resolve(target)).snapshot);
  }

  /** @throws GraphVersionNotFoundError (SN-5) */
  snapshotAtVersion(version: number, branch?: string): Promise<Snapshot> {
    return this.#calls.run(() => this.#snapshots.atVersion(branch, version));
  }

  /** By commit id, version or instant: see {@link ReadTarget} (SN-7). */
  resolveSnapshot(snapshotId: string): Promise<Snapshot> {
    return this.#calls.run(() => this.#snapshots.bySnapshotId(snapshotId));
  }

  /** What the snapshot shows, type by type, ascending by type key (SN-20). */
  snapshotInfo(target: ReadTarget = {}): Promise<SnapshotInfo> {
    return this.#calls.run(async () => {
      const { snapshot } = await this.#snapshots.resolve(target);
      const { graph } = await this.#access.manifest.readState(null);
      return describeSnapshot(snapshot, graph.formatVersion);
    });
  }

  /**
   * One entity of a past graph version, or null (SN-6).
   *
   * @throws GraphVersionNotFoundError, TypeNotInSnapshotError
   */
  entityAt(typeKey: string, id: string, version: number, branch?: string): Promise<EntityJson | null> {
    return this.#calls.run(async (read) => {
      const snapshot = await this.#snapshots.atVersion(branch, version);
      read.show(snapshot);
      return readEntity(this.#access.storage.datasets, snapshot, typeKey, id);
    });
  }

  /** One entity of a branch head or snapshot, or null. */
  entityAtTarget(target: ReadTarget, typeKey: string, id: string): Promise<EntityJson | null> {
    return this.#calls.run(async (read) => {
      const { snapshot } = await this.#snapshots.resolve(target);
      read.show(snapshot);
      return readEntity(this.#access.storage.datasets, snapshot, typeKey, id);
    });
  }

  /**
   * The content of one blob, or null where there is no such entity or it has none (BL-3 … BL-7). The bytes are read from the reader.
   *
   * @throws BlobSelectorError, BlobIntegrityError and the errors of the read target
   */
  readBlob(target: ReadTarget, selector: BlobSelector): Promise<BlobReader | null> {
    return this.#calls.run(async (read) => {
      const { snapshot } = await this.#snapshots.resolve(target);
      read.show(snapshot);
      return readBlob(this.#access.storage.datasets, snapshot, selector, (call) => this.#calls.run((again) => (again.show(snapshot), call())));
    });
  }

  /**
   * Runs one read of `source` on one snapshot (SN-2).
   *
   * @throws CompileError, QuerySelectionError, ParameterError, WrongQueryKindError, QueryRefusedError; the errors of the
   *   read target; ResourceLimitExceededError, CancelledError
   */
  query(source: string, options: QueryOptions = {}): Promise<QueryResult> {
    return this.#calls.run((read) => this.#queries.run((catalog) => this.#queries.compileRead(source, catalog, options.name), options, read));
  }

  /**
   * How a read of `source` is executed; with `analyze` it is run, and every step measured. Without, no data is read.
   *
   * @throws MutationNotExplainedError; otherwise as {@link query}
   */
  explain(source: string, options: ExplainOptions = {}): Promise<Explanation> {
    return this.#calls.run((read) => this.#queries.explain(source, options, read));
  }

  /** Compiles a read for many runs (API-19). */
  prepare(source: string, name?: string): PreparedQuery {
    const { catalog: currentCatalog } = this.schema;
    const query = this.#queries.compileRead(source, currentCatalog, name);
    const compile = (catalog: Catalog): CompiledRead => (catalog === currentCatalog ? query : this.#queries.compileRead(source, catalog, name));
    return new PreparedQuery(query, (options) => this.#calls.run((read) => this.#queries.run(compile, options, read)));
  }

  /**
   * Runs one mutation of `source` as at most one commit (WR-2, query MU-1).
   *
   * @throws CompileError, QuerySelectionError, ParameterError, WrongQueryKindError; MixedMutationError, KeyUpdateError,
   *   MutationValueError and the errors of validation, which leave everything as it was; conflicts,
   *   PreconditionFailedError; RecoveryRequiredError
   */
  mutate(source: string, options: MutateOptions = {}): Promise<MutationReceipt> {
    return this.#calls.run(() => this.#records("mutate").mutate(source, options));
  }

  /**
   * Loads records as one commit (LD-1 … LD-6). With a base, a missing branch is created from it first, and stays whatever
   * becomes of the load (LD-2, LD-4).
   *
   * @throws LoadInputError, LoadRecordError, LoadRecordLimitError, LoadSchemaChangedError, the errors of validation, and with
   *   `embed` those of embedding, which leave everything as it was; conflicts; RecoveryRequiredError
   */
  load(input: LoadInput, options: LoadOptions): Promise<LoadReceipt> {
    return this.#calls.run(() => this.#records("load").load(input, options));
  }

  /**
   * NDJSON of one snapshot, readable by {@link load} (EX-1 … EX-7), in chunks of at most 64 KiB.
   *
   * @throws UnknownExportTypeError and the errors of the read target, when the iteration starts; GraphClosedError when the
   *   graph is closed before its end
   */
  exportJsonl(options: ExportOptions = {}): AsyncGenerator<Uint8Array> {
    return this.#calls.stream(async (read) => {
      const { snapshot } = await this.#snapshots.resolve(options.target);
      read.show(snapshot);
      const { settings, storage } = this.#access;
      const staging = { directory: settings.stagingDirectory, memoryBytes: EXPORT_STAGED_BYTES };
      return exportJsonl(snapshot, options, { datasets: storage.datasets, staging });
    });
  }

  /** What applying `source` would change; changes nothing. */
  planSchema(source: string, options: { readonly allowDataLoss?: boolean } = {}): MigrationPlan {
    return planMigration(this.schema, source, options);
  }

  /**
   * Migrates the graph to another schema as one commit on `main` (schema specification §16). Costs the same for any number of
   * rows, unless data loss is allowed and something is dropped.
   *
   * @throws SchemaApplyInProgressError; SchemaApplyNeedsOnlyMainError; CompileError and SchemaChangeUnsupportedError for the source;
   *   whatever `validateCatalog` throws; conflicts, all without any effect; RecoveryRequiredError
   */
  applySchema(source: string, options: SchemaApplyOptions = {}): Promise<SchemaApplyReceipt> {
    return this.#calls.run(async () => {
      const { schemaApply } = this.#writing("schema_apply");
      this.#gate.schemaApply(options.actor);
      const receipt = await applySchema(schemaApply, source, options);
      await this.#snapshots.head(null);
      return receipt;
    });
  }

  /** All commits in the history of a branch, or of an earlier version of one, newest first (CM-7). */
  listCommits(target: string | ReadTarget = {}): Promise<readonly GraphCommit[]> {
    return this.#calls.run(async () => {
      const { snapshot } = await this.#snapshots.resolve(typeof target === "string" ? { branch: target } : target);
      const commits = await this.#snapshots.commits.list(snapshot.branch);
      return commits.filter((commit) => commit.graphManifestVersion <= snapshot.graphManifestVersion);
    });
  }

  /**
   * Creates a branch with the state of `main` (BR-20 … BR-25). It copies no data and adds no commit.
   *
   * @throws as {@link branchCreateFrom}
   */
  branchCreate(name: string, options: BranchOptions = {}): Promise<BranchCreated> {
    return this.#createBranch(name, undefined, options);
  }

  /**
   * Creates a branch with the state of another one (BR-4).
   *
   * @throws InvalidBranchNameError, MainBranchError, InternalBranchError; BranchExistsError, BranchNameConflictError;
   *   BranchNotFoundError for the source; SchemaApplyInProgressError
   */
  branchCreateFrom(source: string, name: string, options: BranchOptions = {}): Promise<BranchCreated> {
    return this.#createBranch(name, source, options);
  }

  /** `main`, then the others ascending (BR-30). */
  branchList(): Promise<readonly string[]> {
    return this.#calls.run(async () => {
      const { registry } = await this.#access.manifest.readRegistry();
      return sortBranchNames(registry.branches.keys(), { includeInternal: false });
    });
  }

  /**
   * Deletes a branch: it is gone for everybody at once, its history included (BR-40 … BR-46). Data that only it showed is removed
   * where that is possible now; `cleanup` removes the rest.
   *
   * @throws MainBranchError, InternalBranchError, BranchNotFoundError, BranchInUseError, SchemaApplyInProgressError
   */
  branchDelete(name: string, options: BranchOptions = {}): Promise<BranchDeleted> {
    return this.#calls.run(async () => {
      const deleted = await this.#deleteBranch(name, options.actor);
      return { uri: this.uri, name: deleted, actorId: options.actor ?? null };
    });
  }

  /**
   * Merges what `source` has into `target` (default `main`) as one commit with two parents (MG-1 … MG-11). What the source gets
   * while it is being merged is not part of it.
   *
   * @throws MergeConflictsError with all conflicts, and the target is as it was; InvalidMergeError, InternalBranchError,
   *   BranchNotFoundError; HistoricalVersionReclaimedError; the conflicts of any write
   */
  branchMerge(source: string, target: string = MAIN_BRANCH, options: MergeOptions = {}): Promise<MergeReceipt> {
    return this.#calls.run(() => {
      const { writer } = this.#writing("branch_merge");
      this.#gate.branchMerge(options.actor, source, target);
      const { manifest, storage, settings, components } = this.#access;
      return mergeBranches(source, target, options, {
        writer,
        manifest,
        commits: this.#snapshots.commits,
        datasets: storage.datasets,
        administration: storage.administration,
        failpoints: components.failpoints,
        stagingDirectory: settings.stagingDirectory,
        deleteBranch: (name) => this.#deleteBranch(name, options.actor),
      });
    });
  }

  /**
   * Binds the handle to a branch: calls that name none mean it from now on (BR-60, SN-12).
   *
   * @throws BranchNotFoundError, InternalBranchError
   */
  syncBranch(name: string): Promise<void> {
    return this.#calls.run(() => this.#binding.sync(name));
  }

  /** @throws CommitNotFoundError (CM-9) */
  getCommit(graphCommitId: string): Promise<GraphCommit> {
    return this.#calls.run(() => this.#snapshots.commits.get(graphCommitId));
  }

  /**
   * What differs between two states, entity by entity: branches or snapshot ids (CH-1 … CH-6). The cost follows the number of changed rows.
   *
   * @throws the errors of read targets; HistoricalVersionReclaimedError; ResourceLimitExceededError for a result beyond 256 MiB
   */
  diffBetween(from: DiffTarget, to: DiffTarget, options: DiffOptions = {}): Promise<GraphDiff> {
    return this.#calls.run(() => this.#changes.diffBetween(from, to, options));
  }

  /** As {@link diffBetween}, of two commits on any branches. @throws CommitNotFoundError */
  diffCommits(fromCommitId: string, toCommitId: string, options: DiffOptions = {}): Promise<GraphDiff> {
    return this.#calls.run(() => this.#changes.diffCommits(fromCommitId, toCommitId, options));
  }

  /**
   * One page of what a commit changed against its first parent, with exact images (CH-20 … CH-29).
   *
   * @throws CommitNotFoundError; ChangesRefusedError; ChangeFeedGapError; ChangeCursorRejectedError; InvalidChangeRequestError,
   *   ResourceLimitExceededError
   */
  commitChanges(graphCommitId: string, options: CommitChangesOptions = {}): Promise<CommitChangesPage> {
    return this.#calls.run(() => this.#changes.commitChanges(graphCommitId, options));
  }

  /**
   * One page of a branch's changes, commit by commit, oldest first (CH-40 … CH-49). Without a position nothing is replayed.
   *
   * @throws as {@link commitChanges}, and BranchNotFoundError
   */
  changes(options: ChangesOptions = {}): Promise<ChangeFeedPage> {
    return this.#calls.run(async () => this.#changes.poll((await this.#binding.resolve("changes", options.branch)).branch, options));
  }

  /**
   * The content of a branch's head as export records, and last the cursor from which {@link changes} goes on without a gap (CH-60 …
   * CH-64).
   *
   * @throws BranchNotFoundError when the iteration starts; GraphClosedError when the graph is closed before its end
   */
  changesBaseline(options: BaselineOptions = {}): AsyncGenerator<BaselineChunk> {
    return this.#calls.stream(async (read) => {
      const { branch } = await this.#binding.resolve("changes_baseline", options.branch);
      return this.#changes.baseline(branch, options, read);
    });
  }

  async headCommitId(branch?: string): Promise<string> {
    return (await this.snapshot(branch === undefined ? {} : { branch })).graphCommitId;
  }

  /**
   * Builds declared indexes that are missing, on `main` or another branch (IX-20). Changes no result of any query.
   *
   * @throws BranchNotFoundError, SchemaApplyInProgressError; RecoveryRequiredError
   */
  ensureIndices(branch?: string): Promise<EnsureIndicesReport> {
    return this.#calls.run(async () => {
      const { optimizer } = this.#maintaining("ensure_indices");
      const target = await this.#binding.resolve("ensure_indices", branch);
      const report = await optimizer.ensureIndices({ ...target, actorId: null });
      await persistTopology(this.#caches, await this.#snapshots.head(target.branch), this.#access);
      return report;
    });
  }

  /**
   * Compacts small files, extends the indexes to all rows and builds declared ones that are missing, as at most one commit (MT-1 …
   * MT-16). Changes no result of any query, and removes no version.
   *
   * @throws RecoveryRequiredError while an interrupted write is pending, on whatever branch; BranchNotFoundError,
   *   SchemaApplyInProgressError
   */
  optimize(options: OptimizeOptions = {}): Promise<OptimizeReport> {
    return this.#calls.run(async () => {
      const { optimizer } = this.#maintaining("optimize");
      const target = await this.#binding.resolve("optimize", options.branch);
      const report = await optimizer.optimize({ ...target, actorId: options.actor ?? null });
      await persistTopology(this.#caches, await this.#snapshots.head(target.branch), this.#access);
      return report;
    });
  }

  /** Whether {@link optimize} would make reads and writes of a branch cheaper, by what its head says: no dataset is looked at. */
  needsOptimize(branch?: string): Promise<boolean> {
    return this.#calls.run(async () => {
      const target = await this.#binding.resolve("optimize", branch);
      return needsOptimize((await this.#access.manifest.readState(target.branch)).commit);
    });
  }

  /**
   * Settles datasets that foreign hands moved: a preview, unless told to publish (MT-40 … MT-47).
   *
   * @throws ForceWithoutConfirmError; RecoveryRequiredError while an interrupted write is pending; SchemaApplyInProgressError
   */
  repair(options: GraphRepairOptions = {}): Promise<RepairReport> {
    return this.#calls.run(async () => {
      const { repairer } = this.#maintaining("repair");
      const target = await this.#binding.resolve("repair", options.branch);
      return repairer.repair({ ...target, confirm: options.confirm ?? false, force: options.force ?? false });
    });
  }

  /**
   * Removes old versions of all datasets, and what deleted branches and killed writers left (MT-60 … MT-84). Reading a removed version
   * ends with HistoricalVersionReclaimedError; the history stays listed.
   *
   * @throws InvalidRetentionError; RecoveryRequiredError, DatasetDriftError, SchemaApplyInProgressError before anything is removed
   */
  cleanup(options: CleanupOptions): Promise<CleanupReport> {
    return this.#calls.runUnprotected(() => this.#maintaining("cleanup").cleaner.cleanup(options));
  }

  /** What recovery did to this graph, newest first (RC-61). */
  listRecoveryAudits(): Promise<readonly RecoveryAudit[]> {
    const { objects, layout, components } = this.#access;
    return this.#calls.run(() => new RecoveryAuditLog(objects, layout, components.failpoints).list());
  }

  /** Settles what interrupted writers left, where that is possible beside running ones, and reloads (SN-12). */
  refresh(): Promise<void> {
    return this.#calls.run(async () => {
      try {
        await this.#opened.writing?.recovery.recover("rollForwardOnly");
        await this.#opened.writing?.recovery.reconcileStaging();
      } finally {
        this.#access.manifest.forget();
      }
      await this.#snapshots.refreshSchema();
    });
  }

  /** Waits for running calls, gives the writer lease back and lets go of everything. Idempotent (API-17). */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    await this.#calls.close();
    await this.#caches.settle();
    await this.#opened.resources.dispose();
  }

  #records(operation: string): RecordWriter {
    return new RecordWriter({
      access: this.#access,
      writing: this.#writing(operation),
      gate: this.#gate,
      binding: this.#binding,
      snapshots: this.#snapshots,
      queries: this.#queries,
      embeddings: this.#embeddings,
    });
  }

  #createBranch(name: string, source: string | undefined, options: BranchOptions): Promise<BranchCreated> {
    return this.#calls.run(async () => {
      const { branches } = this.#writing("branch_create");
      this.#gate.branchCreate(options.actor, name, source);
      const created = await branches.create(name, source ?? MAIN_BRANCH);
      return { uri: this.uri, ...created, actorId: options.actor ?? null };
    });
  }

  /** @returns its name, trimmed */
  async #deleteBranch(name: string, actor: string | undefined): Promise<string> {
    const { branches } = this.#writing("branch_delete");
    this.#gate.branchDelete(actor, name);
    return branches.delete(name, this.#binding.branch);
  }

  #maintaining(operation: string): MaintenanceServices {
    return makeMaintenanceServices(this.#access, this.#writing(operation), this.#snapshots.commits);
  }

  #writing(operation: string): WriteServices {
    if (this.#opened.writing === undefined) throw new ReadOnlyGraphError(operation);
    return this.#opened.writing;
  }
}
