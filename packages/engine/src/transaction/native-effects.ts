/**
 * W12, phase B: everything an operation does to datasets, one dataset after another, each step between two crash points.
 * Every native version is verified (WR-10).
 */
import type { Failpoints, IdSource, Logger } from "@omnigraphdb/common";
import { FORK_NAME_ATTEMPTS_MAX } from "../limits.js";
import { forkName } from "../manifest/fork-name.js";
import type { IntendedChange } from "../recovery/intended-publish.js";
import type { SidecarStore } from "../recovery/sidecar-store.js";
import type { Sidecar } from "../recovery/sidecar.js";
import type { DatasetAdministration, DatasetEffect, DatasetGateway, DatasetLocation } from "../storage/dataset-gateway.js";
import { DatasetVersionMovedError, isStorageError } from "../storage/errors.js";
import { FAILPOINT } from "../failpoints.js";
import { ForkNamesTakenError } from "./errors.js";
import type { Operation, OperationGroup, PerformedEffects } from "./operation.js";
import type { PlannedDataset } from "./plan-effects.js";
import type { StagedRegistration } from "./staged-write.js";
import { stepFailpointsOf } from "./step-failpoints.js";

interface NativeEffectsParts {
  readonly datasets: DatasetGateway;
  readonly administration: DatasetAdministration;
  readonly sidecars: SidecarStore;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly failpoints: Failpoints;
}

/** How far an operation has come. */
export interface Progress {
  /** As it is stored. */
  sidecar: Sidecar & IntendedChange;
  /** From here on a failure leaves the sidecar to recovery (WR-8). */
  isAnyEffectStarted: boolean;
}

/** Versions of one lineage that are there and not durable yet. */
interface UnpersistedVersions {
  readonly location: DatasetLocation;
  readonly baseVersion: number;
  headVersion: number;
}

export class NativeEffects {
  readonly #parts: NativeEffectsParts;

  constructor(parts: NativeEffectsParts) {
    this.#parts = parts;
  }

  /** The effects of each operation after those of the one before it. @returns the versions after each */
  async perform([first, ...others]: OperationGroup, progress: Progress): Promise<readonly [PerformedEffects, ...PerformedEffects[]]> {
    const unpersisted = new Map<string, UnpersistedVersions>();
    const performed: [PerformedEffects, ...PerformedEffects[]] = [await this.#performOne(first, progress, unpersisted)];
    for (const operation of others) performed.push(await this.#performOne(operation, progress, unpersisted));
    const { datasets } = this.#parts;
    await Promise.all([...unpersisted.values()].map(({ location, baseVersion, headVersion }) => datasets.persist(location, baseVersion, headVersion)));
    return performed;
  }

  async #performOne(operation: Operation, progress: Progress, unpersisted: Map<string, UnpersistedVersions>): Promise<PerformedEffects> {
    const { failpoints } = this.#parts;
    const steps = stepFailpointsOf(operation.staged.writerKind);
    const datasets = new Map<string, number>();
    for (const planned of operation.plan.datasets) {
      const { location, version } = await this.#prepareLineage(operation, planned, progress);
      await failpoints.hit(steps.beforeEffects);
      const reached = await this.#applyEffects(operation, planned.effects, { location, version, isContinued: unpersisted.has(planned.pin.typeKey) }, progress);
      datasets.set(planned.pin.typeKey, reached);
      if (isPersistedLater(operation)) noteUnpersisted(unpersisted, planned.pin.typeKey, { location, baseVersion: version, headVersion: reached });
      await failpoints.hit(steps.afterDataset);
    }
    const registrations = new Map<string, number>();
    for (const registration of operation.plan.schemaChange?.registrations ?? []) {
      registrations.set(registration.typeKey, await this.#createDataset(operation, registration, progress));
      await failpoints.hit(FAILPOINT.schemaPostRegistration);
    }
    return { datasets, registrations };
  }

  /** The lineage to write, and its version: the branch's own, or a fork made now (BR-3). */
  async #prepareLineage(
    operation: Operation,
    planned: PlannedDataset,
    progress: Progress,
  ): Promise<{ readonly location: DatasetLocation; readonly version: number }> {
    const { pin, forkedFrom } = planned;
    if (forkedFrom === null) return { location: pin.location, version: pin.publishedVersion };
    let { location } = pin;
    for (let attempt = 1; ; attempt++) {
      await this.#beginEffect(operation, progress);
      try {
        return { location, version: await this.#parts.administration.fork(forkedFrom, pin.publishedVersion, location) };
      } catch (error) {
        // Something lies under the fresh name. It is nobody's, and neither adopted nor removed here (BR-51).
        if (!isStorageError(error, "Precondition")) throw error;
        if (attempt === FORK_NAME_ATTEMPTS_MAX) throw new ForkNamesTakenError(pin.typeKey, attempt, error);
        this.#parts.logger.warn("the name of a fork is taken", { typeKey: pin.typeKey, nativeBranch: location.nativeBranch });
        location = await this.#renameFork(operation, pin.typeKey, location, progress);
      }
    }
  }

  /** The sidecar names the fork before it exists (RC-17), so another name has to be there first, too. */
  async #renameFork(operation: Operation, typeKey: string, taken: DatasetLocation, progress: Progress): Promise<DatasetLocation> {
    const { sidecars, ids } = this.#parts;
    const nativeBranch = forkName(operation.captured.state.head.incarnation, ids.ulid());
    const pins = progress.sidecar.pins.map((pin) => (pin.typeKey === typeKey ? { ...pin, nativeBranch } : pin));
    progress.sidecar = { ...progress.sidecar, pins };
    await sidecars.write(progress.sidecar);
    return { ...taken, nativeBranch };
  }

  async #applyEffects(
    operation: Operation,
    effects: readonly DatasetEffect[],
    start: { readonly location: DatasetLocation; readonly version: number; readonly isContinued: boolean },
    progress: Progress,
  ): Promise<number> {
    const { location } = start;
    let { version, isContinued } = start;
    for (const effect of effects) {
      await this.#beginEffect(operation, progress);
      const reached = await this.#parts.datasets.applyEffect(location, effect, version, { isPersistedLater: isPersistedLater(operation), isContinued });
      // The gateway verifies effects of a known number of versions; of the others only this can be said.
      if (reached < version) throw new DatasetVersionMovedError(version, reached);
      version = reached;
      isContinued = true;
    }
    return version;
  }

  /** The directory is named by fresh ids of the new schema: what an undone apply left there is residue. */
  async #createDataset(operation: Operation, registration: StagedRegistration, progress: Progress): Promise<number> {
    const { administration } = this.#parts;
    const location: DatasetLocation = { directory: registration.directory, nativeBranch: null };
    await this.#beginEffect(operation, progress);
    if (await administration.exists(location)) await administration.drop(location);
    return administration.createEmpty(location, registration.schema);
  }

  async #beginEffect(operation: Operation, progress: Progress): Promise<void> {
    await operation.lease.ensureHeld();
    progress.isAnyEffectStarted = true;
  }
}

/**
 * Syncs that come together share their wait. Not where effects remove what earlier ones replaced; and a merge may write so much that the
 * disk should begin before its end.
 */
function isPersistedLater({ staged }: Operation): boolean {
  return staged.writerKind === "Mutation" || staged.writerKind === "Load";
}

function noteUnpersisted(unpersisted: Map<string, UnpersistedVersions>, typeKey: string, versions: UnpersistedVersions): void {
  const earlier = unpersisted.get(typeKey);
  if (earlier === undefined) unpersisted.set(typeKey, versions);
  else earlier.headVersion = versions.headVersion;
}
