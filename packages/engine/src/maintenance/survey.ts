import type { EntityType } from "@omnigraphdb/compiler";
import { DELETED_ROWS_SHARE_MAX } from "../limits.js";
import type { DatasetPin } from "../manifest/manifest.js";
import type { DatasetAdministration, DatasetGateway, DatasetIndex } from "../storage/dataset-gateway.js";
import { type PendingIndex, planIndexes } from "./index-plan.js";

/** Why a dataset was left alone: its HEAD is ahead of what is published, or it holds blobs that a compaction would harm. */
export type SkipReason = "drift_needs_repair" | "blob_columns_unsupported_by_lance";

/** What maintenance has to do on one dataset. */
export interface DatasetSurvey {
  readonly pin: DatasetPin;
  readonly skipped: SkipReason | null;
  /** Newest native version of the lineage; the published one where other branches may go on writing to it. */
  readonly headVersion: number;
  /** Small fragments, deleted rows or rows outside the indexes: a compaction changes something. */
  readonly isCompactable: boolean;
  readonly missingIndexes: readonly DatasetIndex[];
  readonly pendingIndexes: readonly PendingIndex[];
}

export interface SurveyParts {
  readonly datasets: DatasetGateway;
  readonly administration: DatasetAdministration;
  /** Whether a compaction keeps null, empty and other blobs apart (MT-7). A guard test says so of the binding in use. */
  readonly compactsBlobs: boolean;
}

/**
 * Looks at one dataset without changing it.
 *
 * @param isOwned whether the branch writes to the lineage of `pin` itself; an inherited one is judged at the version that is shown
 */
export async function surveyDataset(parts: SurveyParts, type: EntityType, pin: DatasetPin, isOwned: boolean): Promise<DatasetSurvey> {
  const { datasets, administration } = parts;
  const { location, publishedVersion } = pin;
  const headVersion = isOwned ? await datasets.headVersion(location) : publishedVersion;
  const untouched = { pin, headVersion, isCompactable: false, missingIndexes: [], pendingIndexes: [] };
  if (headVersion > publishedVersion) return { ...untouched, skipped: "drift_needs_repair" };
  if (!parts.compactsBlobs && type.properties.some(({ type: { base } }) => base.kind === "Blob")) {
    return { ...untouched, skipped: "blob_columns_unsupported_by_lance" };
  }
  const stored = await administration.indexes(location, publishedVersion);
  const { fragmentCount, rowCount, deletedRowCount } = await datasets.inspect(location, publishedVersion);
  const plan = await planIndexes(type, stored, async (column) => {
    const pinned = await datasets.openPinned(location, publishedVersion);
    return pinned.countRows({ kind: "notNull", column });
  });
  const hasSmallFragments = pin.fragmentCount > 0 && fragmentCount > 1;
  const hasDeletedRows = deletedRowCount > (rowCount + deletedRowCount) * DELETED_ROWS_SHARE_MAX;
  const isCompactable = hasSmallFragments || hasDeletedRows || stored.some((index) => index.unindexedRowCount > 0);
  return { pin, headVersion, skipped: null, isCompactable, missingIndexes: plan.missing, pendingIndexes: plan.pending };
}
