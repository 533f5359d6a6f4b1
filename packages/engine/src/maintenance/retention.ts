import type { VersionState } from "../storage/dataset-gateway.js";

/** Which versions of one lineage a cleanup may take, as its caller said it (MT-60, MT-61). */
export interface RetentionPolicy {
  /** Newest versions that stay. Undefined = the number of versions does not matter. */
  readonly keepVersions: number | undefined;
  /**
   * Unix time in milliseconds: what was the newest version at that moment stays, and all after it. So whoever began to read
   * since then keeps what they read. Undefined = the age of versions does not matter.
   */
  readonly keepSinceMs: number | undefined;
}

/** What somebody needs of one lineage, whatever the policy says. */
export interface RetentionFloor {
  /** Versions that live branches show, or that a merge of them will start from (MT-63, MT-65). */
  readonly neededVersions: readonly number[];
  /** Start of the oldest read in progress, Unix time in milliseconds: it may show any version that was the newest since then. */
  readonly readingSinceMs: number | undefined;
}

/**
 * A timestamp before which every version of the lineage may go (MT-80), or undefined when none may.
 *
 * Versions of one millisecond stay or go together, which only ever keeps more. The newest version always stays (MT-62).
 *
 * @param versions all that are kept at present, ascending
 */
export function pruneLimitOf(versions: readonly VersionState[], policy: RetentionPolicy, floor: RetentionFloor): number | undefined {
  const newest = versions.at(-1);
  if (newest === undefined) return undefined;
  const limits = [newest.createdAtMs];
  if (policy.keepVersions !== undefined) {
    const oldestKept = versions[Math.max(0, versions.length - Math.max(1, policy.keepVersions))];
    if (oldestKept !== undefined) limits.push(oldestKept.createdAtMs);
  }
  if (policy.keepSinceMs !== undefined) limits.push(currentAt(versions, policy.keepSinceMs).createdAtMs);
  const needed = Math.min(...floor.neededVersions);
  const oldestNeeded = versions.find(({ version }) => version >= needed);
  if (oldestNeeded !== undefined) limits.push(oldestNeeded.createdAtMs);
  if (floor.readingSinceMs !== undefined) limits.push(currentAt(versions, floor.readingSinceMs).createdAtMs);
  const limit = Math.min(...limits);
  return (versions[0] as VersionState).createdAtMs < limit ? limit : undefined;
}

/** The version that was the newest at `ms`, or the oldest kept one. */
function currentAt(versions: readonly VersionState[], ms: number): VersionState {
  return versions.findLast(({ createdAtMs }) => createdAtMs <= ms) ?? (versions[0] as VersionState);
}
