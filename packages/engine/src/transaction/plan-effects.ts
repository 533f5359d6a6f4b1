import { must } from "@omnigraphdb/common";
import { DATASET_FRAGMENTS_MAX, FRAGMENTS_SQUARED_PER_VERSION } from "../limits.js";
import type { CommitRecord, DatasetPin } from "../manifest/manifest.js";
import { type DatasetEffect, plannedVersionCount } from "../storage/dataset-gateway.js";
import type { StagedDatasetWrite, StagedWrite } from "./staged-write.js";

/** One dataset's part of a write, ready to be performed. */
export interface PlannedDataset {
  readonly pin: DatasetPin;
  /** What the write staged, and a compaction where the dataset has become too fragmented (ADR 0003). */
  readonly effects: readonly DatasetEffect[];
  /** Version after all effects whose number of native commits is known. */
  readonly plannedVersion: number;
  readonly entityCountAfter: number;
  /** Small fragments since the last compaction, as the pin counts them. */
  readonly fragmentCountAfter: number;
}

export interface EffectPlan {
  readonly datasets: readonly PlannedDataset[];
  /** Some dataset takes more or fewer than one native commit: only a confirmation proves its effects complete (RC-20). */
  readonly requiresConfirmation: boolean;
}

export function planEffects(staged: StagedWrite, base: CommitRecord): EffectPlan {
  const datasets = staged.datasets.map((write) => planDataset(write, must(base.pins.get(write.typeKey), "a staged type is pinned by the base")));
  const requiresConfirmation = datasets.some((dataset) => dataset.effects.length !== 1 || dataset.plannedVersion !== dataset.pin.publishedVersion + 1);
  return { datasets, requiresConfirmation };
}

function planDataset(write: StagedDatasetWrite, pin: DatasetPin): PlannedDataset {
  const fragmentCount = write.effects.reduce(fragmentsAfter, pin.fragmentCount);
  const isCompacted = fragmentCount >= fragmentCountMaxOf(pin.publishedVersion);
  const effects: readonly DatasetEffect[] = isCompacted ? [...write.effects, { kind: "compact" }] : write.effects;
  const versionCount = effects.reduce((count, effect) => count + (plannedVersionCount(effect) ?? 0), 0);
  return {
    pin,
    effects,
    plannedVersion: pin.publishedVersion + versionCount,
    entityCountAfter: write.entityCountAfter,
    fragmentCountAfter: isCompacted ? 0 : fragmentCount,
  };
}

/**
 * A compaction reads the file of every version the dataset keeps, so it grows with the history; a write and a read grow with
 * the fragments. The sum is least when compactions become rarer with the square root of the history.
 */
function fragmentCountMaxOf(versionCount: number): number {
  return Math.max(DATASET_FRAGMENTS_MAX, Math.ceil(Math.sqrt(FRAGMENTS_SQUARED_PER_VERSION * versionCount)));
}

function fragmentsAfter(count: number, effect: DatasetEffect): number {
  switch (effect.kind) {
    case "append":
    case "upsert":
      // All batches but the last are full: a bulk load leaves one small fragment, whatever its size.
      return count + 1;
    case "deleteAll":
      return 0;
    case "deleteByIds":
    case "addColumns":
    case "dropColumns":
    case "renameColumns":
    case "buildIndex":
      return count;
    case "compact":
      return 0;
  }
}
