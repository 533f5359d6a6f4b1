/**
 * Settles interrupted operations: gathers evidence, decides with `classify.ts`, acts, records (RC-35 … RC-48, RC-80 … 90).
 *
 * Every operation ends published or undone as a whole; every step may be repeated; a crash between any two of them is
 * just another interruption that the next pass settles.
 */
import { type Clock, type Failpoints, type IdSource, type Logger, must } from "@omnigraphdb/common";
import { FAILPOINT } from "../failpoints.js";
import type { ProcessIdentity } from "../graph-components.js";
import { PUBLISH_ATTEMPTS_MAX } from "../limits.js";
import { PublishedDatasetVersionMismatchError, ReadSetChangedError } from "../manifest/errors.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import type { BranchState, CommitRecord, DatasetPin, RecoveryNote, RecoveryOutcome } from "../manifest/manifest.js";
import type { DatasetUpdate, Publisher } from "../manifest/publisher.js";
import type { DatasetAdministration, DatasetGateway } from "../storage/dataset-gateway.js";
import { undoTxId } from "../manifest/transaction-id.js";
import type { WriterLease } from "../transaction/writer-lease.js";
import { branchGate, datasetGate, type WriteGates } from "../transaction/write-gates.js";
import { classifyPin, decide, type OperationStanding, type PinClass, type Verdict } from "./classify.js";
import { RecoveryAbortedError } from "./errors.js";
import type { RecoveryAuditLog } from "./recovery-audit.js";
import type { SidecarStore } from "./sidecar-store.js";
import type { Sidecar, SidecarPin } from "./sidecar.js";

/** Actor of the commits that undo an operation (CM-6). */
const RECOVERY_ACTOR = "omnigraph:recovery";

/** `full` undoes as well; `rollForwardOnly` leaves that to the next read-write open (RC-80, RC-82). */
type RecoveryMode = "full" | "rollForwardOnly";

interface RecoveryReport {
  /** Something durable changed: caches and views are outdated. */
  readonly hasActed: boolean;
  /** Operations left for a full recovery. */
  readonly deferred: readonly { readonly operationId: string; readonly branch: string | null }[];
}

interface RecoveryParts {
  readonly sidecars: SidecarStore;
  readonly audits: RecoveryAuditLog;
  readonly manifest: ManifestStore;
  readonly publisher: Publisher;
  readonly datasets: DatasetGateway;
  readonly administration: DatasetAdministration;
  readonly gates: WriteGates;
  readonly lease: WriterLease;
  readonly process: ProcessIdentity;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly failpoints: Failpoints;
}

interface ExaminedPin {
  readonly pin: SidecarPin;
  readonly published: DatasetPin | undefined;
  readonly headVersion: number;
  readonly pinClass: PinClass;
}

interface Examination {
  readonly state: BranchState;
  readonly pins: readonly ExaminedPin[];
  /** The commit that published or undid the operation, if any. */
  readonly settledBy: CommitRecord | undefined;
  readonly verdict: Verdict;
}

export class Recovery {
  readonly #parts: RecoveryParts;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /**
   * Settles all sidecars, oldest first, each under its gates and the writer lease: so none of them belongs to a live
   * writer, of this process (RC-87) or of another (LE-9). Without sidecars it is one listing and takes neither.
   *
   * @throws SidecarUnreadableError, and in full mode RecoveryAbortedError; the sidecar stays
   */
  async recover(mode: RecoveryMode): Promise<RecoveryReport> {
    const operationIds = await this.#parts.sidecars.list();
    let hasActed = false;
    const deferred: { operationId: string; branch: string | null }[] = [];
    if (operationIds.length > 0) await this.#parts.failpoints.hit(FAILPOINT.postListPreGates);
    for (const operationId of operationIds) {
      const sidecar = await this.#parts.sidecars.find(operationId);
      if (sidecar === undefined) continue;
      const outcome = await this.#recoverOne(sidecar, mode);
      if (outcome === "acted") hasActed = true;
      if (outcome === "deferred") deferred.push({ operationId, branch: sidecar.branch });
    }
    return { hasActed, deferred };
  }

  async #recoverOne(listed: Sidecar, mode: RecoveryMode): Promise<"acted" | "deferred" | "gone"> {
    const { gates, lease } = this.#parts;
    const keys = listed.pins.map((pin) => datasetGate(pin.typeKey, pin.nativeBranch));
    using _gates = await gates.acquire([branchGate(listed.branch), ...keys]);
    const hold = await lease.acquire();
    try {
      // Holding the lease, nobody else is writing. Without leases a live writer of another process may own the sidecar.
      if (hold.epoch === null && this.#belongsToLiveProcess(listed)) return "deferred";
      return await this.#recoverHeld(listed.operationId, mode);
    } finally {
      hold.release();
    }
  }

  #belongsToLiveProcess({ owner }: Sidecar): boolean {
    const { process } = this.#parts;
    return owner !== null && owner.host === process.host && owner.pid !== process.pid && process.isAlive(owner.pid);
  }

  async #recoverHeld(operationId: string, mode: RecoveryMode): Promise<"acted" | "deferred" | "gone"> {
    let lastSeen: Sidecar | undefined;
    for (let attempt = 1; ; attempt++) {
      // Its writer, or without a lease another process, may have finished it meanwhile.
      const sidecar = await this.#parts.sidecars.find(operationId);
      if (sidecar === undefined && lastSeen === undefined) return "gone";
      try {
        if (sidecar === undefined) return await this.#settleOwnRestores(must(lastSeen, "an attempt came before"));
        lastSeen = sidecar;
        return await this.#examineAndSettle(sidecar, mode);
      } catch (error) {
        const isHeadMoved = error instanceof ReadSetChangedError || error instanceof PublishedDatasetVersionMismatchError;
        if (!isHeadMoved || attempt === PUBLISH_ATTEMPTS_MAX) throw error;
      }
    }
  }

  /**
   * Another process without a lease undid the same operation first and removed its sidecar, but after our own restore: that
   * restore is a version that nobody published. Publishing it is all that is left to do.
   */
  async #settleOwnRestores(sidecar: Sidecar): Promise<"acted" | "gone"> {
    const examination = await this.#examine(sidecar);
    const { verdict } = examination;
    if (verdict.kind !== "rollBack" || verdict.isEffectFree) return "gone";
    await this.#rollBack(sidecar, examination, false);
    return "acted";
  }

  async #examineAndSettle(sidecar: Sidecar, mode: RecoveryMode): Promise<"acted" | "deferred"> {
    const { logger } = this.#parts;
    const examination = await this.#examine(sidecar);
    const { verdict } = examination;
    if (verdict.kind === "abort") {
      const findings = examination.pins.map((item) => `${item.pin.typeKey} is ${item.pinClass}`).join(", ");
      if (mode === "full") throw new RecoveryAbortedError(sidecar.operationId, findings);
      logger.warn("recovery deferred for operator review", { operationId: sidecar.operationId, findings });
      return "deferred";
    }
    if (mode === "rollForwardOnly" && verdict.kind === "rollBack" && !verdict.isEffectFree) {
      logger.warn("recovery deferred to the next read-write open", { operationId: sidecar.operationId });
      return "deferred";
    }
    await this.#settle(sidecar, examination);
    logger.info("recovered an interrupted operation", { operationId: sidecar.operationId, verdict: verdict.kind });
    return "acted";
  }

  async #examine(sidecar: Sidecar): Promise<Examination> {
    this.#parts.manifest.forget();
    const state = await this.#parts.manifest.readState(sidecar.branch);
    const pins = await Promise.all(sidecar.pins.map((pin) => this.#examinePin(sidecar, pin, state)));
    const firstVersion = sidecar.intendedCommit?.graphManifestVersion ?? 1;
    const settledBy = await this.#parts.manifest.findCommitOfOperation(state, sidecar.operationId, firstVersion);
    const intended = sidecar.intendedCommit;
    const isSameBase = intended?.parentCommitId === state.head.commitId && intended.graphManifestVersion === state.head.version + 1;
    const verdict = decide({
      standing: standingOf(settledBy, sidecar.operationId),
      classes: pins.map((item) => item.pinClass),
      isAnyPinAhead: pins.some((item) => (item.published?.publishedVersion ?? 0) > item.pin.expectedVersion),
      base: intended === null ? "unknown" : isSameBase ? "unchanged" : "moved",
    });
    return { state, pins, settledBy, verdict };
  }

  async #examinePin(sidecar: Sidecar, pin: SidecarPin, state: BranchState): Promise<ExaminedPin> {
    const current = state.commit.pins.get(pin.typeKey);
    const isSameCoordinate = current?.typeId === pin.typeId && current.incarnationId === pin.incarnationId;
    const published = isSameCoordinate && current.location.nativeBranch === pin.nativeBranch ? current : undefined;
    const headVersion = await this.#parts.datasets.headVersion({ directory: pin.directory, nativeBranch: pin.nativeBranch });
    const pinClass = classifyPin({
      headVersion,
      publishedVersion: published?.publishedVersion ?? 0,
      expectedVersion: pin.expectedVersion,
      plannedVersion: pin.plannedVersion,
      confirmedVersion: pin.confirmedVersion,
      requiresConfirmation: sidecar.requiresConfirmation,
    });
    return { pin, published, headVersion, pinClass };
  }

  async #settle(sidecar: Sidecar, examination: Examination): Promise<void> {
    const { verdict, settledBy } = examination;
    if (verdict.kind === "rollForward") return this.#rollForward(sidecar, examination);
    if (verdict.kind === "rollBack") return this.#rollBack(sidecar, examination, verdict.isEffectFree);
    // An earlier pass, or the writer itself, already published: only the record and the clean-up are missing (RC-32).
    const note = settledBy?.recovery ?? makeNote(sidecar, "RolledForward", examination.pins.map((item) => publishedOutcome(item, settledBy)));
    await this.#conclude(sidecar, note, settledBy?.commit.graphCommitId ?? examination.state.head.commitId);
  }

  /** RC-35 … RC-37. */
  async #rollForward(sidecar: Sidecar, examination: Examination): Promise<void> {
    const { publisher, clock, ids, failpoints } = this.#parts;
    const { state } = examination;
    const note = makeNote(sidecar, "RolledForward", examination.pins.map(headOutcome));
    const intended = sidecar.intendedCommit;
    await failpoints.hit(FAILPOINT.beforeRollForwardPublish);
    const record = await publisher.publish({
      branch: sidecar.branch,
      txId: sidecar.operationId,
      commit: {
        graphCommitId: intended?.graphCommitId ?? ids.ulid(),
        mergedParentCommitId: intended?.mergedParentCommitId ?? null,
        actorId: intended === null ? RECOVERY_ACTOR : sidecar.actorId,
        createdAt: intended?.createdAt ?? clock.nowMicros(),
      },
      updates: examination.pins.map((item) => rolledForward(item)),
      tombstones: [],
      schemaIdentity: intended?.schemaIdentity ?? state.commit.schemaIdentity,
      recovery: note,
      on: { kind: "exact", incarnation: state.head.incarnation, headCommitId: state.head.commitId },
    });
    await this.#conclude(sidecar, note, record.commit.graphCommitId);
  }

  /** RC-45 … RC-48. */
  async #rollBack(sidecar: Sidecar, examination: Examination, isEffectFree: boolean): Promise<void> {
    const { publisher, administration, clock, ids, failpoints } = this.#parts;
    const { state } = examination;
    if (isEffectFree) return this.#conclude(sidecar, makeNote(sidecar, "RolledBack", []), state.head.commitId);
    await failpoints.hit(FAILPOINT.rollBackPreRestore);
    const updates: DatasetUpdate[] = [];
    const outcomes: RecoveryOutcome[] = [];
    for (const item of examination.pins) {
      if (item.pinClass === "NoMovement") continue;
      if (item.published === undefined) throw new RecoveryAbortedError(sidecar.operationId, `${item.pin.typeKey} is not published`);
      const { location, publishedVersion } = item.published;
      const restoredVersion = await administration.restore(location, publishedVersion);
      updates.push({ pin: { ...item.published, publishedVersion: restoredVersion }, expectedVersion: publishedVersion });
      outcomes.push({ typeKey: item.pin.typeKey, fromVersion: item.headVersion, toVersion: publishedVersion });
    }
    await failpoints.hit(FAILPOINT.rollBackPostRestore);
    const note = makeNote(sidecar, "RolledBack", outcomes);
    const record = await publisher.publish({
      branch: sidecar.branch,
      txId: undoTxId(sidecar.operationId, ids.ulid()),
      commit: { graphCommitId: ids.ulid(), mergedParentCommitId: null, actorId: RECOVERY_ACTOR, createdAt: clock.nowMicros() },
      updates,
      tombstones: [],
      schemaIdentity: state.commit.schemaIdentity,
      recovery: note,
      on: { kind: "exact", incarnation: state.head.incarnation, headCommitId: state.head.commitId },
    });
    await this.#conclude(sidecar, note, record.commit.graphCommitId);
  }

  async #conclude(sidecar: Sidecar, note: RecoveryNote, graphCommitId: string): Promise<void> {
    await this.#parts.audits.record({
      operationId: sidecar.operationId,
      graphCommitId,
      recoveryKind: note.kind,
      recoveryForActor: note.actorId,
      sidecarWriterKind: note.writerKind,
      perTableOutcomes: note.outcomes,
      createdAt: this.#parts.clock.nowMicros(),
    });
    await this.#parts.sidecars.delete(sidecar.operationId);
  }
}

function standingOf(settledBy: CommitRecord | undefined, operationId: string): OperationStanding {
  if (settledBy === undefined) return "unpublished";
  return settledBy.txId === operationId ? "published" : "rolledBack";
}

function makeNote(sidecar: Sidecar, kind: RecoveryNote["kind"], outcomes: readonly RecoveryOutcome[]): RecoveryNote {
  return { operationId: sidecar.operationId, kind, actorId: sidecar.actorId, writerKind: sidecar.writerKind, outcomes };
}

function headOutcome(item: ExaminedPin): RecoveryOutcome {
  return { typeKey: item.pin.typeKey, fromVersion: item.pin.expectedVersion, toVersion: item.headVersion };
}

function publishedOutcome(item: ExaminedPin, settledBy: CommitRecord | undefined): RecoveryOutcome {
  const pin = settledBy?.pins.get(item.pin.typeKey) ?? item.published;
  return { typeKey: item.pin.typeKey, fromVersion: item.pin.expectedVersion, toVersion: pin?.publishedVersion ?? 0 };
}

function rolledForward(item: ExaminedPin): DatasetUpdate {
  const published = must(item.published, "a dataset that moved past its expected version is published");
  return {
    pin: {
      ...published,
      publishedVersion: item.headVersion,
      entityCount: item.pin.entityCountAfter,
      fragmentCount: item.pin.fragmentCountAfter,
    },
    expectedVersion: item.pin.expectedVersion,
  };
}
