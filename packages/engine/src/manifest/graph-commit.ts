/** Lineage record published together with a graph version (CM-1). */
export interface GraphCommit {
  /** ULID. */
  readonly graphCommitId: string;
  /** Null = main. */
  readonly graphBranch: string | null;
  readonly graphManifestVersion: number;
  readonly parentCommitId: string | null;
  readonly mergedParentCommitId: string | null;
  readonly actorId: string | null;
  /** Unix time in microseconds. */
  readonly createdAt: number;
}
