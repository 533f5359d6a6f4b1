import type { AcceptedSchema } from "@omnigraphdb/compiler";
import { CommitGraph } from "../commit-graph/commit-graph.js";
import { InvalidSnapshotIdError, ReadTargetConflictError } from "../commit-graph/errors.js";
import type { ReadTarget } from "../graph-api.js";
import { makeSnapshot } from "../manifest/make-snapshot.js";
import { branchDisplayName, type CommitRecord } from "../manifest/manifest.js";
import type { Snapshot } from "../manifest/snapshot.js";
import { normalizeBranch } from "../transaction/branch-argument.js";
import type { RootAccess } from "./root-access.js";

/** A snapshot, and how the caller asked for it: exactly one of the two is set (SN-8). */
interface ResolvedTarget {
  readonly snapshot: Snapshot;
  readonly target: { readonly branch: string; readonly snapshot: null } | { readonly branch: null; readonly snapshot: string };
}

const COMMIT_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
/** `manifest:<branch>:v<n>`, optionally with a trailing tag (SN-7). */
const VERSION_ID = /^manifest:([^:]+):v([1-9][0-9]*)(?::.*)?$/;

/** Turns what callers name — a branch, a version, a snapshot id — into snapshots. */
export class SnapshotReader {
  readonly commits: CommitGraph;
  readonly #access: RootAccess;
  #schema: AcceptedSchema;

  constructor(access: RootAccess, schema: AcceptedSchema) {
    this.#access = access;
    this.#schema = schema;
    this.commits = new CommitGraph(access.manifest);
  }

  /** The accepted schema as of the last snapshot. */
  get schema(): AcceptedSchema {
    return this.#schema;
  }

  /** @throws ReadTargetConflictError, BranchNotFoundError, CommitNotFoundError, GraphVersionNotFoundError */
  async resolve(target: ReadTarget = {}): Promise<ResolvedTarget> {
    if (target.snapshot === undefined) {
      const branch = normalizeBranch(target.branch);
      return { snapshot: await this.head(branch), target: { branch: branchDisplayName(branch), snapshot: null } };
    }
    if (target.branch !== undefined) throw new ReadTargetConflictError();
    if (typeof target.snapshot !== "string") {
      return { snapshot: target.snapshot, target: { branch: null, snapshot: target.snapshot.graphCommitId } };
    }
    return { snapshot: await this.bySnapshotId(target.snapshot), target: { branch: null, snapshot: target.snapshot } };
  }

  /** The newest state of `branch`; one cheap probe while nothing changed (SN-3). */
  async head(branch: string | null): Promise<Snapshot> {
    const { commit } = await this.#access.manifest.readState(branch);
    this.#schema = await this.#schemaOf(commit);
    return makeSnapshot(commit, branch, this.#schema);
  }

  async atVersion(branch: string | null, version: number): Promise<Snapshot> {
    return this.#show(await this.commits.recordAt(branch, version), branch);
  }

  async bySnapshotId(snapshotId: string): Promise<Snapshot> {
    if (COMMIT_ID.test(snapshotId)) {
      const commit = await this.commits.get(snapshotId);
      return this.atVersion(commit.graphBranch, commit.graphManifestVersion);
    }
    const [, branch, version] = VERSION_ID.exec(snapshotId) ?? [];
    if (branch === undefined || version === undefined) throw new InvalidSnapshotIdError(snapshotId);
    return this.atVersion(normalizeBranch(branch), Number(version));
  }

  /** With the names and types of its time (SN-10). */
  async #show(commit: CommitRecord, branch: string | null): Promise<Snapshot> {
    return makeSnapshot(commit, branch, await this.#schemaOf(commit));
  }

  /**
   * The schema a version was written under. Once a schema has been replaced, it and its successor are in the archive; until
   * then the contract files hold the only one there is (OP-13).
   */
  async #schemaOf({ schemaIdentity }: CommitRecord): Promise<AcceptedSchema> {
    if (schemaIdentity === this.#schema.irHash) return this.#schema;
    return (await this.#access.schemas.find(schemaIdentity)) ?? this.#access.schemas.read();
  }

  async refreshSchema(): Promise<void> {
    this.#schema = await this.#access.schemas.read();
  }
}
