/**
 * Three-way merge of branches (spec engine-branches-merge §2): finds the merge base, decides type by type, judges the result and
 * stages it. Nothing durable happens here; the committer publishes what is staged as one commit.
 */
import { type Failpoints, must, throwIfAborted } from "@omnigraphdb/common";
import { type EntityType, findEntityType } from "@omnigraphdb/compiler";
import type { CommitGraph } from "../commit-graph/commit-graph.js";
import { findChanges } from "../delta/find-changes.js";
import { RowComparison } from "../delta/row-comparison.js";
import { isSameState, TypeStates } from "../delta/type-states.js";
import { FAILPOINT } from "../failpoints.js";
import { hashBytes, type EntityHash } from "../hash/entity-hash.js";
import { InternalBranchError, ManifestCorruptError, ReadSetChangedError } from "../manifest/errors.js";
import { isInternalBranch } from "../manifest/branch-names.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import { type BranchState, branchDisplayName, type CommitRecord, type DatasetPin } from "../manifest/manifest.js";
import { BatchStaging } from "../staging/batch-staging.js";
import { STAGED_MEMORY_BYTES_DEFAULT } from "../staging/staging-limits.js";
import type { DatasetAdministration, DatasetGateway } from "../storage/dataset-gateway.js";
import { normalizeBranch } from "../transaction/branch-argument.js";
import type { PreparedWrite, WriteView } from "../transaction/write-coordinator.js";
import { ConstraintViolationError } from "../validate/errors.js";
import { compileRules } from "../validate/type-rules.js";
import type { TypeDelta } from "../validate/delta.js";
import { validateDelta } from "../validate/validate-delta.js";
import { CollectedViolations } from "../validate/violations.js";
import { InvalidMergeError, MergeConflictsError } from "./errors.js";
import { findMergeBase, locatedCommit, StoredAncestry } from "./merge-base.js";
import { type MergeConflict, sortConflicts } from "./merge-conflict.js";
import { type EntityMerge, mergeEntities } from "./merge-entities.js";
import { deltaOf } from "./merged-delta.js";
import { stageMerge, type TypeMerge } from "./stage-merge.js";
import { conflictOf } from "./violation-conflict.js";

/** What a merge did to its target (MG-4). */
export type MergeOutcome = "already_up_to_date" | "fast_forward" | "merged";

export interface MergeContext {
  readonly manifest: ManifestStore;
  readonly commits: CommitGraph;
  readonly datasets: DatasetGateway;
  readonly administration: DatasetAdministration;
  readonly failpoints: Failpoints;
  readonly stagingDirectory: string;
  readonly signal: AbortSignal | undefined;
  /** Default XXH64. */
  readonly hash?: EntityHash;
}

/** The branches a caller means; null = main. */
export interface MergeBranches {
  readonly source: string | null;
  readonly target: string | null;
}

/** @throws InternalBranchError, InvalidMergeError, InvalidBranchNameError (MG-1) */
export function mergeBranchesOf(sourceText: string, targetText: string): MergeBranches {
  const source = normalizeBranch(sourceText);
  const target = normalizeBranch(targetText);
  for (const name of [source, target]) {
    if (name !== null && isInternalBranch(name)) throw new InternalBranchError("branch_merge does not allow internal system refs");
  }
  if (source === target) throw new InvalidMergeError("branch_merge requires distinct source and target branches");
  return { source, target };
}

/** The three states of one type. */
interface ThreeStates {
  readonly type: EntityType;
  readonly base: DatasetPin | undefined;
  readonly source: DatasetPin | undefined;
  readonly target: DatasetPin;
}

/** One merge on its way to being staged. Dispose it when the write is over: it may hold staging files. */
export class BranchMerge implements AsyncDisposable {
  readonly #source: string | null;
  readonly #context: MergeContext;
  readonly #states: TypeStates;
  readonly #stagings: BatchStaging[] = [];

  constructor(source: string | null, context: MergeContext) {
    this.#source = source;
    this.#context = context;
    this.#states = new TypeStates(context.datasets, context.administration);
  }

  /**
   * For `WriteCoordinator.write` on the target.
   *
   * @throws MergeConflictsError with all conflicts; BranchNotFoundError; HistoricalVersionReclaimedError when the merge base cannot
   *   be read any more (MG-23)
   */
  async prepare(view: WriteView): Promise<PreparedWrite<MergeOutcome>> {
    const { manifest, failpoints } = this.#context;
    // Captured once: what the source gets from now on is not part of this merge (MG-7).
    const source = await manifest.readState(this.#source);
    await failpoints.hit(FAILPOINT.mergePostAuthorityCapture);
    checkSchema(source, view);
    const base = await this.#findBase(source, view.state);
    if (base === source.commit) return { staged: undefined, result: "already_up_to_date" };
    const result = base.commit.graphCommitId === view.state.head.commitId ? "fast_forward" : "merged";
    const merges = await this.#mergeTypes(base, source.commit, view);
    await this.#judge(merges, view);
    const staged = stageMerge(merges, { incarnation: view.state.head.incarnation, sourceCommitId: source.head.commitId });
    return { staged, result };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const staging of this.#stagings) await staging.dispose();
  }

  /** @returns the very record of the source when nothing of it is missing in the target (MG-21) */
  async #findBase(source: BranchState, target: BranchState): Promise<CommitRecord> {
    const { manifest, commits } = this.#context;
    const heads = [locatedCommit(source.commit), locatedCommit(target.commit)] as const;
    const { incarnation, commit } = await findMergeBase(...heads, new StoredAncestry(manifest, commits, heads));
    if (commit.graphCommitId === source.head.commitId) return source.commit;
    const record = await manifest.findCommit(incarnation, commit.graphManifestVersion);
    if (record === undefined) throw new ManifestCorruptError(`the row of commit '${commit.graphCommitId}' is missing`);
    return record;
  }

  async #mergeTypes(base: CommitRecord, source: CommitRecord, { state, schema }: WriteView): Promise<readonly TypeMerge[]> {
    const staging = new BatchStaging({ directory: this.#context.stagingDirectory, memoryBytes: STAGED_MEMORY_BYTES_DEFAULT });
    this.#stagings.push(staging);
    const merges: TypeMerge[] = [];
    const conflicts: MergeConflict[] = [];
    for (const typeKey of [...state.commit.pins.keys()].sort()) {
      throwIfAborted(this.#context.signal, "the merge");
      const type = findEntityType(schema.catalog, typeKey);
      const target = state.commit.pins.get(typeKey);
      if (type === undefined || target === undefined) continue;
      const states = { type, base: base.pins.get(typeKey), source: source.pins.get(typeKey), target };
      checkIdentities(states);
      const entities = await this.#mergeType(states, staging);
      if (entities === undefined) continue;
      conflicts.push(...entities.conflicts);
      merges.push({ ...states, source: states.source as DatasetPin, entities, isAdopted: isSameState(states.target, states.base) });
    }
    if (conflicts.length > 0) throw new MergeConflictsError(sortConflicts(conflicts));
    return merges.filter(({ entities }) => entities.inserted.rowCount + entities.updated.rowCount + (entities.removed?.ids.length ?? 0) > 0);
  }

  /** MG-30 … MG-35. @returns undefined when the source changes nothing of the type */
  async #mergeType({ type, base, source, target }: ThreeStates, staging: BatchStaging): Promise<EntityMerge | undefined> {
    if (source === undefined || isSameState(source, target) || isSameState(source, base)) return undefined;
    const { signal } = this.#context;
    const comparison = new RowComparison(type, signal);
    const isTargetBase = isSameState(target, base);
    const states = await this.#states.openPair(source, base);
    const targetState = isTargetBase ? states.base : await this.#states.open(target);
    const changes = findChanges({ ...states, comparison, signal });
    const targetPoint = base === undefined || isTargetBase ? undefined : await this.#states.points.find(target, base);
    return mergeEntities(changes, {
      type,
      source: states.source.dataset,
      base: states.base.dataset,
      target: targetState.dataset,
      isTargetBase,
      targetCommonVersion: targetPoint?.version,
      comparison,
      staging,
      signal,
    });
  }

  /** MG-60 … MG-66. */
  async #judge(merges: readonly TypeMerge[], view: WriteView): Promise<void> {
    const { signal, hash = hashBytes } = this.#context;
    const violations = new CollectedViolations();
    const rules = await compileRules(view.schema.catalog);
    const types = new Map<string, TypeDelta>();
    for (const { type, entities } of merges) types.set(type.typeKey, await deltaOf(entities, must(rules.get(type.typeKey), "every type has rules"), violations, hash));
    await validateDelta({ types, isStrictInsert: false, mayOrphanEdges: true, hash }, view, violations, signal);
    if (violations.errors.length === 0) return;
    const conflicts: MergeConflict[] = [];
    for (const error of violations.errors) {
      if (!(error instanceof ConstraintViolationError)) throw error;
      conflicts.push(conflictOf(error));
    }
    throw new MergeConflictsError(sortConflicts(conflicts));
  }
}

/** MG-90: a graph has one schema, so this only happens through a race. */
function checkSchema(source: BranchState, { state, schema }: WriteView): void {
  const { schemaIdentity } = source.commit;
  if (schemaIdentity !== schema.irHash) throw new ReadSetChangedError(`schema_identity:${branchDisplayName(state.branch)}`, schema.irHash, schemaIdentity);
}

/** MG-34. */
function checkIdentities({ type, base, source, target }: ThreeStates): void {
  for (const pin of [base, source]) {
    if (pin === undefined || identityOf(pin) === identityOf(target)) continue;
    throw new ReadSetChangedError(`branch_merge_dataset_identity:${type.typeKey}`, identityOf(target), identityOf(pin));
  }
}

function identityOf({ typeId, incarnationId }: DatasetPin): string {
  return `${typeId}/${incarnationId}`;
}
