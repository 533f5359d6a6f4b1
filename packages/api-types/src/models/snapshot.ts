import type { EntityKind } from "./entity.js";

export interface DatasetInfo {
  readonly entityKind: EntityKind;
  readonly typeName: string;
  readonly datasetPath: string;
  readonly publishedDatasetVersion: number;
  /** Null = main. */
  readonly nativeDatasetBranch: string | null;
  readonly entityCount: number;
}

/** What a branch head, or a fixed version, consists of. */
export interface SnapshotInfo {
  readonly graphBranch: string;
  readonly graphManifestVersion: number;
  readonly graphCommitId: string;
  readonly internalSchemaVersion: number;
  /** Ascending by kind and name: edges before nodes. */
  readonly datasets: readonly DatasetInfo[];
}
