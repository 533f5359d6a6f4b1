/**
 * Settles interrupted operations: gathers evidence (`examine.ts`), decides (`classify.ts`), acts and records (`settle.ts`).
 *
 * Every operation ends published or undone as a whole; every step may be repeated; a crash between any two of them is
 * just another interruption that the next pass settles.
 */
import { type Clock, type Failpoints, type IdSource, type Logger, must } from "@omnigraphdb/common";
import { FAILPOINT } from "../failpoints.js";
import type { ProcessIdentity } from "../graph-components.js";
import { PUBLISH_ATTEMPTS_MAX } from "../limits.js";
import { SCHEMA_LOCK_BRANCH } from "../manifest/branch-names.js";
import type { BranchRegistryStore } from "../manifest/branch-registry.js";
import { PublishedDatasetVersionMismatchError, ReadSetChangedError } from "../manifest/errors.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import { type BranchState, MAIN_BRANCH, type RegisteredBranch } from "../manifest/manifest.js";
import type { Publisher } from "../manifest/publisher.js";
import type { SchemaStore } from "../schema/schema-store.js";
import type { DatasetAdministration } from "../storage/dataset-gateway.js";
import { ForkInUseError } from "../storage/errors.js";
import type { RunningOperations } from "../transaction/running-operations.js";
import type { WriterLease } from "../transaction/writer-lease.js";
import { branchGate, datasetGate, SCHEMA_GATE, type WriteGates } from "../transaction/write-gates.js";
import { RecoveryAbortedError } from "./errors.js";
import { examine, type Examination } from "./examine.js";
import type { RecoveryAuditLog } from "./recovery-audit.js";
import { needsRestore, Settler } from "./settle.js";
import type { SidecarStore } from "./sidecar-store.js";
import type { Sidecar } from "./sidecar.js";
import { StagingReconciler } from "./staging-reconciler.js";

/**
 * `full` also restores published datasets; `rollForwardOnly` leaves that to the next read-write open, because a restore takes
 * back what a concurrent writer may be about to publish (RC-80, RC-82).
 */
type RecoveryMode = "full" | "rollForwardOnly";

/** Why an operation was left as it is. */
type DeferralReason =
  /** Its writer lives; only possible where leases are off. */
  | "writerAlive"
  /** Only a full recovery undoes it. */
  | "needsFullRecovery"
  /** An operator has to look. */
  | "needsOperator"
  /** A fork that it created is in use. */
  | "forkInUse";

export interface DeferredOperation {
  readonly operationId: string;
  /** Null = main. */
  readonly branch: string | null;
  readonly isSchemaApply: boolean;
  readonly reason: DeferralReason;
}

interface RecoveryReport {
  /** Something durable changed: caches and views are outdated. */
  readonly hasActed: boolean;
  /** A schema apply was finished or undone: the accepted schema has to be read again (RC-85). */
  readonly schemaChanged: boolean;
  readonly deferred: readonly DeferredOperation[];
}

interface RecoveryParts {
  readonly sidecars: SidecarStore;
  readonly audits: RecoveryAuditLog;
  readonly manifest: ManifestStore;
  readonly publisher: Publisher;
  readonly registry: BranchRegistryStore;
  /** Incarnations of the schema locks that this process holds. */
  readonly schemaLocks: ReadonlySet<string>;
  readonly running: RunningOperations;
  readonly administration: DatasetAdministration;
  readonly schemas: SchemaStore;
  readonly gates: WriteGates;
  readonly lease: WriterLease;
  readonly process: ProcessIdentity;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly failpoints: Failpoints;
}

type Outcome = "acted" | "gone" | DeferralReason;

export class Recovery {
  readonly #parts: RecoveryParts;
  readonly #settler: Settler;
  readonly #reconciler: StagingReconciler;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    this.#settler = new Settler(parts);
    this.#reconciler = new StagingReconciler(parts);
  }

  /**
   * Settles all sidecars, oldest first, each under its gates and the writer lease: so none of them belongs to a live
   * writer, of this process (RC-87) or of another (LE-9). Without sidecars it is one listing and takes neither. In full mode a
   * schema lock that a dead process left is removed, too (SA-1b).
   *
   * @param options.isRunningSkipped leave alone what this process is performing, without waiting for its end
   * @throws SidecarUnreadableError, and in full mode RecoveryAbortedError; the sidecar stays
   */
  async recover(mode: RecoveryMode, options: { readonly isRunningSkipped?: boolean } = {}): Promise<RecoveryReport> {
    const listed = await this.#parts.sidecars.list();
    const operationIds = options.isRunningSkipped === true ? listed.filter((operationId) => !this.#parts.running.has(operationId)) : listed;
    let hasActed = false;
    let schemaChanged = false;
    const deferred: DeferredOperation[] = [];
    if (operationIds.length > 0) await this.#parts.failpoints.hit(FAILPOINT.postListPreGates);
    for (const operationId of operationIds) {
      const sidecar = await this.#parts.sidecars.find(operationId);
      if (sidecar === undefined) continue;
      const outcome = await this.#recoverOne(sidecar, mode);
      const isSchemaApply = sidecar.writerKind === "SchemaApply";
      if (outcome === "acted") {
        hasActed = true;
        schemaChanged ||= isSchemaApply;
      } else if (outcome !== "gone") {
        deferred.push({ operationId, branch: sidecar.branch, isSchemaApply, reason: outcome });
      }
    }
    if (mode === "full") hasActed = (await this.#releaseStaleLock()) || hasActed;
    return { hasActed, schemaChanged, deferred };
  }

  /**
   * An apply registers its lock only while it holds the lease: so whoever has the lease and finds another's finds a dead one's.
   * Without leases the apply may be under way.
   */
  async #releaseStaleLock(): Promise<boolean> {
    const { manifest, lease, logger } = this.#parts;
    if (this.#findForeignLock(await manifest.readState(null)) === undefined) return false;
    const hold = await lease.acquire();
    try {
      manifest.forget();
      const lock = this.#findForeignLock(await manifest.readState(null));
      if (lock === undefined || (hold.epoch === null && this.mayBeUnderWay(lock))) return false;
      await this.#parts.registry.remove(SCHEMA_LOCK_BRANCH, lock.incarnation);
      logger.warn("removed the lock of a schema apply that died");
      return true;
    } finally {
      hold.release();
    }
  }

  #findForeignLock({ registry }: BranchState): RegisteredBranch | undefined {
    const lock = registry.branches.get(SCHEMA_LOCK_BRANCH);
    return lock === undefined || this.#parts.schemaLocks.has(lock.incarnation) ? undefined : lock;
  }

  /**
   * Staged contract files that no interrupted schema apply explains: their promotion is finished, or they are removed (RC-70).
   * Does nothing while a sidecar exists that its own recovery has to settle first (RC-71).
   *
   * @throws StagedSchemaConflictError; the files stay
   */
  async reconcileStaging(): Promise<boolean> {
    return this.#reconciler.reconcile();
  }

  async #recoverOne(listed: Sidecar, mode: RecoveryMode): Promise<Outcome> {
    const { gates, lease } = this.#parts;
    const keys = listed.pins.map((pin) => datasetGate(pin.typeKey, pin.nativeBranch));
    const schemaGate = listed.writerKind === "SchemaApply" ? [SCHEMA_GATE] : [];
    using _gates = await gates.acquire([...schemaGate, branchGate(listed.branch), ...keys]);
    const hold = await lease.acquire();
    try {
      // Holding the lease, nobody else is writing. Without leases a live writer of another process may own the sidecar.
      if (hold.epoch === null && this.mayBeUnderWay(listed)) return "writerAlive";
      return await this.#recoverHeld(listed.operationId, mode);
    } finally {
      hold.release();
    }
  }

  /** Where leases are off, a sidecar or lock of another process of this host that lives may be that of a write under way. */
  mayBeUnderWay({ owner }: { readonly owner?: Sidecar["owner"] }): boolean {
    const { process } = this.#parts;
    return owner !== null && owner !== undefined && owner.host === process.host && owner.pid !== process.pid && process.isAlive(owner.pid);
  }

  async #recoverHeld(operationId: string, mode: RecoveryMode): Promise<Outcome> {
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
  async #settleOwnRestores(sidecar: Sidecar): Promise<Outcome> {
    const examination = await this.#examine(sidecar);
    if (examination?.verdict.kind !== "rollBack" || !examination.pins.some(needsRestore)) return "gone";
    await this.#settler.rollBack(sidecar, examination);
    return "acted";
  }

  async #examineAndSettle(sidecar: Sidecar, mode: RecoveryMode): Promise<Outcome> {
    const { operationId } = sidecar;
    const { logger } = this.#parts;
    const examination = await this.#examine(sidecar);
    const verdict = examination?.verdict.kind ?? "discardOrphan";
    if (examination === undefined) {
      await this.#settler.discardOrphan(sidecar);
    } else if (examination.verdict.kind === "abort") {
      const findings = describeFindings(examination);
      if (mode === "full") throw new RecoveryAbortedError(operationId, findings);
      logger.warn("recovery deferred for operator review", { operationId, findings });
      return "needsOperator";
    } else if (mode === "rollForwardOnly" && verdict === "rollBack" && examination.pins.some(needsRestore)) {
      logger.warn("recovery deferred to the next read-write open", { operationId });
      return "needsFullRecovery";
    } else {
      const isSettled = await this.#settle(sidecar, examination);
      if (!isSettled) return "forkInUse";
    }
    logger.info("recovered an interrupted operation", { operationId, verdict });
    return "acted";
  }

  /** Undefined when the branch is gone, or its name belongs to another incarnation: the registry alone says so (RC-55). */
  async #examine(sidecar: Sidecar): Promise<Examination | undefined> {
    const { manifest } = this.#parts;
    manifest.forget();
    const { registry } = await manifest.readRegistry();
    const registered = registry.branches.get(sidecar.branch ?? MAIN_BRANCH);
    if (registered === undefined || (sidecar.incarnation !== null && registered.incarnation !== sidecar.incarnation)) return undefined;
    return examine(this.#parts, sidecar, await manifest.readState(sidecar.branch));
  }

  /** @returns false when a fork that has to go is in use: then the sidecar stays (RC-49) */
  async #settle(sidecar: Sidecar, examination: Examination): Promise<boolean> {
    try {
      switch (examination.verdict.kind) {
        case "rollForward":
          await this.#settler.rollForward(sidecar, examination);
          return true;
        case "rollBack":
          await this.#settler.rollBack(sidecar, examination);
          return true;
        case "concludePublished":
          await this.#settler.concludePublished(sidecar, examination);
          return true;
        case "concludeRolledBack":
          await this.#settler.concludeRolledBack(sidecar, examination);
          return true;
        case "abort":
          throw new RecoveryAbortedError(sidecar.operationId, describeFindings(examination));
      }
    } catch (error) {
      if (!(error instanceof ForkInUseError)) throw error;
      this.#parts.logger.warn("recovery left the fork of an interrupted write that is in use", { operationId: sidecar.operationId, error });
      return false;
    }
  }
}

function describeFindings({ pins, registrations, schema }: Examination): string {
  const datasets = [...pins.map(({ pin, pinClass }) => `${pin.typeKey} is ${pinClass}`), ...registrations.map(({ registration, pinClass }) => `${registration.typeKey} is ${pinClass}`)];
  return [...datasets, ...(schema === "promoted" ? ["its schema was accepted, but never published"] : [])].join(", ");
}
