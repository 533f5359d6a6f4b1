import type { DatasetInfo, SnapshotInfo } from "../models/snapshot.js";
import type { SnapshotDatasetOutput, SnapshotOutput } from "../wire/snapshot.js";

export function encodeSnapshot(info: SnapshotInfo): SnapshotOutput {
  return {
    graph_branch: info.graphBranch,
    graph_manifest_version: info.graphManifestVersion,
    internal_schema_version: info.internalSchemaVersion,
    datasets: info.datasets.map(encodeDataset),
    graph_commit_id: info.graphCommitId,
  };
}

export function decodeSnapshot(info: SnapshotOutput): SnapshotInfo {
  return {
    graphBranch: info.graph_branch,
    graphManifestVersion: info.graph_manifest_version,
    graphCommitId: info.graph_commit_id,
    internalSchemaVersion: info.internal_schema_version,
    datasets: info.datasets.map(decodeDataset),
  };
}

function encodeDataset(dataset: DatasetInfo): SnapshotDatasetOutput {
  return {
    entity_kind: dataset.entityKind,
    type_name: dataset.typeName,
    dataset_path: dataset.datasetPath,
    published_dataset_version: dataset.publishedDatasetVersion,
    native_dataset_branch: dataset.nativeDatasetBranch,
    entity_count: dataset.entityCount,
  };
}

function decodeDataset(dataset: SnapshotDatasetOutput): DatasetInfo {
  return {
    entityKind: dataset.entity_kind,
    typeName: dataset.type_name,
    datasetPath: dataset.dataset_path,
    publishedDatasetVersion: dataset.published_dataset_version,
    nativeDatasetBranch: dataset.native_dataset_branch,
    entityCount: dataset.entity_count,
  };
}
