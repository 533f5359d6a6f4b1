/** Keys of the manifest rows (`spec/engine-storage.md` §5.2). */
export const GRAPH_KEY = "graph";
export const BRANCHES_KEY = "branches";

/** Heads of all incarnations there ever were. */
export const HEAD_PREFIX = "head/";

const COMMIT_PREFIX = "commit/";

export function headKey(incarnation: string): string {
  return `${HEAD_PREFIX}${incarnation}`;
}

export function commitKey(incarnation: string, version: number): string {
  return `${commitKeyPrefix(incarnation)}${version}`;
}

export function commitKeyPrefix(incarnation: string): string {
  return `${COMMIT_PREFIX}${incarnation}/`;
}

/** Of the incarnation on whose line the commit row stands. */
export function incarnationOfCommitKey(key: string): string {
  return key.slice(COMMIT_PREFIX.length, key.lastIndexOf("/"));
}

/** Of the incarnation whose head the row is. */
export function incarnationOfHeadKey(key: string): string {
  return key.slice(HEAD_PREFIX.length);
}

/** Graph version in the key of a commit. */
export function versionOfCommitKey(key: string): number {
  return Number(key.slice(key.lastIndexOf("/") + 1));
}
