import type { ManifestStore } from "../manifest/manifest-store.js";
import type { GraphCommit } from "../manifest/graph-commit.js";
import { branchDisplayName, type CommitRecord } from "../manifest/manifest.js";
import { CommitNotFoundError, GraphVersionNotFoundError } from "./errors.js";

interface Line {
  /** Ascending by graph version. */
  readonly commits: readonly GraphCommit[];
  readonly byId: ReadonlyMap<string, GraphCommit>;
}

/** Lineage: which commits exist and what they show (CM-7 … CM-11). Commits are immutable, so known lines stay known. */
export class CommitGraph {
  readonly #manifest: ManifestStore;
  readonly #lines = new Map<string, Line>();

  constructor(manifest: ManifestStore) {
    this.#manifest = manifest;
  }

  /** All commits reachable from the head of `branch`, newest first (CM-7, CM-8). */
  async list(branch: string | null): Promise<readonly GraphCommit[]> {
    const { commits } = await this.#readLine(branch);
    return [...commits].reverse();
  }

  /** @throws CommitNotFoundError */
  async get(graphCommitId: string): Promise<GraphCommit> {
    const state = await this.#manifest.readState(null);
    const known = this.#lines.get(state.head.incarnation)?.byId.get(graphCommitId);
    if (known !== undefined) return known;
    if (state.head.commitId === graphCommitId) return state.commit.commit;
    const found = (await this.#readLine(null)).byId.get(graphCommitId);
    if (found === undefined) throw new CommitNotFoundError(graphCommitId);
    return found;
  }

  /** @throws GraphVersionNotFoundError for a version the branch never had (SN-5) */
  async recordAt(branch: string | null, version: number): Promise<CommitRecord> {
    const state = await this.#manifest.readState(branch);
    const isPossible = Number.isSafeInteger(version) && version >= 1 && version <= state.head.version;
    const record = isPossible ? await this.#manifest.findCommit(state.head.incarnation, version) : undefined;
    if (record === undefined) throw new GraphVersionNotFoundError(branchDisplayName(branch), version);
    return record;
  }

  async #readLine(branch: string | null): Promise<Line> {
    const { head } = await this.#manifest.readState(branch);
    const known = this.#lines.get(head.incarnation);
    if (known?.commits.at(-1)?.graphCommitId === head.commitId) return known;
    const commits = await this.#manifest.listCommits(head.incarnation, head.version);
    const line = { commits, byId: new Map(commits.map((commit) => [commit.graphCommitId, commit])) };
    this.#lines.set(head.incarnation, line);
    return line;
  }
}
