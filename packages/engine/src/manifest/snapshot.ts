import type { Catalog } from "@omnigraphdb/compiler";
import type { DatasetLocation } from "../storage/dataset-gateway.js";

/** One dataset as a graph version shows it. */
export interface SnapshotEntry {
  /** `node:<Name>` or `edge:<Name>`. */
  readonly typeKey: string;
  readonly typeId: bigint;
  readonly incarnationId: bigint;
  readonly location: DatasetLocation;
  readonly publishedVersion: number;
  readonly entityCount: number;
}

/**
 * An immutable view of one graph version (SN-1): which version of which dataset each type shows, with the catalog that
 * describes them. Cheap; no data is read to make one. Everything a query reads comes from the same snapshot (SN-2).
 */
export interface Snapshot {
  /** Graph branch; null = main. */
  readonly branch: string | null;
  readonly graphManifestVersion: number;
  readonly graphCommitId: string;
  readonly catalog: Catalog;
  readonly entries: ReadonlyMap<string, SnapshotEntry>;
}

/** Identity of an entry's immutable physical state: equal keys mean equal rows (CA-1). */
export function physicalKey(entry: SnapshotEntry): string {
  return `${entry.location.directory}@${entry.location.nativeBranch ?? ""}#${entry.publishedVersion}`;
}
