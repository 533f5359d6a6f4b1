/**
 * W11 … W15 of one operation: sidecar, effects, confirmation, publish, clean-up. Whoever calls it holds the gates and the
 * lease, and has checked that the captured head still is the head.
 *
 * 1. no dataset moves before the sidecar is stored (W11), and none after the operation lost the lease
 * 2. exactly one publish (W14); success is reported only after it (MAN-35)
 * 3. from the first effect on a failure keeps the sidecar: recovery finishes or undoes the operation as a whole (WR-8)
 */
import type { Failpoints, Logger } from "@omnigraphdb/common";
import { RecoveryRequiredError } from "../errors.js";
import { FAILPOINT } from "../failpoints.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import type { CommitRecord } from "../manifest/manifest.js";
import type { Publisher, PublishRequest } from "../manifest/publisher.js";
import { type IntendedChange, intendedPublish, intendedPublishes } from "../recovery/intended-publish.js";
import type { SidecarStore } from "../recovery/sidecar-store.js";
import type { Sidecar, SidecarOwner } from "../recovery/sidecar.js";
import type { SchemaStore } from "../schema/schema-store.js";
import type { Durability } from "../storage/durability.js";
import { DatasetVersionMovedError } from "../storage/errors.js";
import { SchemaApplyOutrunError } from "./errors.js";
import type { NativeEffects, Progress } from "./native-effects.js";
import { armedSidecarOf, confirmedSidecarOf, intendedChangeOf, type Operation, type OperationGroup } from "./operation.js";
import type { RunningOperations } from "./running-operations.js";
import type { SchemaChange } from "./staged-write.js";
import { stepFailpointsOf } from "./step-failpoints.js";

interface OperationPerformerParts {
  readonly manifest: ManifestStore;
  readonly publisher: Publisher;
  readonly schemas: SchemaStore;
  readonly sidecars: SidecarStore;
  readonly effects: NativeEffects;
  readonly running: RunningOperations;
  readonly owner: SidecarOwner;
  readonly durability: Durability;
  readonly logger: Logger;
  readonly failpoints: Failpoints;
}

export class OperationPerformer {
  readonly #parts: OperationPerformerParts;

  constructor(parts: OperationPerformerParts) {
    this.#parts = parts;
  }

  /**
   * W14 of an operation without effects: nothing to protect, and losing the head costs nothing.
   *
   * @throws ReadSetChangedError when the head moved; nothing was changed
   */
  async publishAlone(operation: Operation): Promise<CommitRecord> {
    const request = intendedPublish(intendedChangeOf(operation), operation.captured.state, new Map(), null);
    return this.#parts.publisher.publish(request, operation.captured.state);
  }

  /**
   * W11 … W15. Not cancellable: from the sidecar on the operations run to their end or are left to recovery (WR-7).
   *
   * @param operations in the order of their commits; each but the first was planned on what the one before it makes
   * @returns a commit for each; none when maintenance turned out to have changed nothing: then nothing is published
   */
  async perform(operations: OperationGroup): Promise<readonly CommitRecord[]> {
    const { failpoints, running } = this.#parts;
    const [operation] = operations;
    const steps = stepFailpointsOf(operation.staged.writerKind);
    // Those that others join. For all else, such as a schema apply, the next writer waits before it prepares.
    using _running = operation.staged.writerKind === "Mutation" || operation.staged.writerKind === "Load" ? running.begin(operation.id) : undefined;
    const progress: Progress = { sidecar: await this.#arm(operations), isAnyEffectStarted: false };
    let records: readonly CommitRecord[];
    try {
      await failpoints.hit(steps.afterArm);
      const requests = await this.#takeEffect(operations, progress);
      await failpoints.hit(steps.beforePublish);
      records = isWorthPublishing(operation, requests) ? await this.#publish(operation, requests) : [];
      if (operation.plan.schemaChange !== undefined) await this.#promote();
    } catch (cause) {
      if (!progress.isAnyEffectStarted) {
        await this.#discardSidecar(progress.sidecar);
        throw cause;
      }
      await this.#keepSidecar(progress.sidecar, cause);
      running.noteUnsettled();
      const reason = cause instanceof Error ? cause.message : "the write was interrupted";
      throw new RecoveryRequiredError(operation.id, reason, { effects: "possible", cause });
    }
    await this.#disarm(operation);
    return records;
  }

  /** W11, phase A. */
  async #arm(operations: OperationGroup): Promise<Sidecar & IntendedChange> {
    const sidecar = armedSidecarOf(operations, this.#parts.owner, this.#parts.durability);
    try {
      await operations[0].lease.ensureHeld();
      await this.#parts.sidecars.write(sidecar);
    } catch (error) {
      // The put may have landed although its reply was lost.
      await this.#discardSidecar(sidecar);
      throw error;
    }
    return sidecar;
  }

  /** W12 and W13: effects, their confirmation, and the contract files to come. @returns what is to be published */
  async #takeEffect(operations: OperationGroup, progress: Progress): Promise<readonly PublishRequest[]> {
    const { effects, failpoints, sidecars } = this.#parts;
    const [operation] = operations;
    const versions = await effects.perform(operations, progress);
    await failpoints.hit(stepFailpointsOf(operation.staged.writerKind).beforeConfirm);
    progress.sidecar = confirmedSidecarOf(progress.sidecar, versions);
    await sidecars.write(progress.sidecar);
    const { schemaChange } = operation.plan;
    if (schemaChange !== undefined) await this.#stageSchema(operation, schemaChange, progress);
    return intendedPublishes(progress.sidecar, operation.captured.state, versions[0].datasets, null);
  }

  /** The staging files exist before the publish and only then: they decide whether recovery goes forward or back (SA-4). */
  async #stageSchema(operation: Operation, schemaChange: SchemaChange, progress: Progress): Promise<void> {
    const { schemas } = this.#parts;
    await this.#checkHeadUnmoved(operation);
    await operation.lease.ensureHeld();
    await schemas.archive(operation.captured.schema);
    await schemas.archive(schemaChange.accepted);
    progress.isAnyEffectStarted = true;
    await schemas.stage(schemaChange.accepted.documents);
  }

  async #checkHeadUnmoved({ captured }: Operation): Promise<void> {
    const { branch, head } = captured.state;
    const current = await this.#parts.manifest.readState(branch);
    if (current.head.commitId === head.commitId) return;
    throw new SchemaApplyOutrunError(head, current.head);
  }

  /** W14, phase C: the acknowledgement point. */
  #publish(operation: Operation, requests: readonly PublishRequest[]): Promise<readonly CommitRecord[]> {
    return this.#parts.publisher.publishGroup(requests, operation.captured.state);
  }

  /** The contract files follow the manifest, which has named the new schema since the publish. */
  async #promote(): Promise<void> {
    await this.#parts.failpoints.hit(FAILPOINT.schemaAfterManifestCommit);
    await this.#parts.schemas.promote();
  }

  /** W15, phase D: a sidecar that stays is recognised as published by the next recovery (RC-32). */
  async #disarm(operation: Operation): Promise<void> {
    try {
      await this.#parts.sidecars.delete(operation.id);
    } catch (error) {
      this.#parts.logger.warn("a finished sidecar could not be deleted", { operationId: operation.id, error });
    }
  }

  /** For an operation that ended before it moved anything: nothing needs its sidecar. */
  async #discardSidecar({ operationId }: Sidecar): Promise<void> {
    try {
      await this.#parts.sidecars.delete(operationId);
    } catch (error) {
      this.#parts.logger.warn("an unused sidecar may be left behind", { operationId, error });
    }
  }

  /**
   * Leaves the sidecar of a failed operation in the state that recovery needs. Another process, believing this one dead, may
   * have settled the operation while this one was still moving datasets (LE-8): then it is put back. And when a dataset moved
   * by other hands, its version must not be taken for an effect of this operation: then only the undoing is left.
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
}

/** Maintenance plans by signs and may find nothing to do; everybody else publishes, also an empty commit (LD-5, MG-41). */
function isWorthPublishing({ staged }: Operation, requests: readonly PublishRequest[]): boolean {
  return requests.some(({ updates }) => updates.length > 0) || (staged.writerKind !== "Optimize" && staged.writerKind !== "EnsureIndices");
}
