import type { CommitGraph } from "../commit-graph/commit-graph.js";
import { findMergeBases } from "../merge/merge-base.js";
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

/**
 * Native branches that some live head, or a commit of a live branch, names (MT-70), and those that a merge between live branches
 * starts from although their own branch is deleted (MG-23).
 */
export async function neededForks(manifest: ManifestStore, commits: CommitGraph): Promise<ReadonlySet<string>> {
  const { states, records } = await readLiveHistory(manifest);
  return forksOf([...states.map(({ commit }) => commit), ...records, ...(await findMergeBases(manifest, commits, states))]);
}

/** Native branches that the commits show. */
export function forksOf(records: readonly CommitRecord[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { pins } of records) {
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
    const bases = await findMergeBases(manifest, commits, states);
    const heads = states.flatMap(({ commit }) => [...commit.pins.values()]);
    return new NeededPins([...heads, ...reads, ...bases.flatMap((record) => [...record.pins.values()])]);
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
