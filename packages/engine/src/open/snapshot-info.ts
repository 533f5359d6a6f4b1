import { must } from "@omnigraphdb/common";
import { parseTypeKey } from "@omnigraphdb/compiler";
import { branchDisplayName } from "../manifest/manifest.js";
import type { Snapshot, SnapshotEntry } from "../manifest/snapshot.js";

export interface DatasetInfo {
  readonly entityKind: "node" | "edge";
  readonly typeName: string;
  readonly datasetPath: string;
  readonly publishedDatasetVersion: number;
  /** Null = main. */
  readonly nativeDatasetBranch: string | null;
  readonly entityCount: number;
}

export interface SnapshotInfo {
  readonly graphBranch: string;
  readonly graphManifestVersion: number;
  readonly graphCommitId: string;
  /** Stamp of the graph (MIG-7). */
  readonly internalSchemaVersion: number;
  /** Ascending by type key: edges before nodes (SN-20). */
  readonly datasets: readonly DatasetInfo[];
}

export function describeSnapshot(snapshot: Snapshot, internalSchemaVersion: number): SnapshotInfo {
  const entries = [...snapshot.entries.values()].sort((a, b) => (a.typeKey < b.typeKey ? -1 : 1));
  return {
    graphBranch: branchDisplayName(snapshot.branch),
    graphManifestVersion: snapshot.graphManifestVersion,
    graphCommitId: snapshot.graphCommitId,
    internalSchemaVersion,
    datasets: entries.map(describeDataset),
  };
}

function describeDataset({ typeKey, location, publishedVersion, entityCount }: SnapshotEntry): DatasetInfo {
  const { kind, name } = must(parseTypeKey(typeKey), `'${typeKey}' is no type key`);
  return {
    entityKind: kind,
    typeName: name,
    datasetPath: location.directory,
    publishedDatasetVersion: publishedVersion,
    nativeDatasetBranch: location.nativeBranch,
    entityCount,
  };
}
