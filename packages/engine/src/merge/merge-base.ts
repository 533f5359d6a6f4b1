import type { CommitGraph, LocatedCommit } from "../commit-graph/commit-graph.js";
import { CommitNotFoundError } from "../commit-graph/errors.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import type { BranchState, CommitRecord } from "../manifest/manifest.js";

/** Commits of one line read at a time: a walk along it costs one read per that many steps. */
const LINE_READ_COMMITS = 64;

/** Where the search learns the parents of commits. */
export interface CommitAncestry {
  /** The parents of a commit, first parent first. */
  parentsOf(commit: LocatedCommit): Promise<readonly LocatedCommit[]>;
}

/**
 * The merge base of two commits: of the commits reachable from both through first and second parents, the one whose distances
 * from the two add up to the least; of several such, the one with the higher graph version, then the higher id (MG-20).
 *
 * Searches from both sides one generation at a time. A candidate of distance sum d lies within d generations of both, so the
 * search ends as soon as it has gone as many generations as the best sum: it never looks further back than the base needs.
 */
export async function findMergeBase(source: LocatedCommit, target: LocatedCommit, ancestry: CommitAncestry): Promise<LocatedCommit> {
  const sides = [new Side(source), new Side(target)] as const;
  let best: { readonly found: LocatedCommit; readonly distance: number } | undefined;
  for (let generation = 0; best === undefined || generation <= best.distance; generation++) {
    for (const [index, side] of sides.entries()) {
      const other = sides[1 - index] as Side;
      for (const found of side.frontier) {
        const distance = other.distanceOf(found);
        if (distance === undefined) continue;
        const sum = generation + distance;
        if (best === undefined || sum < best.distance || (sum === best.distance && isPreferred(found, best.found))) best = { found, distance: sum };
      }
    }
    const remaining = [await sides[0].advance(generation, ancestry), await sides[1].advance(generation, ancestry)];
    if (remaining.every((count) => count === 0)) break;
  }
  // Every history begins with the genesis commit of `main`.
  if (best === undefined) throw new CommitNotFoundError(target.commit.graphCommitId);
  return best.found;
}

/** What merges between any two of these branches start from: each commit once, also those that only deleted branches made. */
export async function findMergeBases(manifest: ManifestStore, commits: CommitGraph, states: readonly BranchState[]): Promise<readonly CommitRecord[]> {
  const heads = [...new Map(states.map(({ commit }) => [commit.commit.graphCommitId, locatedCommit(commit)])).values()];
  const bases = new Map<string, CommitRecord>();
  // Lines are read once for all pairs: what two branches have in common, most others have too.
  const ancestry = new StoredAncestry(manifest, commits, heads);
  for (const [index, source] of heads.entries()) {
    for (const target of heads.slice(0, index)) {
      const { incarnation, commit } = await findMergeBase(source, target, ancestry);
      if (bases.has(commit.graphCommitId)) continue;
      const record = await manifest.findCommit(incarnation, commit.graphManifestVersion);
      if (record !== undefined) bases.set(commit.graphCommitId, record);
    }
  }
  return [...bases.values()];
}

function isPreferred(candidate: LocatedCommit, than: LocatedCommit): boolean {
  const versions = candidate.commit.graphManifestVersion - than.commit.graphManifestVersion;
  return versions > 0 || (versions === 0 && candidate.commit.graphCommitId > than.commit.graphCommitId);
}

/** Everything found from one head so far. */
class Side {
  /** Commits of the present generation. */
  frontier: readonly LocatedCommit[];
  readonly #distances = new Map<string, number>();

  constructor(head: LocatedCommit) {
    this.frontier = [head];
    this.#distances.set(head.commit.graphCommitId, 0);
  }

  distanceOf({ commit }: LocatedCommit): number | undefined {
    return this.#distances.get(commit.graphCommitId);
  }

  /** Goes one generation back. @returns how many commits it has */
  async advance(generation: number, ancestry: CommitAncestry): Promise<number> {
    const next: LocatedCommit[] = [];
    for (const commit of this.frontier) {
      for (const parent of await ancestry.parentsOf(commit)) {
        const id = parent.commit.graphCommitId;
        if (this.#distances.has(id)) continue;
        this.#distances.set(id, generation + 1);
        next.push(parent);
      }
    }
    this.frontier = next;
    return next.length;
  }
}

/** Parents as the manifest has them: along a line in strides, across lines by looking the id up; what earlier searches found is known. */
export class StoredAncestry implements CommitAncestry {
  readonly #manifest: ManifestStore;
  readonly #commits: CommitGraph;
  readonly #known = new Map<string, LocatedCommit>();

  constructor(manifest: ManifestStore, commits: CommitGraph, heads: readonly LocatedCommit[]) {
    this.#manifest = manifest;
    this.#commits = commits;
    for (const head of heads) this.#learn(head);
  }

  async parentsOf(child: LocatedCommit): Promise<readonly LocatedCommit[]> {
    const { parentCommitId, mergedParentCommitId } = child.commit;
    const parents: LocatedCommit[] = [];
    if (parentCommitId !== null) parents.push(await this.#firstParent(child, parentCommitId));
    if (mergedParentCommitId !== null) parents.push(await this.#find(mergedParentCommitId));
    return parents;
  }

  async #firstParent({ incarnation, commit }: LocatedCommit, parentId: string): Promise<LocatedCommit> {
    if (this.#recall(parentId) === undefined) {
      const last = commit.graphManifestVersion - 1;
      const stretch = await this.#manifest.listCommits(incarnation, last, Math.max(0, last - LINE_READ_COMMITS));
      for (const found of stretch) this.#learn({ incarnation, commit: found });
    }
    return this.#find(parentId);
  }

  async #find(id: string): Promise<LocatedCommit> {
    const found = this.#recall(id) ?? (await this.#commits.locate(id));
    if (found === undefined) throw new CommitNotFoundError(id);
    this.#learn(found);
    return found;
  }

  #recall(id: string): LocatedCommit | undefined {
    return this.#known.get(id) ?? this.#commits.recall(id);
  }

  #learn(located: LocatedCommit): void {
    this.#known.set(located.commit.graphCommitId, located);
    this.#commits.remember(located);
  }
}

export function locatedCommit({ incarnation, commit }: CommitRecord): LocatedCommit {
  return { incarnation, commit };
}
