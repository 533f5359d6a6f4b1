/** One published state of a graph. */
export interface GraphCommit {
  /** ULID. */
  readonly graphCommitId: string;
  /** Branch it was made on; null = main. */
  readonly graphBranch: string | null;
  readonly graphManifestVersion: number;
  /** Null for the first commit. */
  readonly parentCommitId: string | null;
  /** Second parent of a merge. */
  readonly mergedParentCommitId: string | null;
  /** Null when made without authentication. */
  readonly actorId: string | null;
  /** Unix time in microseconds. */
  readonly createdAt: number;
}
