import { must } from "@omnigraphdb/common";
import { type Catalog, findEntityType } from "@omnigraphdb/compiler";
import { DATASET_FRAGMENTS_MAX, FRAGMENTS_SQUARED_PER_ROW, FRAGMENTS_SQUARED_PER_ROW_OF_INDEXED_TEXT, FRAGMENTS_SQUARED_PER_VERSION } from "../limits.js";
import { declaredIndexes } from "../maintenance/index-plan.js";
import { forkOwner } from "../manifest/fork-name.js";
import { isSamePin } from "../manifest/manifest-codec.js";
import { type BranchState, type CommitRecord, type DatasetPin, MAIN_INCARNATION, type Tombstone } from "../manifest/manifest.js";
import { type DatasetEffect, type DatasetLocation, plannedVersionCount } from "../storage/dataset-gateway.js";
import type { SchemaChange, StagedDatasetWrite, StagedWrite, WriterKind } from "./staged-write.js";

/** One dataset's part of a write, ready to be performed. */
export interface PlannedDataset {
  /** The lineage that is written, at the version where the effects begin. */
  readonly pin: DatasetPin;
  /** Set when the lineage does not exist yet: the one it branches off, at `pin.publishedVersion`. */
  readonly forkedFrom: DatasetLocation | null;
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
  /** Entries that will show another existing version: only those that differ from the present ones (MAN-7). */
  readonly pointers: readonly DatasetPin[];
  readonly tombstones: readonly Tombstone[];
  readonly schemaChange: SchemaChange | undefined;
  /** Only a confirmation proves the effects complete (RC-20). */
  readonly requiresConfirmation: boolean;
}

/** Where a write happens: its base, and how the branch's own forks are called. */
interface PlanContext {
  readonly base: CommitRecord;
  /** Of the base. */
  readonly catalog: Catalog;
  /** Of the branch that is written; the base may be a commit of the branch it came from. */
  readonly incarnation: string;
  readonly newForkName: () => string;
}

export function planEffects(staged: StagedWrite, context: PlanContext): EffectPlan {
  const { pins } = context.base;
  const datasets = staged.datasets.map((write) => planDataset(write, staged.writerKind, context));
  const drops = staged.schemaChange?.drops ?? [];
  return {
    datasets,
    pointers: (staged.pointers ?? []).filter((pointer) => !isSamePin(pointer, pins.get(pointer.typeKey))),
    tombstones: drops.map((typeKey) => tombstoneOf(must(pins.get(typeKey), "a dropped type is pinned by the base"))),
    schemaChange: staged.schemaChange,
    requiresConfirmation: needsConfirmation(staged.writerKind, datasets),
  };
}

/** Whether anything native happens: then a sidecar comes first. A schema apply has one for its contract files (SA-4a). */
export function hasEffects(plan: EffectPlan): boolean {
  return plan.datasets.length > 0 || plan.schemaChange !== undefined;
}

/** Whether the native branch of `pin` was created for this incarnation (BR-5). */
export function isOwned(pin: DatasetPin, incarnation: string): boolean {
  const { nativeBranch } = pin.location;
  if (nativeBranch === null) return incarnation === MAIN_INCARNATION;
  return forkOwner(nativeBranch) === incarnation;
}

/** What the branch writes to without a fork, ascending by type key. */
export function ownedPins({ commit, head }: BranchState): readonly DatasetPin[] {
  return [...commit.pins.values()].filter((pin) => isOwned(pin, head.incarnation)).sort((left, right) => (left.typeKey < right.typeKey ? -1 : 1));
}

function planDataset(write: StagedDatasetWrite, writerKind: WriterKind, context: PlanContext): PlannedDataset {
  const { pin, forkedFrom } = planLineage(write, context);
  const fragmentCount = write.effects.reduce(fragmentsAfter, pin.fragmentCount);
  const isCompacted = isCompactingInPassing(writerKind) && write.effects.length > 0 && fragmentCount >= fragmentCountMaxOf(pin, context.catalog);
  const effects: readonly DatasetEffect[] = isCompacted ? [...write.effects, { kind: "compact" }] : write.effects;
  const versionCount = effects.reduce((count, effect) => count + (plannedVersionCount(effect) ?? 0), 0);
  return {
    pin,
    forkedFrom,
    effects,
    plannedVersion: pin.publishedVersion + versionCount,
    entityCountAfter: write.entityCountAfter,
    fragmentCountAfter: isCompacted ? 0 : fragmentCount,
  };
}

/** The first write to a type on a branch goes to a fork of its own, at the version the branch shows (BR-3). */
function planLineage(write: StagedDatasetWrite, { base, incarnation, newForkName }: PlanContext): Pick<PlannedDataset, "pin" | "forkedFrom"> {
  const shown = write.forkFrom ?? must(base.pins.get(write.typeKey), "a staged type is pinned by the base");
  if (write.forkFrom === undefined && isOwned(shown, incarnation)) return { pin: shown, forkedFrom: null };
  const location = { directory: shown.location.directory, nativeBranch: newForkName() };
  return { pin: { ...shown, location }, forkedFrom: shown.location };
}

function needsConfirmation(writerKind: WriterKind, datasets: readonly PlannedDataset[]): boolean {
  // A fork of a fork rebuilds its indexes, in a number of versions that nobody knows beforehand (DG-7).
  if (datasets.some(({ forkedFrom }) => forkedFrom !== null && forkedFrom.nativeBranch !== null)) return true;
  switch (writerKind) {
    case "Mutation":
    case "Load":
      return datasets.some(({ effects, plannedVersion, pin }) => effects.length !== 1 || plannedVersion !== pin.publishedVersion + 1);
    case "BranchMerge":
    case "SchemaApply":
      return true;
    // Their effects preserve content: any prefix may be published (RC-22).
    case "EnsureIndices":
    case "Optimize":
    case "Repair":
      return false;
  }
}

/** Maintenance says itself what it compacts, and a schema change moves its datasets by exactly what it planned. */
function isCompactingInPassing(writerKind: WriterKind): boolean {
  return writerKind === "Mutation" || writerKind === "Load" || writerKind === "BranchMerge";
}

/**
 * A compaction reads the file of every version the dataset keeps and writes its indexes anew, so it grows with the history and
 * the rows; a write and a read grow with the fragments. The sum is least when compactions become rarer with the square root of both.
 */
function fragmentCountMaxOf({ typeKey, publishedVersion, entityCount }: DatasetPin, catalog: Catalog): number {
  const type = findEntityType(catalog, typeKey);
  const isTextIndexed = type !== undefined && declaredIndexes(type).some(({ kind }) => kind === "fullText");
  const perRow = isTextIndexed ? FRAGMENTS_SQUARED_PER_ROW_OF_INDEXED_TEXT : FRAGMENTS_SQUARED_PER_ROW;
  return Math.max(DATASET_FRAGMENTS_MAX, Math.ceil(Math.sqrt(FRAGMENTS_SQUARED_PER_VERSION * publishedVersion + perRow * entityCount)));
}

function fragmentsAfter(count: number, effect: DatasetEffect): number {
  switch (effect.kind) {
    case "append":
    case "upsert":
      // All batches but the last are full: a bulk load leaves one small fragment, whatever its size.
      return count + 1;
    case "deleteAll":
    case "compact":
      return 0;
    case "deleteByIds":
    case "addColumns":
    case "dropColumns":
    case "renameColumns":
    case "buildIndex":
    case "prune":
      return count;
  }
}

function tombstoneOf({ typeKey, typeId, incarnationId, publishedVersion }: DatasetPin): Tombstone {
  return { typeKey, typeId, incarnationId, version: publishedVersion + 1 };
}
