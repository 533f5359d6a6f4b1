/**
 * The commit protocol, W2 … W16 (`docs/dev/commit-protocol.md`): one function per step, in order, with a crash point
 * between every two. The driver `write` holds the branching; steps are straight lines. Here are the steps that cost nothing
 * when they fail (WR-1); from the sidecar on, `OperationPerformer` takes over.
 */
import { CancelledError, type Clock, type Failpoints, type IdSource, must, throwIfAborted } from "@omnigraphdb/common";
import { RecoveryRequiredError } from "../errors.js";
import { FAILPOINT } from "../failpoints.js";
import { MANIFEST_COMPACTION_COMMITS, PREPARE_ATTEMPTS_MAX } from "../limits.js";
import { SCHEMA_LOCK_BRANCH } from "../manifest/branch-names.js";
import { BranchNotFoundError, PublishedDatasetVersionMismatchError, ReadSetChangedError, SchemaApplyInProgressError } from "../manifest/errors.js";
import { forkName } from "../manifest/fork-name.js";
import type { FormatGuard } from "../manifest/format-version.js";
import type { GraphCommit } from "../manifest/graph-commit.js";
import { makeSnapshot } from "../manifest/make-snapshot.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import { branchDisplayName, type BranchState, type CommitRecord } from "../manifest/manifest.js";
import { heal } from "../recovery/heal.js";
import type { Recovery } from "../recovery/recover.js";
import type { SidecarStore } from "../recovery/sidecar-store.js";
import { readHeadSchema } from "../schema/read-head-schema.js";
import type { SchemaStore } from "../schema/schema-store.js";
import type { CompactionCounts, DatasetGateway } from "../storage/dataset-gateway.js";
import type { WriteFootprint } from "../validate/footprint.js";
import type { BackgroundWork } from "./background-work.js";
import { normalizeBranch } from "./branch-argument.js";
import { CommitQueue, type MemberOutcome } from "./commit-queue.js";
import { checkDrift } from "./drift-guard.js";
import { InvalidPreconditionError, PreconditionFailedError, SchemaApplyOutrunError, WriterBusyError } from "./errors.js";
import { type Admission, GroupPlan } from "./group-plan.js";
import type { CapturedView, Operation } from "./operation.js";
import type { OperationPerformer } from "./operation-performer.js";
import { type EffectPlan, hasEffects, isOwned, planEffects } from "./plan-effects.js";
import { RecentCommits } from "./recent-commits.js";
import type { RunningOperations } from "./running-operations.js";
import type { StagedWrite } from "./staged-write.js";
import type { PreparedWrite, WriteCoordinator, WriteOptions, WriteOutcome, WriteView } from "./write-coordinator.js";
import { branchGate, datasetGate, SCHEMA_GATE, type WriteGates } from "./write-gates.js";
import type { LeaseHold, WriterLease } from "./writer-lease.js";

interface CommitWriterParts {
  readonly manifest: ManifestStore;
  readonly format: FormatGuard;
  readonly schemas: SchemaStore;
  readonly datasets: DatasetGateway;
  readonly sidecars: SidecarStore;
  readonly recovery: Recovery;
  readonly performer: OperationPerformer;
  readonly running: RunningOperations;
  readonly gates: WriteGates;
  readonly lease: WriterLease;
  /** Incarnations of the schema locks that this process holds. */
  readonly schemaLocks: ReadonlySet<string>;
  readonly background: BackgroundWork;
  readonly compactManifest: (keepMs?: number) => Promise<CompactionCounts>;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly failpoints: Failpoints;
}

/** When the sidecars were settled. */
interface Healed {
  readonly tenure: number | null;
  readonly unsettledCount: number;
}

/** A write that is prepared and has no effect yet. */
interface Prepared {
  readonly captured: CapturedView;
  readonly staged: StagedWrite;
  readonly options: WriteOptions;
  readonly healed: Healed;
}

/** What makes two writes that wait for the same branch one group. */
interface Sharing extends Prepared {
  readonly footprint: WriteFootprint;
}

type AttemptOutcome =
  /** Null: nothing turned out to be worth a commit. */
  | { readonly kind: "published"; readonly commit: GraphCommit | null }
  /** The head moved before any effect. */
  | { readonly kind: "viewMoved"; readonly conflict: Error }
  /** The lease was taken over from a dead process, whose operations come first. */
  | { readonly kind: "recoverFirst" };

export class CommitWriter implements WriteCoordinator {
  readonly #parts: CommitWriterParts;
  readonly #queue: CommitQueue<Sharing, AttemptOutcome>;
  readonly #recent = new RecentCommits();

  constructor(parts: CommitWriterParts) {
    this.#parts = parts;
    this.#queue = new CommitQueue(parts.gates, (members) => this.#attemptGroup(members));
  }

  async write<T>(options: WriteOptions, prepare: (view: WriteView) => Promise<PreparedWrite<T>>): Promise<WriteOutcome<T>> {
    const branch = normalizeBranch(options.branch);
    checkPreconditionText(options.ifCommit);
    const isSchemaHeld = options.gates === "schema";
    let healed = await this.#heal(branch, options);
    let { incarnation } = options;
    for (let attempt = 1; ; attempt++) {
      // The first preparation runs beside other writers. When it was in vain the next ones keep them out: a writer among
      // many is prepared again once or twice, not once per competitor. A schema apply keeps them out from the beginning.
      const isBranchHeld = isSchemaHeld || attempt > 1;
      using _branch = isBranchHeld ? await this.#parts.gates.acquire(outerGates(branch, isSchemaHeld), options.signal) : undefined;
      const captured = await this.#captureView(branch, { ...options, incarnation });
      // The branch meant is the one found first: not another one that has its name by the next preparation (BR-6).
      incarnation = captured.state.head.incarnation;
      const { staged, result } = await prepare(captured.view);
      if (staged === undefined) return { result, commit: null };
      throwIfAborted(options.signal, "the write");
      await this.#parts.failpoints.hit(FAILPOINT.postStagePreEffectGate);
      const prepared = { captured, staged, options, healed };
      const sharing = isBranchHeld ? undefined : sharingOf(prepared);
      const outcome =
        sharing === undefined
          ? await this.#attempt(prepared, isBranchHeld)
          : await this.#queue.submit(branchGate(branch), sharing, options.signal);
      if (outcome.kind === "published") return { result, commit: outcome.commit };
      if (outcome.kind === "recoverFirst") {
        _branch?.[Symbol.dispose]();
        healed = await this.#heal(branch, options);
        continue;
      }
      if (isStrict(staged) || attempt >= PREPARE_ATTEMPTS_MAX) throw outcome.conflict;
    }
  }

  /** W3. */
  async #heal(branch: string | null, { signal, isSharing = false }: WriteOptions): Promise<Healed> {
    const { unsettledCount } = this.#parts.running;
    const { tenure, deferred } = await heal(this.#parts, { signal, isRunningSkipped: isSharing });
    const pending = deferred.find((operation) => operation.branch === branch || operation.isSchemaApply);
    // Without leases it may be a writer at work, not an interrupted one.
    if (pending?.reason === "writerAlive") throw new WriterBusyError(0, `operation ${pending.operationId}`);
    if (pending !== undefined) throw new RecoveryRequiredError(pending.operationId, "an interrupted write has to be undone");
    return { tenure, unsettledCount };
  }

  /** W4, W6: the head and the schema it was written under, captured once. */
  async #captureView(branch: string | null, options: WriteOptions): Promise<CapturedView> {
    const { manifest, format, schemas, clock, datasets } = this.#parts;
    let head = await readHeadSchema({ manifest, schemas, clock }, branch);
    if (await format.ensureWritable(head.state.graph)) {
      manifest.forget();
      head = await readHeadSchema({ manifest, schemas, clock }, branch);
    }
    const { state, schema } = head;
    checkIncarnation(state, options.incarnation);
    this.#refuseDuringSchemaApply(state, options);
    checkHead(state, options.ifCommit);
    const snapshot = makeSnapshot(state.commit, branch, schema);
    const view: WriteView = {
      snapshot,
      schema,
      state,
      openType(typeKey) {
        const entry = snapshot.entries.get(typeKey);
        if (entry === undefined) throw new RangeError(`${typeKey} is not in the write view`);
        return datasets.openPinned(entry.location, entry.publishedVersion);
      },
    };
    return { state, schema, view };
  }

  /** W9 … W16 for one prepared write. */
  async #attempt({ captured, staged, options, healed }: Prepared, isBranchHeld: boolean): Promise<AttemptOutcome> {
    const { gates, lease } = this.#parts;
    const plan = this.#plan(captured, staged);
    const keys = plan.datasets.map(({ pin }) => datasetGate(pin.typeKey, pin.location.nativeBranch));
    using _gates = await gates.acquire(isBranchHeld ? keys : [...outerGates(captured.state.branch, false), ...keys], options.signal);
    const hold = await lease.acquire(options.signal);
    try {
      if (this.#isOutdated(healed)) return { kind: "recoverFirst" };
      await this.#refusePendingSidecars(captured.state.branch, hold, [healed]);
      const conflict = await this.#recheck(captured, { staged, plan }, options);
      if (conflict !== undefined) return { kind: "viewMoved", conflict };
      throwIfAborted(options.signal, "the write");
      await using _guard = await options.guard?.();
      const operation = this.#makeOperation(captured, staged, plan, options.actorId, hold);
      return hasEffects(plan) ? await this.#perform(operation) : await this.#publishAlone(operation);
    } finally {
      hold.release();
    }
  }

  /** W9 … W16 for writes that share a sidecar and a publish (WR-11), with the gate of their branch held. */
  async #attemptGroup(members: readonly Sharing[]): Promise<readonly MemberOutcome<AttemptOutcome>[]> {
    const { gates } = this.#parts;
    const { branch } = must(members[0], "a group has a member").captured.state;
    using _gates = await gates.acquire(members.flatMap(({ captured, staged }) => ownedDatasetGates(captured, staged)));
    const hold = await this.#acquireForGroup(members);
    if (hold === undefined) return members.map(cancelledOrLater);
    try {
      if (members.some(({ healed }) => this.#isOutdated(healed))) return members.map(() => ({ kind: "done", result: { kind: "recoverFirst" } }));
      await this.#refusePendingSidecars(branch, hold, members.map(({ healed }) => healed));
      const current = await findState(this.#parts.manifest, branch);
      const group = new GroupPlan(current, { recent: this.#recent, hold, makeOperation: this.#makeOperation.bind(this) });
      const admissions = members.map((member) => {
        try {
          throwIfAborted(member.options.signal, "the write");
          if (current !== undefined) this.#refuseDuringSchemaApply(current, member.options);
          return group.admit(member);
        } catch (error) {
          return { kind: "failed", error } as const;
        }
      });
      const commits = await this.#performGroup(group);
      return admissions.map((admission) => (admission.kind === "admitted" ? publishedAs(commits[admission.at]) : outcomeOf(admission, current)));
    } finally {
      hold.release();
    }
  }

  /** @returns undefined when a member was cancelled while the lease was waited for: the others form a group without it */
  async #acquireForGroup(members: readonly Sharing[]): Promise<LeaseHold | undefined> {
    const signals = members.flatMap(({ options }) => options.signal ?? []);
    try {
      return await this.#parts.lease.acquire(signals.length === 0 ? undefined : AbortSignal.any(signals));
    } catch (error) {
      if (error instanceof CancelledError && signals.some(({ aborted }) => aborted)) return undefined;
      throw error;
    }
  }

  async #performGroup({ operations, touchedPins }: GroupPlan): Promise<readonly GraphCommit[]> {
    const { datasets, sidecars, performer } = this.#parts;
    const [first, ...others] = operations;
    if (first === undefined) return [];
    await checkDrift(datasets, sidecars, touchedPins);
    const records = await performer.perform([first, ...others]);
    return records.map((record, index) => this.#acknowledge(record, operations[index]?.staged));
  }

  /** Another process died, or an operation of this one failed, since the sidecars were settled. */
  #isOutdated({ unsettledCount }: Healed): boolean {
    return this.#parts.lease.needsFullRecovery || unsettledCount !== this.#parts.running.unsettledCount;
  }

  #plan({ state, schema }: CapturedView, staged: StagedWrite): EffectPlan {
    const { incarnation } = state.head;
    return planEffects(staged, { base: state.commit, catalog: schema.catalog, incarnation, newForkName: () => forkName(incarnation, this.#parts.ids.ulid()) });
  }

  /** W10: the last point where failing costs nothing. @returns the conflict when the captured head is no longer the head */
  async #recheck(
    captured: CapturedView,
    { staged, plan }: { readonly staged: StagedWrite; readonly plan: EffectPlan },
    options: WriteOptions,
  ): Promise<Error | undefined> {
    const { manifest, datasets, sidecars } = this.#parts;
    const { state } = captured;
    const current = await findState(manifest, state.branch);
    if (current === undefined) return branchGone(state);
    this.#refuseDuringSchemaApply(current, options);
    checkHead(current, options.ifCommit);
    if (current.head.commitId !== state.head.commitId || current.head.incarnation !== state.head.incarnation) {
      return describeMovedHead(state, current, staged);
    }
    // A fork begins at the published version, whatever came after it on the lineage it leaves.
    await checkDrift(datasets, sidecars, plan.datasets.filter(({ forkedFrom }) => forkedFrom === null).map(({ pin }) => pin));
    return undefined;
  }

  /** OCC-21: others may have written since these writes listed the sidecars, unless the lease was held all the time. */
  async #refusePendingSidecars(branch: string | null, { tenure }: LeaseHold, healed: readonly Healed[]): Promise<void> {
    const { sidecars, recovery } = this.#parts;
    const hasLease = tenure !== null;
    if (hasLease && healed.every((settled) => settled.tenure === tenure)) return;
    for await (const sidecar of sidecars.readAll()) {
      if (sidecar.branch !== branch && sidecar.writerKind !== "SchemaApply") continue;
      if (!hasLease && recovery.mayBeUnderWay(sidecar)) throw new WriterBusyError(0, `operation ${sidecar.operationId}`);
      throw new RecoveryRequiredError(sidecar.operationId, "an interrupted write is pending");
    }
  }

  /** SA-3: nobody else writes while a schema apply is registered. One of this process is waited for at the gates instead. */
  #refuseDuringSchemaApply({ registry }: BranchState, { gates, operation = "write" }: WriteOptions): void {
    const lock = registry.branches.get(SCHEMA_LOCK_BRANCH);
    if (lock === undefined || gates === "schema" || this.#parts.schemaLocks.has(lock.incarnation)) return;
    throw new SchemaApplyInProgressError(operation);
  }

  #makeOperation(captured: CapturedView, staged: StagedWrite, plan: EffectPlan, actorId: string | null, lease: LeaseHold): Operation {
    const { clock, ids } = this.#parts;
    return { id: ids.ulid(), graphCommitId: ids.ulid(), createdAt: clock.nowMicros(), captured, staged, plan, actorId, lease };
  }

  /** W11 … W15. */
  async #perform(operation: Operation): Promise<AttemptOutcome> {
    const [record] = await this.#parts.performer.perform([operation]);
    return { kind: "published", commit: record === undefined ? null : this.#acknowledge(record, operation.staged) };
  }

  /** W14 of a write that changes no dataset: its publish is all there is (LD-5, RC-3), and losing the head costs nothing. */
  async #publishAlone(operation: Operation): Promise<AttemptOutcome> {
    try {
      return { kind: "published", commit: this.#acknowledge(await this.#parts.performer.publishAlone(operation), operation.staged) };
    } catch (error) {
      if (error instanceof ReadSetChangedError) return { kind: "viewMoved", conflict: error };
      throw error;
    }
  }

  /** W16. */
  #acknowledge(record: CommitRecord, staged: StagedWrite | undefined): GraphCommit {
    if (staged?.footprint !== undefined) this.#recent.add(record, staged.footprint);
    const { graphManifestVersion } = record.commit;
    if (graphManifestVersion % MANIFEST_COMPACTION_COMMITS === 0) {
      this.#parts.background.start("compact the manifest", async () => {
        await this.compactManifest();
      });
    }
    return record.commit;
  }

  /**
   * Keeps the writers of all branches waiting: beside publishes a compaction loses every time once it takes longer than the pause
   * between two of them, and the manifest would grow without bound.
   *
   * @param keepMs native versions of the manifest older than this are removed; default half a minute
   */
  async compactManifest(keepMs?: number): Promise<CompactionCounts> {
    return this.whileNobodyWrites(() => this.#parts.compactManifest(keepMs));
  }

  async whileNobodyWrites<T>(run: () => Promise<T>): Promise<T> {
    const { manifest, gates, lease } = this.#parts;
    const { registry } = await manifest.readRegistry();
    using _gates = await gates.acquire([...registry.branches.keys()].map((name) => branchGate(normalizeBranch(name))));
    const hold = await lease.acquire();
    try {
      return await run();
    } finally {
      hold.release();
    }
  }
}

/** Undefined for a write that goes alone: it depends on the whole state, or it creates forks. */
function sharingOf(prepared: Prepared): Sharing | undefined {
  const { captured, staged, options } = prepared;
  const { footprint } = staged;
  const isPlain = options.ifCommit === undefined && options.guard === undefined && staged.pointers === undefined && staged.datasets.length > 0;
  if (footprint === undefined || !isPlain) return undefined;
  const { head, commit } = captured.state;
  const isEveryOwned = staged.datasets.every(({ typeKey, forkFrom }) => {
    const pin = commit.pins.get(typeKey);
    return forkFrom === undefined && pin !== undefined && isOwned(pin, head.incarnation);
  });
  return isEveryOwned ? { ...prepared, footprint } : undefined;
}

function ownedDatasetGates({ state }: CapturedView, { datasets }: StagedWrite): readonly string[] {
  return datasets.map(({ typeKey }) => datasetGate(typeKey, state.commit.pins.get(typeKey)?.location.nativeBranch ?? null));
}

function publishedAs(commit: GraphCommit | undefined): MemberOutcome<AttemptOutcome> {
  return { kind: "done", result: { kind: "published", commit: must(commit, "every member has a commit") } };
}

function cancelledOrLater({ options: { signal } }: Sharing): MemberOutcome<AttemptOutcome> {
  return signal?.aborted === true ? { kind: "failed", error: new CancelledError("the write", { cause: signal.reason }) } : { kind: "later" };
}

function outcomeOf(refused: Exclude<Admission, { readonly kind: "admitted" }>, current: BranchState | undefined): MemberOutcome<AttemptOutcome> {
  if (refused.kind !== "moved") return refused;
  const { captured, staged } = refused.member;
  const conflict = current === undefined ? branchGone(captured.state) : describeMovedHead(captured.state, current, staged);
  return { kind: "done", result: { kind: "viewMoved", conflict } };
}

function branchGone({ branch, head }: BranchState): ReadSetChangedError {
  return new ReadSetChangedError(`branch_incarnation:${branchDisplayName(branch)}`, head.incarnation, null);
}

/** Gates to the left of the datasets' ones (Q-5). */
function outerGates(branch: string | null, isSchemaHeld: boolean): readonly string[] {
  return isSchemaHeld ? [SCHEMA_GATE, branchGate(branch)] : [branchGate(branch)];
}

/** Writes that were computed from the whole state they saw, so that nobody but their caller may start them again (OCC-4). */
function isStrict({ writerKind, datasets }: StagedWrite): boolean {
  return writerKind === "BranchMerge" || writerKind === "SchemaApply" || datasets.some((dataset) => dataset.strictness === "strict");
}

/** The conflict a strict writer reports: the touched type that moved, or else the head (OCC-2, OCC-3). */
function describeMovedHead(captured: BranchState, current: BranchState, { writerKind, datasets }: StagedWrite): Error {
  const name = branchDisplayName(captured.branch);
  if (captured.head.incarnation !== current.head.incarnation) {
    return new ReadSetChangedError(`branch_incarnation:${name}`, captured.head.incarnation, current.head.incarnation);
  }
  if (writerKind === "SchemaApply") return new SchemaApplyOutrunError(captured.head, current.head);
  if (writerKind !== "BranchMerge") {
    for (const { typeKey } of datasets) {
      const expected = captured.commit.pins.get(typeKey)?.publishedVersion ?? 0;
      const actual = current.commit.pins.get(typeKey)?.publishedVersion ?? 0;
      if (actual !== expected) return new PublishedDatasetVersionMismatchError(typeKey, expected, actual);
    }
  }
  return new ReadSetChangedError(`graph_head:${name}`, captured.head.commitId, current.head.commitId);
}

function checkPreconditionText(ifCommit: string | undefined): void {
  if (ifCommit !== undefined && !/^[0-9A-HJKMNP-TV-Z]{26}$/.test(ifCommit)) throw new InvalidPreconditionError(ifCommit);
}

/** Undefined when the branch was deleted (BR-45). */
async function findState(manifest: ManifestStore, branch: string | null): Promise<BranchState | undefined> {
  try {
    return await manifest.readState(branch);
  } catch (error) {
    if (error instanceof BranchNotFoundError) return undefined;
    throw error;
  }
}

function checkIncarnation({ branch, head }: BranchState, incarnation: string | undefined): void {
  if (incarnation === undefined || incarnation === head.incarnation) return;
  throw new ReadSetChangedError(`branch_incarnation:${branchDisplayName(branch)}`, incarnation, head.incarnation);
}

function checkHead(state: BranchState, ifCommit: string | undefined): void {
  if (ifCommit !== undefined && state.head.commitId !== ifCommit) throw new PreconditionFailedError(state.branch, ifCommit, state.head.commitId);
}
