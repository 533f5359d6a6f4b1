import { MAIN_BRANCH } from "../manifest/manifest.js";
import type { Snapshot } from "../manifest/snapshot.js";

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
    graphBranch: snapshot.branch ?? MAIN_BRANCH,
    graphManifestVersion: snapshot.graphManifestVersion,
    graphCommitId: snapshot.graphCommitId,
    internalSchemaVersion,
    datasets: entries.map((entry) => ({
      entityKind: entry.typeKey.startsWith("edge:") ? "edge" : "node",
      typeName: entry.typeKey.slice("node:".length),
      datasetPath: entry.location.directory,
      publishedDatasetVersion: entry.publishedVersion,
      nativeDatasetBranch: entry.location.nativeBranch,
      entityCount: entry.entityCount,
    })),
  };
}
