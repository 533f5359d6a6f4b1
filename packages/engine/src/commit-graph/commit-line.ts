import type { GraphCommit } from "../manifest/graph-commit.js";

/**
 * The commits that one branch incarnation made itself: consecutive versions, ascending. A line only ever grows at its end, so
 * what is known of one stays true.
 */
export class CommitLine {
  readonly incarnation: string;
  readonly #commits: GraphCommit[] = [];
  readonly #byId = new Map<string, GraphCommit>();
  #throughVersion: number;

  /** @param forkVersion version the incarnation began at; its own commits come after it */
  constructor(incarnation: string, forkVersion: number) {
    this.incarnation = incarnation;
    this.#throughVersion = forkVersion;
  }

  /** Graph version up to which the line is known. */
  get throughVersion(): number {
    return this.#throughVersion;
  }

  /** Ascending by graph version. */
  get commits(): readonly GraphCommit[] {
    return this.#commits;
  }

  find(graphCommitId: string): GraphCommit | undefined {
    return this.#byId.get(graphCommitId);
  }

  /** @param commits of the versions up to `throughVersion`, ascending; what is known already is skipped */
  extend(commits: readonly GraphCommit[], throughVersion: number): void {
    for (const commit of commits) {
      if (commit.graphManifestVersion <= this.#throughVersion) continue;
      this.#commits.push(commit);
      this.#byId.set(commit.graphCommitId, commit);
    }
    this.#throughVersion = Math.max(this.#throughVersion, throughVersion);
  }
}
