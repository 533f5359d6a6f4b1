/**
 * The ends an interrupted operation can have, and their order of steps: what changes the graph first, then the contract files,
 * then what is left over, then the record, then the sidecar. Every step may be repeated, so a crash between any two of them is
 * settled by the next pass (RC-37, RC-48).
 */
import { type Clock, type Failpoints, type IdSource, type Logger, must } from "@omnigraphdb/common";
import { FAILPOINT } from "../failpoints.js";
import type { ProcessIdentity } from "../graph-components.js";
import { forkOwner } from "../manifest/fork-name.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import type { CommitRecord, DatasetPin, RecoveryKind, RecoveryNote, RecoveryOutcome } from "../manifest/manifest.js";
import type { DatasetUpdate, Publisher } from "../manifest/publisher.js";
import { undoTxId } from "../manifest/transaction-id.js";
import type { SchemaStore } from "../schema/schema-store.js";
import type { DatasetAdministration, DatasetLocation } from "../storage/dataset-gateway.js";
import { isLooseKind } from "./classify.js";
import { type Examination, type ExaminedPin, locationOf, registrationLocation } from "./examine.js";
import { type IntendedChange, intendedPublishes } from "./intended-publish.js";
import type { RecoveryAuditLog } from "./recovery-audit.js";
import type { SidecarStore } from "./sidecar-store.js";
import type { Sidecar, SidecarOwner } from "./sidecar.js";

/** Actor of the commits that undo an operation (CM-6). */
const RECOVERY_ACTOR = "omnigraph:recovery";

interface SettlerParts {
  readonly sidecars: SidecarStore;
  readonly audits: RecoveryAuditLog;
  readonly manifest: ManifestStore;
  readonly publisher: Publisher;
  readonly administration: DatasetAdministration;
  readonly schemas: SchemaStore;
  readonly process: ProcessIdentity;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly failpoints: Failpoints;
}

export class Settler {
  readonly #parts: SettlerParts;

  constructor(parts: SettlerParts) {
    this.#parts = parts;
  }

  /** RC-35 … RC-37: the publish its writer did not get to, on the real heads. */
  async rollForward(sidecar: Sidecar, examination: Examination): Promise<void> {
    const { publisher, failpoints } = this.#parts;
    // Of a loose operation only a part may have happened; of all others everything has.
    const moved = examination.pins.filter((item) => item.pinClass !== "NoMovement");
    const note = makeNote(sidecar, "RolledForward", [
      ...moved.map(({ pin, headVersion = 0 }) => ({ typeKey: pin.typeKey, fromVersion: pin.expectedVersion, toVersion: headVersion })),
      ...sidecar.registrations.map(({ typeKey, version }) => ({ typeKey, fromVersion: 0, toVersion: version ?? 0 })),
    ]);
    const change = this.#intendedChange(sidecar, examination, moved);
    const actualVersions = new Map(moved.map((item) => [nameOf(item), item.headVersion ?? 0]));
    await failpoints.hit(FAILPOINT.beforeRollForwardPublish);
    const records = await publisher.publishGroup(intendedPublishes(change, examination.state, actualVersions, note));
    await this.#finishPublished(sidecar, examination, must(records[0], "something was published"), note);
  }

  /** It was published, by its writer or by an earlier pass: the contract files, audit and clean-up are missing (RC-32). */
  async concludePublished(sidecar: Sidecar, examination: Examination): Promise<void> {
    const record = examination.settledBy ?? examination.state.commit;
    // The record is that of a group's first commit: what the others made of a dataset is in the sidecar alone.
    const lastVersions = new Map(sidecar.members.flatMap(({ pins }) => pins.map((pin) => [pin.typeId, pin.confirmedVersion ?? pin.plannedVersion])));
    const shownVersion = (of: Coordinate): number => lastVersions.get(of.typeId) ?? findPin(record, of)?.publishedVersion ?? 0;
    const note = makeNote(sidecar, "RolledForward", [
      ...sidecar.pins.map((pin) => ({ typeKey: pin.typeKey, fromVersion: pin.expectedVersion, toVersion: shownVersion(pin) })),
      ...sidecar.registrations.map((item) => ({ typeKey: item.typeKey, fromVersion: 0, toVersion: shownVersion(item) })),
    ]);
    await this.#finishPublished(sidecar, examination, record, recoveryNoteOf(record, sidecar) ?? note);
  }

  /** RC-45 … RC-49. */
  async rollBack(sidecar: Sidecar, examination: Examination): Promise<void> {
    const { failpoints } = this.#parts;
    const restorable = examination.pins.filter(needsRestore);
    if (restorable.length > 0) await failpoints.hit(FAILPOINT.rollBackPreRestore);
    const updates: DatasetUpdate[] = [];
    for (const { published } of restorable) {
      const { location, publishedVersion } = published;
      const restoredVersion = await this.#parts.administration.restore(location, publishedVersion);
      updates.push({ pin: { ...published, publishedVersion: restoredVersion }, expectedVersion: publishedVersion });
    }
    if (restorable.length > 0) await failpoints.hit(FAILPOINT.rollBackPostRestore);
    const note = makeNote(sidecar, "RolledBack", examination.pins.flatMap(undoneOutcome));
    const { state } = examination;
    // A head that an earlier pass moved is as good as one moved now.
    const isPublished = updates.length > 0 || (examination.settledBy === undefined && this.#mayStillPublish(sidecar));
    const record = isPublished ? await this.#publishUndo(sidecar, examination, updates, note) : (examination.settledBy ?? state.commit);
    await this.#finishRolledBack(sidecar, examination, record, note);
  }

  /** An earlier pass undid it: audit and clean-up are missing. */
  async concludeRolledBack(sidecar: Sidecar, examination: Examination): Promise<void> {
    const record = examination.settledBy ?? examination.state.commit;
    await this.#finishRolledBack(sidecar, examination, record, recoveryNoteOf(record, sidecar) ?? makeNote(sidecar, "RolledBack", []));
  }

  /**
   * RC-55 … RC-57: its branch is gone, so nobody can reach what it wrote. Recorded against the head of main, which is not
   * touched. Forks of the branch go as well, unless somebody shows them.
   */
  async discardOrphan(sidecar: Sidecar): Promise<void> {
    const { manifest, failpoints } = this.#parts;
    const states = await manifest.readStates();
    const isShown = ({ directory, nativeBranch }: DatasetLocation): boolean =>
      states.some(({ commit }) => [...commit.pins.values()].some(({ location }) => location.directory === directory && location.nativeBranch === nativeBranch));
    const forks = sidecar.pins.filter((pin) => pin.nativeBranch !== null && (pin.forkedFrom !== null || forkOwner(pin.nativeBranch) === sidecar.incarnation));
    for (const location of forks.map(locationOf)) if (!isShown(location)) await this.#tryDeleteFork(location);
    const { head } = await manifest.readState(null);
    await failpoints.hit(FAILPOINT.orphanDiscardAuditAppend);
    await this.#conclude(sidecar, makeNote(sidecar, "OrphanedBranchDiscarded", []), head.commitId);
  }

  /** The part of the operation that is published, under the names its datasets have by now. */
  #intendedChange(sidecar: Sidecar, { state }: Examination, moved: readonly ExaminedPin[]): IntendedChange {
    const { clock, ids } = this.#parts;
    const pins = moved.map((item) => ({ ...item.pin, typeKey: nameOf(item) }));
    const intended = sidecar.intendedCommit;
    if (intended !== null) {
      // A loose operation does not bring back the schema it was planned under.
      const schemaIdentity = isLooseKind(sidecar.writerKind) ? state.commit.schemaIdentity : intended.schemaIdentity;
      return { ...sidecar, pins, intendedCommit: { ...intended, schemaIdentity } };
    }
    const intendedCommit = {
      graphCommitId: ids.ulid(),
      graphManifestVersion: state.head.version + 1,
      parentCommitId: state.head.commitId,
      mergedParentCommitId: null,
      createdAt: clock.nowMicros(),
      schemaIdentity: state.commit.schemaIdentity,
    };
    return { ...sidecar, actorId: RECOVERY_ACTOR, pins, intendedCommit };
  }

  #publishUndo(sidecar: Sidecar, { state }: Examination, updates: readonly DatasetUpdate[], note: RecoveryNote): Promise<CommitRecord> {
    const { publisher, clock, ids } = this.#parts;
    return publisher.publish({
      branch: sidecar.branch,
      txId: undoTxId(sidecar.operationId, ids.ulid()),
      commit: { graphCommitId: ids.ulid(), mergedParentCommitId: null, actorId: RECOVERY_ACTOR, createdAt: clock.nowMicros() },
      updates,
      tombstones: [],
      schemaIdentity: state.commit.schemaIdentity,
      recovery: note,
      on: { kind: "exact", incarnation: state.head.incarnation, headCommitId: state.head.commitId },
    });
  }

  /**
   * What the operation created is about to be removed. A writer that lost its lease while it slept could wake up and publish it,
   * so the head moves away from under it first. A dead one cannot, and the head stays.
   */
  #mayStillPublish({ pins, registrations, owner }: Sidecar): boolean {
    const createsAnything = registrations.length > 0 || pins.some((pin) => pin.forkedFrom !== null);
    return createsAnything && !(owner !== null && isKnownDead(owner, this.#parts.process));
  }

  async #finishPublished(sidecar: Sidecar, examination: Examination, record: CommitRecord, note: RecoveryNote): Promise<void> {
    if (examination.schema === "promotable") await this.#parts.schemas.promote();
    await this.#removeUnshown(sidecar, record.pins);
    await this.#conclude(sidecar, note, record.commit.graphCommitId);
  }

  async #finishRolledBack(sidecar: Sidecar, examination: Examination, record: CommitRecord, note: RecoveryNote): Promise<void> {
    // Staged files that stayed could make a later pass finish what this one undid (SA-4).
    if (sidecar.writerKind === "SchemaApply") await this.#parts.schemas.discardStaged();
    await this.#removeUnshown(sidecar, examination.state.commit.pins);
    await this.#conclude(sidecar, note, record.commit.graphCommitId);
  }

  /**
   * Removes forks and datasets that the operation created, or had begun to create, and that the branch does not show (RC-49).
   *
   * @throws ForkInUseError when somebody forked from one; the sidecar stays
   */
  async #removeUnshown(sidecar: Sidecar, pins: ReadonlyMap<string, DatasetPin>): Promise<void> {
    const { administration } = this.#parts;
    const shown = new Set([...pins.values()].map(({ location }) => `${location.directory}@${location.nativeBranch ?? ""}`));
    for (const pin of sidecar.pins) {
      if (pin.forkedFrom !== null && !shown.has(`${pin.directory}@${pin.nativeBranch ?? ""}`)) await administration.deleteFork(locationOf(pin));
    }
    for (const registration of sidecar.registrations) {
      if (!shown.has(`${registration.directory}@`)) await administration.drop(registrationLocation(registration));
    }
  }

  async #tryDeleteFork(location: DatasetLocation): Promise<void> {
    try {
      await this.#parts.administration.deleteFork(location);
    } catch (error) {
      this.#parts.logger.warn("a fork of a deleted branch could not be removed; cleanup will", { ...location, error });
    }
  }

  /** The record first: a sidecar that stays is concluded again, and the record is written once (RC-62). */
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

/** Whether the dataset is among those that only a restore brings back to what the branch shows. */
export function needsRestore(item: ExaminedPin): item is ExaminedPin & { readonly published: DatasetPin } {
  return item.published !== undefined && item.pinClass !== "NoMovement";
}

/** Whether a sidecar's writer has certainly ended. Of this process it has, since its gates are held by somebody else. */
function isKnownDead(owner: SidecarOwner, process: ProcessIdentity): boolean {
  return owner.host === process.host && (owner.pid === process.pid || !process.isAlive(owner.pid));
}

interface Coordinate {
  readonly typeId: bigint;
  readonly incarnationId: bigint;
}

function findPin(record: CommitRecord, { typeId, incarnationId }: Coordinate): DatasetPin | undefined {
  return [...record.pins.values()].find((pin) => pin.typeId === typeId && pin.incarnationId === incarnationId);
}

/** What the commit says about this very operation; the head may carry the note of another. */
function recoveryNoteOf({ recovery }: CommitRecord, { operationId }: Sidecar): RecoveryNote | undefined {
  return recovery?.operationId === operationId ? recovery : undefined;
}

function nameOf({ pin, shown }: ExaminedPin): string {
  return shown?.typeKey ?? pin.typeKey;
}

function undoneOutcome({ pin, pinClass, headVersion = 0, published }: ExaminedPin): RecoveryOutcome[] {
  if (pinClass === "NoMovement") return [];
  return [{ typeKey: pin.typeKey, fromVersion: headVersion, toVersion: published?.publishedVersion ?? pin.expectedVersion }];
}

function makeNote(sidecar: Sidecar, kind: RecoveryKind, outcomes: readonly RecoveryOutcome[]): RecoveryNote {
  return { operationId: sidecar.operationId, kind, actorId: sidecar.actorId, writerKind: sidecar.writerKind, outcomes };
}
