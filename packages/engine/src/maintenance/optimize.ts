import { must } from "@omnigraphdb/common";
import { findEntityType } from "@omnigraphdb/compiler";
import type { GraphCommit } from "../manifest/graph-commit.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import { refusePendingRecovery } from "../recovery/pending-recovery.js";
import type { BranchTarget } from "../branches/branch-binding.js";
import type { SidecarStore } from "../recovery/sidecar-store.js";
import type { CompactionCounts, DatasetEffect } from "../storage/dataset-gateway.js";
import { checkDrift } from "../transaction/drift-guard.js";
import { isOwned } from "../transaction/plan-effects.js";
import type { StagedDatasetWrite } from "../transaction/staged-write.js";
import type { WriteCoordinator, WriteView } from "../transaction/write-coordinator.js";
import { mapBounded } from "./bounded-parallel.js";
import type { PendingIndex } from "./index-plan.js";
import { type DatasetSurvey, type SkipReason, surveyDataset, type SurveyParts } from "./survey.js";

/** Type key under which `optimize` lists the manifest's own table (MT-14). */
const MANIFEST_TYPE_KEY = "__manifest";

export interface OptimizedDataset {
  readonly typeKey: string;
  readonly fragmentsRemoved: number;
  readonly fragmentsAdded: number;
  /** A new version of the dataset was published. */
  readonly committed: boolean;
  readonly skipped: SkipReason | null;
  /** Set for drift only, as is `headVersion` (MT-16). */
  readonly publishedDatasetVersion: number | null;
  readonly headVersion: number | null;
  readonly pendingIndexes: readonly PendingIndex[];
}

export interface OptimizeReport {
  /** Ascending by type key; first that of the manifest. */
  readonly datasets: readonly OptimizedDataset[];
  /** Null when there was nothing to do. */
  readonly commit: GraphCommit | null;
}

export interface PendingTypeIndex extends PendingIndex {
  readonly typeKey: string;
}

export interface EnsureIndicesReport {
  /** Ascending by type key, then property. */
  readonly built: readonly { readonly typeKey: string; readonly property: string }[];
  /** Ascending by type key, then property (IX-20). */
  readonly pending: readonly PendingTypeIndex[];
  /** Datasets that were left alone. */
  readonly skipped: readonly { readonly typeKey: string; readonly reason: SkipReason }[];
  readonly commit: GraphCommit | null;
}

interface OptimizerParts extends SurveyParts {
  readonly writer: WriteCoordinator;
  readonly sidecars: SidecarStore;
  readonly manifest: ManifestStore;
  readonly compactManifest: () => Promise<CompactionCounts>;
  /** Datasets looked at side by side (MT-10). */
  readonly concurrency: number;
}

export interface MaintenanceOptions extends BranchTarget {
  readonly actorId: string | null;
  /** Leave datasets alone that the branch would first have to fork (BR-5). */
  readonly ownedOnly?: boolean;
}

interface FragmentCounts {
  removed: number;
  added: number;
}

/**
 * `optimize` and `ensureIndices`: writers whose effects preserve content. All datasets with work share one sidecar and one
 * publish; without work there is neither (MT-3, IX-22).
 */
export class Optimizer {
  readonly #parts: OptimizerParts;

  constructor(parts: OptimizerParts) {
    this.#parts = parts;
  }

  /**
   * Compacts, extends the indexes to all rows and builds declared ones that are missing. Removes no version (MT-4).
   *
   * @throws RecoveryRequiredError while an interrupted write is pending (MT-5), SchemaApplyInProgressError, WriterBusyError
   */
  async optimize({ ownedOnly = false, ...target }: MaintenanceOptions): Promise<OptimizeReport> {
    const { writer, compactManifest } = this.#parts;
    await refusePendingRecovery(this.#parts, "optimize");
    const { result, commit } = await writer.write({ ...target, operation: "optimize" }, async (view) => {
      const surveys = await this.#survey(view, ownedOnly);
      const counts = new Map<string, FragmentCounts>();
      const datasets = surveys.flatMap((survey) => stageOptimization(survey, counts));
      return { staged: datasets.length === 0 ? undefined : ({ writerKind: "Optimize", datasets } as const), result: { view, surveys, counts } };
    });
    const compacted = await compactManifest();
    const hasMoved = await this.#movedTypes(result.view, commit);
    return {
      datasets: [
        { ...NOTHING_DONE, typeKey: MANIFEST_TYPE_KEY, ...compacted },
        ...result.surveys.map((survey) => describe(survey, result.counts.get(survey.pin.typeKey), hasMoved.has(survey.pin.typeKey))),
      ],
      commit,
    };
  }

  /**
   * Builds declared indexes that are missing (IX-20 … IX-25), and leaves everything else alone.
   *
   * @throws DatasetDriftError when a dataset is ahead of what is published (IX-24); RecoveryRequiredError while an interrupted write
   *   of the branch has to be undone; SchemaApplyInProgressError, WriterBusyError
   */
  async ensureIndices(target: Omit<MaintenanceOptions, "ownedOnly">): Promise<EnsureIndicesReport> {
    const { surveys, commit } = await this.#buildMissing(target);
    return {
      built: surveys.flatMap(({ pin: { typeKey }, missingIndexes }) => missingIndexes.map(({ column }) => ({ typeKey, property: column }))),
      pending: surveys.flatMap(({ pin: { typeKey }, pendingIndexes }) => pendingIndexes.map((pending) => ({ typeKey, ...pending }))),
      skipped: surveys.flatMap(({ pin: { typeKey }, skipped }) => (skipped === null ? [] : [{ typeKey, reason: skipped }])),
      commit,
    };
  }

  async #buildMissing(target: Omit<MaintenanceOptions, "ownedOnly">): Promise<{ readonly surveys: readonly DatasetSurvey[]; readonly commit: GraphCommit | null }> {
    for (;;) {
      const { result: surveys, commit } = await this.#parts.writer.write({ ...target, operation: "ensure_indices" }, async (view) => {
        const found = await this.#survey(view);
        const datasets = found
          .filter(({ missingIndexes }) => missingIndexes.length > 0)
          .map((survey) => stage(survey, survey.missingIndexes.map((index): DatasetEffect => ({ kind: "buildIndex", index }))));
        const hasWork = datasets.length > 0 && !found.some(isDrifting);
        return { staged: hasWork ? ({ writerKind: "EnsureIndices", datasets } as const) : undefined, result: found };
      });
      const drifting = surveys.filter(isDrifting);
      if (drifting.length === 0) return { surveys, commit };
      await this.#refuseDrift(target.branch, drifting.map(({ pin }) => pin.typeKey));
    }
  }

  /** IX-24. The dataset of a writer at work is ahead too, so they are looked at again while nobody writes. */
  async #refuseDrift(branch: string | null, typeKeys: readonly string[]): Promise<void> {
    const { writer, manifest, datasets, sidecars } = this.#parts;
    await writer.whileNobodyWrites(async () => {
      const { commit } = await manifest.readState(branch);
      await checkDrift(datasets, sidecars, [...commit.pins.values()].filter(({ typeKey }) => typeKeys.includes(typeKey)));
    });
  }

  /** Types whose published version `commit` changed. */
  async #movedTypes({ state }: WriteView, commit: GraphCommit | null): Promise<ReadonlySet<string>> {
    if (commit === null) return new Set();
    const record = await this.#parts.manifest.findCommit(state.head.incarnation, commit.graphManifestVersion);
    const { pins } = must(record, "a commit of this process is stored");
    return new Set([...pins.values()].filter((pin) => pin.publishedVersion !== state.commit.pins.get(pin.typeKey)?.publishedVersion).map((pin) => pin.typeKey));
  }

  /** Ascending by type key. */
  async #survey({ state, schema }: WriteView, ownedOnly = false): Promise<readonly DatasetSurvey[]> {
    const all = [...state.commit.pins.values()];
    const pins = all.filter((pin) => !ownedOnly || isOwned(pin, state.head.incarnation)).sort((left, right) => (left.typeKey < right.typeKey ? -1 : 1));
    return mapBounded(pins, this.#parts.concurrency, (pin) => {
      const type = must(findEntityType(schema.catalog, pin.typeKey), "a published type is in the schema");
      return surveyDataset(this.#parts, type, pin, isOwned(pin, state.head.incarnation));
    });
  }
}

function isDrifting({ skipped }: DatasetSurvey): boolean {
  return skipped === "drift_needs_repair";
}

const NOTHING_DONE = {
  fragmentsRemoved: 0,
  fragmentsAdded: 0,
  committed: false,
  skipped: null,
  publishedDatasetVersion: null,
  headVersion: null,
  pendingIndexes: [],
} as const;

function stageOptimization(survey: DatasetSurvey, counts: Map<string, FragmentCounts>): readonly StagedDatasetWrite[] {
  const counted: FragmentCounts = { removed: 0, added: 0 };
  counts.set(survey.pin.typeKey, counted);
  const compact: DatasetEffect = {
    kind: "compact",
    onCompacted({ fragmentsRemoved, fragmentsAdded }) {
      counted.removed += fragmentsRemoved;
      counted.added += fragmentsAdded;
    },
  };
  // Fragments that an index covers are never merged with ones it does not; the first pass extends the indexes, so that the second
  // one merges across, and a third would find nothing.
  const compactions = survey.isCompactable ? [compact, compact] : [];
  const builds = survey.missingIndexes.map((index): DatasetEffect => ({ kind: "buildIndex", index }));
  const effects = [...compactions, ...builds];
  return effects.length === 0 ? [] : [stage(survey, effects)];
}

/** Content stays, so a head that moved meanwhile only means another look at it. */
function stage({ pin }: DatasetSurvey, effects: readonly DatasetEffect[]): StagedDatasetWrite {
  return { typeKey: pin.typeKey, strictness: "merge", effects, entityCountAfter: pin.entityCount };
}

function describe({ pin, skipped, headVersion, pendingIndexes }: DatasetSurvey, counts: FragmentCounts | undefined, committed: boolean): OptimizedDataset {
  const isDrift = skipped === "drift_needs_repair";
  return {
    typeKey: pin.typeKey,
    fragmentsRemoved: counts?.removed ?? 0,
    fragmentsAdded: counts?.added ?? 0,
    committed,
    skipped,
    publishedDatasetVersion: isDrift ? pin.publishedVersion : null,
    headVersion: isDrift ? headVersion : null,
    pendingIndexes,
  };
}
