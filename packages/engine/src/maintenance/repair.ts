import { must } from "@omnigraphdb/common";
import { findEntityType } from "@omnigraphdb/compiler";
import type { DatasetPin } from "../manifest/manifest.js";
import { refusePendingRecovery } from "../recovery/pending-recovery.js";
import type { SidecarStore } from "../recovery/sidecar-store.js";
import type { DatasetAdministration, DatasetGateway } from "../storage/dataset-gateway.js";
import { DatasetBehindManifestError } from "../transaction/errors.js";
import { ownedPins } from "../transaction/plan-effects.js";
import type { PreparedWrite, WriteCoordinator, WriteView } from "../transaction/write-coordinator.js";
import type { BranchTarget } from "../branches/branch-binding.js";
import { mapBounded } from "./bounded-parallel.js";
import { findAdoptionProblem } from "./check-adoptable.js";
import { classifyDrift, type DriftClass } from "./classify-drift.js";
import { ForceWithoutConfirmError } from "./errors.js";

/** Actors of the commits that adopt a drift (CM-6). */
const REPAIR_ACTOR = "omnigraph:repair";
const FORCED_REPAIR_ACTOR = "omnigraph:repair:force";

export type RepairAction = "no_op" | "preview" | "healed" | "forced" | "refused";

interface RepairOptions extends BranchTarget {
  /** Publish what is proven to be maintenance; without it nothing changes (MT-40). */
  readonly confirm: boolean;
  /** Publish the rest as well. */
  readonly force: boolean;
}

export interface RepairedDataset {
  readonly typeKey: string;
  readonly publishedDatasetVersion: number;
  readonly headVersion: number;
  readonly classification: DriftClass;
  readonly action: RepairAction;
  /** Names of the native operations found, in order of their versions. */
  readonly operations: readonly string[];
  /** Why the drift could not be explained, or not be adopted. */
  readonly error: string | null;
}

export interface RepairReport {
  /** Graph version that shows the adopted drift; null when nothing was published. */
  readonly graphManifestVersion: number | null;
  /** Ascending by type key. */
  readonly datasets: readonly RepairedDataset[];
}

interface RepairerParts {
  readonly writer: WriteCoordinator;
  readonly sidecars: SidecarStore;
  readonly datasets: DatasetGateway;
  readonly administration: DatasetAdministration;
  readonly concurrency: number;
}

interface Examined {
  readonly dataset: RepairedDataset;
  /** What the branch shall show; absent when nothing is adopted. */
  readonly pointer: DatasetPin | undefined;
}

/** Settles datasets that are ahead of what is published although no interrupted write explains it: by an operator's decision (MT-40). */
export class Repairer {
  readonly #parts: RepairerParts;

  constructor(parts: RepairerParts) {
    this.#parts = parts;
  }

  /**
   * Classifies the drift of every dataset the branch writes to, and publishes what the options allow: metadata only, all of it
   * in one commit (MT-42).
   *
   * @throws ForceWithoutConfirmError; RecoveryRequiredError, SchemaApplyInProgressError (MT-41); DatasetBehindManifestError
   */
  async repair(options: RepairOptions): Promise<RepairReport> {
    if (options.force && !options.confirm) throw new ForceWithoutConfirmError();
    await refusePendingRecovery(this.#parts, "repair");
    const actorId = options.force ? FORCED_REPAIR_ACTOR : REPAIR_ACTOR;
    const { result, commit } = await this.#parts.writer.write({ branch: options.branch, incarnation: options.incarnation, actorId, operation: "repair" }, (view) =>
      this.#prepare(view, options),
    );
    return { graphManifestVersion: commit?.graphManifestVersion ?? null, datasets: result };
  }

  async #prepare(view: WriteView, options: RepairOptions): Promise<PreparedWrite<readonly RepairedDataset[]>> {
    const examined = await mapBounded(ownedPins(view.state), this.#parts.concurrency, (pin) => this.#examine(view, pin, options));
    const pointers = examined.flatMap(({ pointer }) => pointer ?? []);
    const staged = pointers.length === 0 ? undefined : ({ writerKind: "Repair", datasets: [], pointers } as const);
    return { staged, result: examined.map(({ dataset }) => dataset) };
  }

  async #examine(view: WriteView, pin: DatasetPin, options: RepairOptions): Promise<Examined> {
    const { datasets, administration } = this.#parts;
    const { typeKey, location, publishedVersion } = pin;
    const headVersion = await datasets.headVersion(location);
    if (headVersion < publishedVersion) throw new DatasetBehindManifestError({ typeKey, headVersion, publishedVersion });
    const found = headVersion === publishedVersion ? [] : await administration.operationsAfter(location, publishedVersion);
    const classification = classifyDrift(found);
    const unreadable = found.flatMap((operation, index) => (operation === undefined ? [publishedVersion + 1 + index] : []));
    const dataset = {
      typeKey,
      publishedDatasetVersion: publishedVersion,
      headVersion,
      classification,
      operations: found.filter((operation) => operation !== undefined),
      error: unreadable.length === 0 ? null : `the record of version ${unreadable.join(", ")} is missing or unreadable`,
    };
    const action = actionFor(classification, options);
    if (action !== "healed" && action !== "forced") return { dataset: { ...dataset, action }, pointer: undefined };
    const problem = action === "forced" ? await this.#adoptionProblem(view, pin, headVersion) : undefined;
    if (problem !== undefined) return { dataset: { ...dataset, action: "refused", error: problem }, pointer: undefined };
    return { dataset: { ...dataset, action }, pointer: await this.#adopt(pin, headVersion, action) };
  }

  async #adoptionProblem({ schema }: WriteView, pin: DatasetPin, headVersion: number): Promise<string | undefined> {
    const type = must(findEntityType(schema.catalog, pin.typeKey), "a published type is in the schema");
    return findAdoptionProblem(type, await this.#parts.datasets.openPinned(pin.location, headVersion), headVersion);
  }

  async #adopt(pin: DatasetPin, headVersion: number, action: "healed" | "forced"): Promise<DatasetPin> {
    if (action === "healed") return { ...pin, publishedVersion: headVersion };
    const { rowCount } = await this.#parts.datasets.inspect(pin.location, headVersion);
    // Foreign hands do not keep `__rev`: changes before this version can no longer be told from it.
    return { ...pin, publishedVersion: headVersion, entityCount: rowCount, revisionFloor: headVersion };
  }
}

function actionFor(classification: DriftClass, { confirm, force }: RepairOptions): RepairAction {
  if (classification === "no_drift") return "no_op";
  if (!confirm) return "preview";
  if (classification === "verified_maintenance") return "healed";
  return force ? "forced" : "refused";
}
