import { must } from "@omnigraphdb/common";
import { ANCESTRY_CACHE_ENTRIES_MAX, COMMIT_LINES_MAX } from "../limits.js";
import type { GraphCommit } from "../manifest/graph-commit.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import { branchDisplayName, type BranchRegistry, type BranchState, type CommitRecord, type RegisteredBranch } from "../manifest/manifest.js";
import { CommitLine } from "./commit-line.js";
import { BeforeFirstCommitError, CommitNotFoundError, GraphVersionNotFoundError } from "./errors.js";

/** A commit, and the incarnation of the branch that made it. */
export interface LocatedCommit {
  readonly incarnation: string;
  readonly commit: GraphCommit;
}

/** A stretch of a branch's history: what one incarnation made, up to `lastVersion`. */
interface Stretch {
  readonly incarnation: string;
  readonly forkVersion: number;
  readonly lastVersion: number;
}

/**
 * Lineage: which commits exist and what they show (CM-7 … CM-12).
 *
 * A branch's history is its own line, then its parent's line up to the fork, and so on to the line of `main`. Lines are read
 * once and then only prolonged: a listing after n commits reads the n new ones.
 */
export class CommitGraph {
  readonly #manifest: ManifestStore;
  /** By incarnation, least recently used first. */
  readonly #lines = new Map<string, CommitLine>();
  /** By id: commits are immutable and stay, so what a merge found out about them is true for the next one. */
  readonly #known = new Map<string, LocatedCommit>();

  constructor(manifest: ManifestStore) {
    this.#manifest = manifest;
  }

  /** A commit that was given to {@link remember} and not been dropped since. */
  recall(graphCommitId: string): LocatedCommit | undefined {
    return this.#known.get(graphCommitId);
  }

  /** Keeps a commit that a head reaches or reached. */
  remember(located: LocatedCommit): void {
    const id = located.commit.graphCommitId;
    this.#known.delete(id);
    this.#known.set(id, located);
    const oldest = this.#known.size > ANCESTRY_CACHE_ENTRIES_MAX ? this.#known.keys().next() : undefined;
    if (oldest?.done === false) this.#known.delete(oldest.value);
  }

  /** All commits reachable by first parents from the head of `branch`, newest first (CM-7, CM-8). */
  async list(branch: string | null): Promise<readonly GraphCommit[]> {
    const state = await this.#manifest.readState(branch);
    const commits: GraphCommit[] = [];
    for (const stretch of historyOf(state)) commits.push(...(await this.#commitsOf(stretch)).reverse());
    return commits;
  }

  /**
   * A commit in the history of a live branch.
   *
   * @throws CommitNotFoundError, also for commits that only deleted branches made (CM-9, CM-12)
   */
  async get(graphCommitId: string): Promise<GraphCommit> {
    return (await this.#findLive(graphCommitId)).commit;
  }

  /** What a commit in the history of a live branch shows. @throws CommitNotFoundError */
  async record(graphCommitId: string): Promise<CommitRecord> {
    const { incarnation, commit } = await this.#findLive(graphCommitId);
    return must(await this.#manifest.findCommit(incarnation, commit.graphManifestVersion), "a commit that was listed is stored");
  }

  /** @throws GraphVersionNotFoundError for a version the branch never had (SN-5) */
  async recordAt(branch: string | null, version: number): Promise<CommitRecord> {
    const state = await this.#manifest.readState(branch);
    const isPossible = Number.isSafeInteger(version) && version >= 1 && version <= state.head.version;
    const stretch = isPossible ? historyOf(state).find(({ forkVersion }) => version > forkVersion) : undefined;
    const record = stretch === undefined ? undefined : await this.#manifest.findCommit(stretch.incarnation, version);
    if (record === undefined) throw new GraphVersionNotFoundError(branchDisplayName(branch), version);
    return record;
  }

  /** What a branch's history shows in the versions above `afterVersion`, ascending, up to its head or `throughVersion` (CH-40). */
  async recordsBetween(state: BranchState, afterVersion: number, throughVersion: number): Promise<readonly CommitRecord[]> {
    const places: { readonly incarnation: string; readonly version: number }[] = [];
    for (const { incarnation, forkVersion, lastVersion } of historyOf(state)) {
      for (let version = Math.min(lastVersion, throughVersion); version > Math.max(forkVersion, afterVersion); version--) places.push({ incarnation, version });
    }
    const found = await this.#manifest.findCommits(places.reverse());
    return found.map((record) => must(record, "a version of a branch's history is stored"));
  }

  /**
   * The newest version of `branch` whose commit was created at or before an instant, in microseconds since 1970. Clocks of
   * writers may differ: it is the greatest such version, so that it contains every earlier one.
   *
   * @throws BeforeFirstCommitError
   */
  async recordAtInstant(branch: string | null, instantMicros: number): Promise<CommitRecord> {
    const state = await this.#manifest.readState(branch);
    let oldest = state.commit.commit;
    if (oldest.createdAt <= instantMicros) return state.commit;
    for (const stretch of historyOf(state)) {
      const commits = await this.#commitsOf(stretch);
      const found = commits.findLast((commit) => commit.createdAt <= instantMicros);
      if (found !== undefined) return this.recordAt(branch, found.graphManifestVersion);
      oldest = commits[0] ?? oldest;
    }
    throw new BeforeFirstCommitError(branchDisplayName(branch), instantMicros, oldest.createdAt);
  }

  /** What one incarnation made itself, up to its present head. Also of deleted branches, whose rows stay (CM-12). */
  async readLine(incarnation: string): Promise<CommitLine> {
    const head = await this.#manifest.findHead(incarnation);
    return this.#readLine({ incarnation, forkVersion: 0, lastVersion: head?.version ?? 0 });
  }

  /**
   * Where a commit stands, deleted branches included: what a merge base may need. Looks through live branches first, then
   * through deleted ones, newest first.
   */
  async locate(graphCommitId: string): Promise<LocatedCommit | undefined> {
    const before = await this.#manifest.readState(null);
    const found = (await this.#findIn(before.registry, graphCommitId)) ?? this.#findKnown(this.#lines.values(), graphCommitId);
    if (found !== undefined) return found;
    // Read anew: a branch deleted since the search began was not looked at as a live one.
    const { registry } = await this.#manifest.readState(null);
    const live = new Set([...registry.branches.values()].map(({ incarnation }) => incarnation));
    for (const incarnation of await this.#manifest.listIncarnations()) {
      if (live.has(incarnation)) continue;
      const commit = (await this.readLine(incarnation)).find(graphCommitId);
      if (commit !== undefined) return { incarnation, commit };
    }
    return undefined;
  }

  async #findLive(graphCommitId: string): Promise<LocatedCommit> {
    const { registry } = await this.#manifest.readState(null);
    const found = await this.#findIn(registry, graphCommitId);
    if (found === undefined) throw new CommitNotFoundError(graphCommitId);
    return found;
  }

  /** Every commit in the history of a live branch stands on the line of a live branch: parents outlive their children (BR-40). */
  async #findIn({ branches }: BranchRegistry, graphCommitId: string): Promise<LocatedCommit | undefined> {
    const known = [...branches.values()].flatMap(({ incarnation }) => this.#lines.get(incarnation) ?? []);
    const found = this.#findKnown(known, graphCommitId);
    if (found !== undefined) return found;
    for (const { branch, registry, head, commit } of await this.#manifest.readStates()) {
      const { incarnation } = head;
      if (head.commitId === graphCommitId) return { incarnation: commit.incarnation, commit: commit.commit };
      const forkVersion = registry.branches.get(branchDisplayName(branch))?.forkVersion ?? 0;
      const line = await this.#readLine({ incarnation, forkVersion, lastVersion: head.version });
      const own = line.find(graphCommitId);
      if (own !== undefined) return { incarnation, commit: own };
    }
    return undefined;
  }

  #findKnown(lines: Iterable<CommitLine>, graphCommitId: string): LocatedCommit | undefined {
    for (const line of lines) {
      const commit = line.find(graphCommitId);
      if (commit !== undefined) return { incarnation: line.incarnation, commit };
    }
    return undefined;
  }

  /** Ascending. */
  async #commitsOf(stretch: Stretch): Promise<GraphCommit[]> {
    const { commits } = await this.#readLine(stretch);
    return commits.filter((commit) => commit.graphManifestVersion <= stretch.lastVersion);
  }

  async #readLine({ incarnation, forkVersion, lastVersion }: Stretch): Promise<CommitLine> {
    const line = this.#lines.get(incarnation) ?? new CommitLine(incarnation, forkVersion);
    if (line.throughVersion < lastVersion) {
      line.extend(await this.#manifest.listCommits(incarnation, lastVersion, line.throughVersion), lastVersion);
    }
    this.#lines.delete(incarnation);
    this.#lines.set(incarnation, line);
    const oldest = this.#lines.size > COMMIT_LINES_MAX ? this.#lines.keys().next() : undefined;
    if (oldest?.done === false) this.#lines.delete(oldest.value);
    return line;
  }
}

/** Newest first. */
function historyOf({ branch, registry, head }: BranchState): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let lastVersion = head.version;
  let registered: RegisteredBranch | undefined = registry.branches.get(branchDisplayName(branch));
  while (registered !== undefined) {
    const { incarnation, parent } = registered;
    const forkVersion = registered.forkVersion ?? 0;
    if (lastVersion > forkVersion) stretches.push({ incarnation, forkVersion, lastVersion });
    lastVersion = Math.min(lastVersion, forkVersion);
    registered = parent === null ? undefined : registry.branches.get(parent);
  }
  return stretches;
}
