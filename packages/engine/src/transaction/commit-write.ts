/**
 * The commit protocol, W2 … W16 (`docs/dev/commit-protocol.md`): one function per step, in order, with a crash point
 * between every two. The driver `write` holds the branching; steps are straight lines.
 *
 * 1. up to W10 nothing durable happens; an error there leaves storage as it was (WR-1)
 * 2. no dataset moves before the sidecar is stored (W11), and none after the operation lost the lease
 * 3. exactly one publish per write (W14); success is reported only after it (MAN-35)
 * 4. from the first effect on a failure keeps the sidecar: recovery finishes or undoes the write as a whole (WR-8)
 */
import { type Clock, type Failpoints, type IdSource, type Logger, throwIfAborted } from "@omnigraphdb/common";
import type { AcceptedSchema } from "@omnigraphdb/compiler";
import { FAILPOINT } from "../failpoints.js";
import { MANIFEST_COMPACTION_COMMITS, PREPARE_ATTEMPTS_MAX } from "../limits.js";
import { PublishedDatasetVersionMismatchError, ReadSetChangedError } from "../manifest/errors.js";
import type { FormatGuard } from "../manifest/format-version.js";
import type { GraphCommit } from "../manifest/graph-commit.js";
import { makeSnapshot } from "../manifest/make-snapshot.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import { branchDisplayName, type BranchState, type CommitRecord } from "../manifest/manifest.js";
import type { Publisher } from "../manifest/publisher.js";
import { RecoveryRequiredError } from "../errors.js";
import type { Recovery } from "../recovery/recover.js";
import type { SidecarStore } from "../recovery/sidecar-store.js";
import type { Sidecar, SidecarOwner, SidecarPin } from "../recovery/sidecar.js";
import type { SchemaStore } from "../schema/schema-store.js";
import type { DatasetGateway } from "../storage/dataset-gateway.js";
import { DatasetVersionMovedError } from "../storage/errors.js";
import type { BackgroundWork } from "./background-work.js";
import { normalizeBranch } from "./branch-argument.js";
import { checkDrift } from "./drift-guard.js";
import { InvalidPreconditionError, PreconditionFailedError } from "./errors.js";
import { type EffectPlan, planEffects, type PlannedDataset } from "./plan-effects.js";
import type { StagedWrite } from "./staged-write.js";
import type { PreparedWrite, WriteCoordinator, WriteOptions, WriteOutcome, WriteView } from "./write-coordinator.js";
import { branchGate, datasetGate, type WriteGates } from "./write-gates.js";
import type { LeaseHold, WriterLease } from "./writer-lease.js";

interface CommitWriterParts {
  readonly manifest: ManifestStore;
  readonly format: FormatGuard;
  readonly publisher: Publisher;
  readonly schemas: SchemaStore;
  readonly datasets: DatasetGateway;
  readonly sidecars: SidecarStore;
  readonly recovery: Recovery;
  readonly gates: WriteGates;
  readonly lease: WriterLease;
  readonly background: BackgroundWork;
  readonly owner: SidecarOwner;
  readonly compactManifest: () => Promise<void>;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly failpoints: Failpoints;
}

/** What W6 captured: the write is judged against this head and nothing newer. */
interface CapturedView {
  readonly state: BranchState;
  readonly schema: AcceptedSchema;
  readonly view: WriteView;
}

/** The write on its way through W11 … W15. */
interface Operation {
  readonly id: string;
  readonly actorId: string | null;
  readonly captured: CapturedView;
  readonly staged: StagedWrite;
  readonly plan: EffectPlan;
  readonly graphCommitId: string;
  readonly createdAt: number;
  readonly lease: LeaseHold;
}

/** A dataset after its effects. */
interface PerformedDataset {
  readonly planned: PlannedDataset;
  readonly version: number;
}

type AttemptOutcome =
  | { readonly kind: "published"; readonly commit: GraphCommit }
  /** The head moved before any effect. */
  | { readonly kind: "viewMoved"; readonly conflict: Error }
  /** The lease was taken over from a dead process, whose operations come first. */
  | { readonly kind: "recoverFirst" };

export class CommitWriter implements WriteCoordinator {
  readonly #parts: CommitWriterParts;

  constructor(parts: CommitWriterParts) {
    this.#parts = parts;
  }

  async write<T>(options: WriteOptions, prepare: (view: WriteView) => Promise<PreparedWrite<T>>): Promise<WriteOutcome<T>> {
    const branch = normalizeBranch(options.branch);
    checkPreconditionText(options.ifCommit);
    let tenure = await this.#heal(branch, options.signal);
    for (let attempt = 1; ; attempt++) {
      // The first preparation runs beside other writers. When it was in vain the next ones keep them out: a writer among
      // many is prepared again once or twice, not once per competitor.
      using _branch = attempt === 1 ? undefined : await this.#parts.gates.acquire([branchGate(branch)]);
      const captured = await this.#captureView(branch, options.ifCommit);
      const { staged, result } = await prepare(captured.view);
      if (staged === undefined) return { result, commit: null };
      const outcome = await this.#attempt(captured, staged, options, { tenure, isBranchHeld: attempt > 1 });
      if (outcome.kind === "published") return { result, commit: outcome.commit };
      if (outcome.kind === "recoverFirst") {
        _branch?.[Symbol.dispose]();
        tenure = await this.#heal(branch, options.signal);
        continue;
      }
      const isStrict = staged.datasets.some((dataset) => dataset.strictness === "strict");
      if (isStrict || attempt >= PREPARE_ATTEMPTS_MAX) throw outcome.conflict;
    }
  }

  /** W3: settles what interrupted writers left, as far as that is possible beside running writers (RC-80). */
  async #heal(branch: string | null, signal: AbortSignal | undefined): Promise<number | null> {
    const { lease, recovery, manifest } = this.#parts;
    // Waiting here for other processes gives the view captured next a chance to be the newest.
    const hold = await lease.acquire(signal);
    hold.release();
    const { takeoverCount, needsFullRecovery } = lease;
    const report = await recovery.recover(needsFullRecovery ? "full" : "rollForwardOnly");
    if (needsFullRecovery) lease.markRecovered(takeoverCount);
    if (report.hasActed) manifest.forget();
    const pending = report.deferred.find((operation) => operation.branch === branch);
    if (pending !== undefined) throw new RecoveryRequiredError(pending.operationId, "an interrupted write has to be undone");
    return hold.tenure;
  }

  /** W4, W6: the accepted schema and the head, captured once. */
  async #captureView(branch: string | null, ifCommit: string | undefined): Promise<CapturedView> {
    const { schemas, manifest, format, datasets } = this.#parts;
    const schema = await schemas.read();
    let state = await manifest.readState(branch);
    if (await format.ensureWritable(state.graph)) {
      manifest.forget();
      state = await manifest.readState(branch);
    }
    checkHead(state, ifCommit);
    const snapshot = makeSnapshot(state.commit, branch, schema);
    const view: WriteView = {
      snapshot,
      schema,
      openType(typeKey) {
        const entry = snapshot.entries.get(typeKey);
        if (entry === undefined) throw new RangeError(`${typeKey} is not in the write view`);
        return datasets.openPinned(entry.location, entry.publishedVersion);
      },
    };
    return { state, schema, view };
  }

  /** W9 … W16 for one prepared write. */
  async #attempt(
    captured: CapturedView,
    staged: StagedWrite,
    options: WriteOptions,
    held: { readonly tenure: number | null; readonly isBranchHeld: boolean },
  ): Promise<AttemptOutcome> {
    const { failpoints, gates, lease } = this.#parts;
    throwIfAborted(options.signal, "the write");
    await failpoints.hit(FAILPOINT.postStagePreEffectGate);
    const plan = planEffects(staged, captured.state.commit);
    const keys = plan.datasets.map(({ pin }) => datasetGate(pin.typeKey, pin.location.nativeBranch));
    using _gates = await gates.acquire(held.isBranchHeld ? keys : [branchGate(captured.state.branch), ...keys]);
    const hold = await lease.acquire(options.signal);
    try {
      if (lease.needsFullRecovery) return { kind: "recoverFirst" };
      const conflict = await this.#recheck(captured, plan, options.ifCommit, hold.tenure === null || hold.tenure !== held.tenure);
      if (conflict !== undefined) return { kind: "viewMoved", conflict };
      throwIfAborted(options.signal, "the write");
      const operation = this.#makeOperation(captured, staged, plan, options.actorId, hold);
      // A load without records changes no dataset: its publish is all there is (LD-5, RC-3).
      if (plan.datasets.length === 0) return await this.#publishAlone(operation);
      return { kind: "published", commit: await this.#perform(operation) };
    } finally {
      hold.release();
    }
  }

  /** W10: the last point where failing costs nothing. @returns the conflict when the captured head is no longer the head */
  async #recheck(
    captured: CapturedView,
    plan: EffectPlan,
    ifCommit: string | undefined,
    mayHaveNewSidecars: boolean,
  ): Promise<Error | undefined> {
    const { manifest, datasets, sidecars } = this.#parts;
    const { state } = captured;
    if (mayHaveNewSidecars) await this.#refusePendingSidecars(state.branch);
    const current = await manifest.readState(state.branch);
    checkHead(current, ifCommit);
    if (current.head.commitId !== state.head.commitId || current.head.incarnation !== state.head.incarnation) {
      return describeMovedHead(state, current, plan);
    }
    await checkDrift(datasets, sidecars, plan.datasets.map((dataset) => dataset.pin));
    return undefined;
  }

  /** OCC-21: others may have written since this write listed the sidecars. */
  async #refusePendingSidecars(branch: string | null): Promise<void> {
    const { sidecars } = this.#parts;
    for (const operationId of await sidecars.list()) {
      const sidecar = await sidecars.find(operationId);
      if (sidecar?.branch === branch) throw new RecoveryRequiredError(operationId, "an interrupted write is pending");
    }
  }

  #makeOperation(captured: CapturedView, staged: StagedWrite, plan: EffectPlan, actorId: string | null, lease: LeaseHold): Operation {
    const { clock, ids } = this.#parts;
    return { id: ids.ulid(), graphCommitId: ids.ulid(), createdAt: clock.nowMicros(), captured, staged, plan, actorId, lease };
  }

  /** W14 of a write without effects: losing the head costs nothing, as before W11. */
  async #publishAlone(operation: Operation): Promise<AttemptOutcome> {
    try {
      return { kind: "published", commit: this.#acknowledge(await this.#publish(operation, [])) };
    } catch (error) {
      if (error instanceof ReadSetChangedError) return { kind: "viewMoved", conflict: error };
      throw error;
    }
  }

  /** W11 … W15. Not cancellable: from the sidecar on the write runs to its end or is left to recovery (WR-7). */
  async #perform(operation: Operation): Promise<GraphCommit> {
    const { failpoints } = this.#parts;
    let sidecar = await this.#arm(operation);
    await failpoints.hit(FAILPOINT.postSidecarPreFork);
    const progress = { isAnyEffectStarted: false };
    let record: CommitRecord;
    try {
      const performed: PerformedDataset[] = [];
      for (const planned of operation.plan.datasets) {
        await failpoints.hit(FAILPOINT.postForkPreCommit);
        performed.push(await this.#applyEffects(operation, planned, progress));
        await failpoints.hit(FAILPOINT.postTableCommit);
      }
      sidecar = await this.#confirm(sidecar, performed);
      await failpoints.hit(FAILPOINT.postFinalizePrePublisher);
      record = await this.#publish(operation, performed);
    } catch (cause) {
      if (!progress.isAnyEffectStarted) {
        await this.#discardSidecar(sidecar);
        throw cause;
      }
      await this.#keepSidecar(sidecar, cause);
      const reason = cause instanceof Error ? cause.message : "the write was interrupted";
      throw new RecoveryRequiredError(operation.id, reason, { effects: "possible", cause });
    }
    await this.#disarm(operation);
    return this.#acknowledge(record);
  }

  /** W11, phase A. */
  async #arm(operation: Operation): Promise<Sidecar> {
    const sidecar = makeSidecar(operation, this.#parts.owner);
    try {
      await operation.lease.ensureHeld();
      await this.#parts.sidecars.write(sidecar);
    } catch (error) {
      // The put may have landed although its reply was lost.
      await this.#discardSidecar(sidecar);
      throw error;
    }
    return sidecar;
  }

  /** For a write that ended before it moved any dataset: nothing needs its sidecar. */
  async #discardSidecar({ operationId }: Sidecar): Promise<void> {
    try {
      await this.#parts.sidecars.delete(operationId);
    } catch (error) {
      this.#parts.logger.warn("an unused sidecar may be left behind", { operationId, error });
    }
  }

  /** W12, phase B, for one dataset. Every native version is verified by the gateway (WR-10). */
  async #applyEffects(operation: Operation, planned: PlannedDataset, progress: { isAnyEffectStarted: boolean }): Promise<PerformedDataset> {
    const { datasets } = this.#parts;
    const { location } = planned.pin;
    let version = planned.pin.publishedVersion;
    for (const effect of planned.effects) {
      await operation.lease.ensureHeld();
      progress.isAnyEffectStarted = true;
      version = await datasets.applyEffect(location, effect, version);
    }
    return { planned, version };
  }

  /** W13: from here roll-forward needs nothing but the sidecar (RC-21). */
  async #confirm(sidecar: Sidecar, performed: readonly PerformedDataset[]): Promise<Sidecar> {
    const pins = sidecar.pins.map((pin, index): SidecarPin => {
      const dataset = performed[index] as PerformedDataset;
      return { ...pin, confirmedVersion: dataset.version };
    });
    const confirmed: Sidecar = { ...sidecar, phase: "effects_confirmed", pins };
    await this.#parts.sidecars.write(confirmed);
    return confirmed;
  }

  /**
   * Leaves the sidecar of a failed write in the state that recovery needs. Another process, believing this one dead, may have
   * settled the operation while this one was still moving datasets (LE-8): then it is put back. And when a dataset moved by
   * other hands, its version must not be taken for an effect of this write: then only the undoing is left.
   */
  async #keepSidecar(sidecar: Sidecar, cause: unknown): Promise<void> {
    const { sidecars, logger } = this.#parts;
    const isForeignMove = cause instanceof DatasetVersionMovedError;
    try {
      if (isForeignMove) await sidecars.write({ ...sidecar, requiresConfirmation: true });
      else if ((await sidecars.find(sidecar.operationId)) === undefined) await sidecars.write(sidecar);
    } catch (error) {
      logger.warn("the sidecar of a failed write could not be checked", { operationId: sidecar.operationId, error });
    }
  }

  /** W14, phase C: the acknowledgement point. */
  #publish(operation: Operation, performed: readonly PerformedDataset[]): Promise<CommitRecord> {
    const { state, schema } = operation.captured;
    return this.#parts.publisher.publish(
      {
        branch: state.branch,
        txId: operation.id,
        commit: {
          graphCommitId: operation.graphCommitId,
          mergedParentCommitId: null,
          actorId: operation.actorId,
          createdAt: operation.createdAt,
        },
        updates: performed.map(({ planned, version }) => ({
          pin: { ...planned.pin, publishedVersion: version, entityCount: planned.entityCountAfter, fragmentCount: planned.fragmentCountAfter },
          expectedVersion: planned.pin.publishedVersion,
        })),
        tombstones: [],
        schemaIdentity: schema.irHash,
        recovery: null,
        on: { kind: "exact", incarnation: state.head.incarnation, headCommitId: state.head.commitId },
      },
      state,
    );
  }

  /** W15, phase D: a sidecar that stays is recognised as published by the next recovery (RC-32). */
  async #disarm(operation: Operation): Promise<void> {
    try {
      await this.#parts.sidecars.delete(operation.id);
    } catch (error) {
      this.#parts.logger.warn("a finished sidecar could not be deleted", { operationId: operation.id, error });
    }
  }

  /** W16. */
  #acknowledge(record: CommitRecord): GraphCommit {
    const { graphBranch, graphManifestVersion } = record.commit;
    if (graphManifestVersion % MANIFEST_COMPACTION_COMMITS === 0) {
      this.#parts.background.start("compact the manifest", () => this.#compactManifest(graphBranch));
    }
    return record.commit;
  }

  /**
   * Nobody waits for it but the next writer: beside publishes a compaction loses every time once it takes longer than the
   * pause between two of them, and the manifest would grow without bound.
   */
  async #compactManifest(branch: string | null): Promise<void> {
    const { gates, lease, compactManifest } = this.#parts;
    using _gate = await gates.acquire([branchGate(branch)]);
    const hold = await lease.acquire();
    try {
      await compactManifest();
    } finally {
      hold.release();
    }
  }
}

function makeSidecar(operation: Operation, owner: SidecarOwner): Sidecar {
  const { state, schema } = operation.captured;
  return {
    operationId: operation.id,
    startedAt: new Date(Math.floor(operation.createdAt / 1000)).toISOString(),
    branch: state.branch,
    incarnation: state.head.incarnation,
    actorId: operation.actorId,
    writerKind: operation.staged.writerKind === "Repair" ? "Optimize" : operation.staged.writerKind,
    phase: "armed",
    // Without a lease another writer may be about to give the same version to the same dataset.
    requiresConfirmation: operation.plan.requiresConfirmation || operation.lease.epoch === null,
    leaseEpoch: operation.lease.epoch,
    owner,
    pins: operation.plan.datasets.map((planned) => ({
      typeKey: planned.pin.typeKey,
      typeId: planned.pin.typeId,
      incarnationId: planned.pin.incarnationId,
      directory: planned.pin.location.directory,
      nativeBranch: planned.pin.location.nativeBranch,
      forkedFrom: null,
      revisionFloor: planned.pin.revisionFloor,
      expectedVersion: planned.pin.publishedVersion,
      plannedVersion: planned.plannedVersion,
      confirmedVersion: null,
      entityCountAfter: planned.entityCountAfter,
      fragmentCountAfter: planned.fragmentCountAfter,
    })),
    registrations: [],
    renames: [],
    tombstones: [],
    pointers: [],
    intendedCommit: {
      graphCommitId: operation.graphCommitId,
      graphManifestVersion: state.head.version + 1,
      parentCommitId: state.head.commitId,
      mergedParentCommitId: null,
      createdAt: operation.createdAt,
      schemaIdentity: schema.irHash,
    },
  };
}

/** The conflict a strict writer reports: the touched type that moved, or else the head (OCC-2, OCC-3). */
function describeMovedHead(captured: BranchState, current: BranchState, plan: EffectPlan): Error {
  for (const { pin } of plan.datasets) {
    const actual = current.commit.pins.get(pin.typeKey)?.publishedVersion ?? 0;
    if (actual !== pin.publishedVersion) return new PublishedDatasetVersionMismatchError(pin.typeKey, pin.publishedVersion, actual);
  }
  const name = branchDisplayName(captured.branch);
  if (captured.head.incarnation !== current.head.incarnation) {
    return new ReadSetChangedError(`branch_incarnation:${name}`, captured.head.incarnation, current.head.incarnation);
  }
  return new ReadSetChangedError(`graph_head:${name}`, captured.head.commitId, current.head.commitId);
}

function checkPreconditionText(ifCommit: string | undefined): void {
  if (ifCommit !== undefined && !/^[0-9A-HJKMNP-TV-Z]{26}$/.test(ifCommit)) throw new InvalidPreconditionError(ifCommit);
}

function checkHead(state: BranchState, ifCommit: string | undefined): void {
  if (ifCommit !== undefined && state.head.commitId !== ifCommit) throw new PreconditionFailedError(state.branch, ifCommit, state.head.commitId);
}
