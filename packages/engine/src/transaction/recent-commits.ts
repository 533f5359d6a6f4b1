import type { CommitRecord } from "../manifest/manifest.js";
import { areDisjoint, type WriteFootprint } from "../validate/footprint.js";

/** A write prepared on an older head than this is prepared again. */
const COMMITS_MAX = 4 * 64;

interface RecentCommit {
  readonly parentCommitId: string | null;
  readonly footprint: WriteFootprint;
}

/**
 * What the newest commits of this handle touched: a write that was prepared before them is still valid if it touches nothing of it
 * (WR-11). Commits of others are missing, and a line of commits with a gap proves nothing.
 */
export class RecentCommits {
  readonly #byId = new Map<string, RecentCommit>();

  add({ commit }: CommitRecord, footprint: WriteFootprint): void {
    this.#byId.set(commit.graphCommitId, { parentCommitId: commit.parentCommitId, footprint });
    if (this.#byId.size <= COMMITS_MAX) return;
    const oldest = this.#byId.keys().next();
    if (oldest.done !== true) this.#byId.delete(oldest.value);
  }

  /** Whether every commit after `capturedId`, up to the head `headId`, is known and touches nothing of `footprint`. */
  areUnrelated(capturedId: string, headId: string, footprint: WriteFootprint): boolean {
    let id = headId;
    while (id !== capturedId) {
      const commit = this.#byId.get(id);
      if (commit?.parentCommitId == null || !areDisjoint(commit.footprint, footprint)) return false;
      id = commit.parentCommitId;
    }
    return true;
  }
}
