import type { EntityType } from "@omnigraphdb/compiler";
import { type DatasetPin, MAIN_INCARNATION } from "../manifest/manifest.js";
import { selectRows } from "../staging/selected-rows.js";
import type { DatasetEffect } from "../storage/dataset-gateway.js";
import { isOwned } from "../transaction/plan-effects.js";
import type { StagedDatasetWrite, StagedWrite } from "../transaction/staged-write.js";
import type { EntityMerge } from "./merge-entities.js";

/** What a merge changes in one type. */
export interface TypeMerge {
  readonly type: EntityType;
  readonly source: DatasetPin;
  readonly target: DatasetPin;
  readonly entities: EntityMerge;
  /** The target shows the base's state, so it ends up with the source's (MG-32). */
  readonly isAdopted: boolean;
}

export interface MergeDestination {
  /** Of the target branch. */
  readonly incarnation: string;
  readonly sourceCommitId: string;
}

/** From this share of changed rows on a fork of the source's state is cheaper than a fork of the target's plus the changes. */
const FORK_SOURCE_SHARE = 0.25;

/** The effects of a merge. Adopted types take the cheapest way to the source's state (§2.4, docs/dev/merge.md). */
export function stageMerge(merges: readonly TypeMerge[], { incarnation, sourceCommitId }: MergeDestination): StagedWrite {
  const datasets: StagedDatasetWrite[] = [];
  const pointers: DatasetPin[] = [];
  for (const merge of merges) {
    const { source, type } = merge;
    if (merge.isAdopted && canPointAt(merge)) pointers.push(source);
    else if (merge.isAdopted && shouldFork(merge, incarnation)) {
      datasets.push({ typeKey: type.typeKey, strictness: "strict", effects: [], entityCountAfter: source.entityCount, forkFrom: source });
    } else datasets.push(stageChanges(merge));
  }
  return { writerKind: "BranchMerge", datasets, pointers, mergedParentCommitId: sourceCommitId };
}

/** Versions of the native main outlive every branch, so anybody may show one. */
function canPointAt({ source, target }: TypeMerge): boolean {
  if (source.location.nativeBranch !== null) return false;
  return target.location.nativeBranch !== null || source.publishedVersion > target.publishedVersion;
}

/**
 * A branch that owns no fork of the type needs one anyway. Forking the native main is free, forking a fork rebuilds its indexes
 * (DG-7): so the source's state is forked when the target's is a fork too, or when most rows would have to be written.
 */
function shouldFork({ source, target, entities }: TypeMerge, incarnation: string): boolean {
  if (incarnation === MAIN_INCARNATION || source.location.nativeBranch === null || isOwned(target, incarnation)) return false;
  const changeCount = entities.inserted.rowCount + entities.updated.rowCount + (entities.removed?.ids.length ?? 0);
  return target.location.nativeBranch !== null || changeCount >= FORK_SOURCE_SHARE * source.entityCount;
}

/** Inserts, then updates, then deletes (MG-103). */
function stageChanges({ type, target, entities }: TypeMerge): StagedDatasetWrite {
  const { inserted, updated, removed } = entities;
  const effects: DatasetEffect[] = [];
  const added = selectRows(inserted);
  if (added !== undefined) effects.push({ kind: "append", source: added });
  const replaced = selectRows(updated);
  if (replaced !== undefined) effects.push({ kind: "upsert", source: replaced });
  const removedCount = removed?.ids.length ?? 0;
  const entityCountAfter = target.entityCount + inserted.rowCount - removedCount;
  if (removed !== undefined) effects.push(entityCountAfter === 0 ? { kind: "deleteAll" } : { kind: "deleteByIds", ids: removed.ids });
  return { typeKey: type.typeKey, strictness: "strict", effects, entityCountAfter };
}
