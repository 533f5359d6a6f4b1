import type { AcceptedSchema } from "@omnigraphdb/compiler";
import { BranchBinding } from "../branches/branch-binding.js";
import { CommitGraph } from "../commit-graph/commit-graph.js";
import { ReadTargetConflictError } from "../commit-graph/errors.js";
import { parseSnapshotId } from "../commit-graph/snapshot-id.js";
import type { ReadTarget } from "../graph-api.js";
import { makeSnapshot } from "../manifest/make-snapshot.js";
import { branchDisplayName, type CommitRecord } from "../manifest/manifest.js";
import type { Snapshot } from "../manifest/snapshot.js";
import { SchemaHistoryDamagedError } from "../schema/errors.js";
import { readHeadSchema } from "../schema/read-head-schema.js";
import type { RootAccess } from "./root-access.js";

/** A snapshot, and how the caller asked for it: exactly one of the two is set (SN-8). */
interface ResolvedTarget {
  readonly snapshot: Snapshot;
  readonly target: { readonly branch: string; readonly snapshot: null } | { readonly branch: null; readonly snapshot: string };
}

/** How messages call a read, whichever it is. */
const READ = "read";

/** Turns what callers name — a branch, a version, a snapshot id — into snapshots. */
export class SnapshotReader {
  readonly commits: CommitGraph;
  readonly #access: RootAccess;
  readonly #binding: BranchBinding;
  #schema: AcceptedSchema;

  /** @param binding branch that is read when a target names none; without one it is `main` */
  constructor(access: RootAccess, schema: AcceptedSchema, binding: BranchBinding = new BranchBinding(access.manifest)) {
    this.#access = access;
    this.#schema = schema;
    this.#binding = binding;
    this.commits = new CommitGraph(access.manifest);
  }

  /** The accepted schema as of the last snapshot. */
  get schema(): AcceptedSchema {
    return this.#schema;
  }

  /**
   * An instant names no line of history by itself, so it goes with a branch; every other snapshot excludes one (SN-8).
   *
   * @throws ReadTargetConflictError, InvalidSnapshotIdError, InternalBranchError, BranchNotFoundError, CommitNotFoundError,
   *   GraphVersionNotFoundError, BeforeFirstCommitError
   */
  async resolve(target: ReadTarget = {}): Promise<ResolvedTarget> {
    if (target.snapshot === undefined) {
      const { branch } = await this.#binding.resolve(READ, target.branch);
      return { snapshot: await this.head(branch), target: { branch: branchDisplayName(branch), snapshot: null } };
    }
    if (typeof target.snapshot !== "string") {
      if (target.branch !== undefined) throw new ReadTargetConflictError();
      return { snapshot: target.snapshot, target: { branch: null, snapshot: target.snapshot.graphCommitId } };
    }
    const snapshot = await this.bySnapshotId(target.snapshot, target.branch);
    // Whoever repeats the read by the text that is shown gets the same branch.
    const shown = target.branch === undefined ? target.snapshot : `manifest:${target.branch}:${target.snapshot}`;
    return { snapshot, target: { branch: null, snapshot: shown } };
  }

  /** As {@link resolve}, for the newest state of a branch when it is in memory: no promise is waited for. Otherwise undefined. */
  resolveNow({ branch: name, snapshot }: ReadTarget = {}): ResolvedTarget | undefined {
    if (snapshot !== undefined) return undefined;
    const bound = this.#binding.resolveNow(READ, name);
    const state = bound && this.#access.manifest.currentState(bound.branch);
    if (bound === undefined || state?.commit.schemaIdentity !== this.#schema.irHash) return undefined;
    return { snapshot: makeSnapshot(state.commit, bound.branch, this.#schema), target: { branch: branchDisplayName(bound.branch), snapshot: null } };
  }

  /** The newest state of `branch`; one cheap probe while nothing changed (SN-3). */
  async head(branch: string | null): Promise<Snapshot> {
    const { commit } = await this.#access.manifest.readState(branch);
    this.#schema = await this.#schemaOf(commit);
    return makeSnapshot(commit, branch, this.#schema);
  }

  /** @param name absent = the bound branch @throws GraphVersionNotFoundError, BranchNotFoundError */
  async atVersion(name: string | undefined, version: number): Promise<Snapshot> {
    const { branch } = await this.#binding.resolve(READ, name);
    return this.show(await this.commits.recordAt(branch, version), branch);
  }

  /** @param branchName line of history of an instant that names none itself; with any other id it is a conflict (SN-8) */
  async bySnapshotId(snapshotId: string, branchName?: string): Promise<Snapshot> {
    const id = parseSnapshotId(snapshotId);
    const isLineOpen = id.kind === "instant" && id.branch === undefined;
    if (branchName !== undefined && !isLineOpen) throw new ReadTargetConflictError();
    switch (id.kind) {
      case "commit": {
        const record = await this.commits.record(id.graphCommitId);
        return this.show(record, record.commit.graphBranch);
      }
      case "version":
        return this.atVersion(id.branch, id.version);
      case "instant": {
        const { branch } = await this.#binding.resolve(READ, id.branch ?? branchName);
        return this.show(await this.commits.recordAtInstant(branch, id.instantMicros), branch);
      }
    }
  }

  /** With the names and types of its time (SN-10). */
  async show(commit: CommitRecord, branch: string | null): Promise<Snapshot> {
    const schema = await this.#schemaOf(commit);
    if (schema.irHash !== commit.schemaIdentity) throw new SchemaHistoryDamagedError(commit.schemaIdentity, "it is not in the archive");
    return makeSnapshot(commit, branch, schema);
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
    const { manifest, schemas, components } = this.#access;
    this.#schema = (await readHeadSchema({ manifest, schemas, clock: components.clock }, null)).schema;
  }
}
