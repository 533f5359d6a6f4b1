import type { CommitGraph } from "../commit-graph/commit-graph.js";
import { findMergeBase, locatedCommit, StoredAncestry } from "../merge/merge-base.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import type { BranchState, CommitRecord } from "../manifest/manifest.js";
import type { DatasetLocation } from "../storage/dataset-gateway.js";

/** What the live branches show and showed, from one look at the registry. */
export interface LiveHistory {
  /** `main` first. */
  readonly states: readonly BranchState[];
  /** The own commits of every live branch. */
  readonly records: readonly CommitRecord[];
}

/** @throws whatever the manifest throws: a branch that cannot be read protects everything (MT-66) */
export async function readLiveHistory(manifest: ManifestStore): Promise<LiveHistory> {
  manifest.forget();
  const states = await manifest.readStates();
  const records: CommitRecord[] = [];
  for (const { head } of states) records.push(...(await manifest.readLine(head.incarnation, head.version)));
  return { states, records };
}

/** Native branches that some live head, or a commit of a live branch, names (MT-70). */
export function namedForks({ states, records }: LiveHistory): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { pins } of [...states.map(({ commit }) => commit), ...records]) {
    for (const { location } of pins.values()) if (location.nativeBranch !== null) names.add(location.nativeBranch);
  }
  return names;
}

/** Datasets by directory, with a type key they are or were shown under: those of live heads, and those only history names. */
export function listDatasets({ states, records }: LiveHistory): { readonly shown: ReadonlyMap<string, string>; readonly dropped: ReadonlyMap<string, string> } {
  const shown = new Map<string, string>();
  for (const { commit } of states) for (const { typeKey, location } of commit.pins.values()) shown.set(location.directory, typeKey);
  const dropped = new Map<string, string>();
  for (const { pins } of records) {
    for (const { typeKey, location } of pins.values()) if (!shown.has(location.directory)) dropped.set(location.directory, typeKey);
  }
  return { shown, dropped };
}

/** A version of a lineage. */
interface ShownVersion {
  readonly location: DatasetLocation;
  readonly publishedVersion: number;
}

/** Versions that live branches or running reads show, and those that merges between branches will start from (MT-63, MT-65, MG-23). */
export class NeededPins {
  readonly #needed: readonly ShownVersion[];

  private constructor(needed: readonly ShownVersion[]) {
    this.#needed = needed;
  }

  static async read(manifest: ManifestStore, commits: CommitGraph, states: readonly BranchState[], reads: readonly ShownVersion[]): Promise<NeededPins> {
    const bases = new Map<string, CommitRecord>();
    for (const [index, source] of states.entries()) {
      for (const target of states.slice(0, index)) {
        const heads = [locatedCommit(source.commit), locatedCommit(target.commit)] as const;
        const { incarnation, commit } = await findMergeBase(...heads, new StoredAncestry(manifest, commits, heads));
        const record = await manifest.findCommit(incarnation, commit.graphManifestVersion);
        if (record !== undefined) bases.set(commit.graphCommitId, record);
      }
    }
    const heads = states.flatMap(({ commit }) => [...commit.pins.values()]);
    return new NeededPins([...heads, ...reads, ...[...bases.values()].flatMap((record) => [...record.pins.values()])]);
  }

  /**
   * Versions that a native branch starts from are no exception: the native call keeps one only as long as some version of that branch
   * reads its files, which ends when the branch is compacted.
   */
  versionsOn(location: DatasetLocation): readonly number[] {
    return this.#needed.filter((entry) => isSameLineage(entry.location, location)).map((entry) => entry.publishedVersion);
  }
}

function isSameLineage(left: DatasetLocation, right: DatasetLocation): boolean {
  return left.directory === right.directory && left.nativeBranch === right.nativeBranch;
}
