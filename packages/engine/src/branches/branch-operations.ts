/**
 * Creating and deleting branches (BR-20 … BR-47). The registry decides; everything else follows or is left to `cleanup`.
 *
 * Create is one manifest write and copies nothing: the new head names the source's commit. Delete takes the branch out of the
 * registry first; from then on it is gone for everybody, and removing the data that only it could show is best effort.
 */
import type { Failpoints, IdSource, Logger } from "@omnigraphdb/common";
import type { CommitGraph } from "../commit-graph/commit-graph.js";
import { isSnapshotId } from "../commit-graph/snapshot-id.js";
import { FAILPOINT } from "../failpoints.js";
import { MANIFEST_COMPACTION_COMMITS } from "../limits.js";
import { findPathConflict, isInternalBranch, refuseInternal, SCHEMA_LOCK_BRANCH, validateBranchName } from "../manifest/branch-names.js";
import type { BranchRegistryStore } from "../manifest/branch-registry.js";
import { BranchNotFoundError, InvalidBranchNameError, SchemaApplyInProgressError } from "../manifest/errors.js";
import { forkOwner } from "../manifest/fork-name.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import { branchDisplayName, type BranchRegistry, type BranchState, type HeadRecord, MAIN_BRANCH } from "../manifest/manifest.js";
import { heal } from "../recovery/heal.js";
import { forksOf } from "../maintenance/live-history.js";
import { findMergeBases } from "../merge/merge-base.js";
import type { Recovery } from "../recovery/recover.js";
import type { SidecarStore } from "../recovery/sidecar-store.js";
import type { DatasetAdministration, DatasetLocation } from "../storage/dataset-gateway.js";
import type { BackgroundWork } from "../transaction/background-work.js";
import { publicBranch } from "../transaction/branch-argument.js";
import { branchGate, type WriteGates } from "../transaction/write-gates.js";
import type { WriterLease } from "../transaction/writer-lease.js";
import { BranchExistsError, BranchInUseError, BranchNameConflictError, MainBranchError } from "./errors.js";

/** How messages call the two operations. */
const CREATE = "branch_create";
const DELETE = "branch_delete";

interface BranchOperationsParts {
  readonly manifest: ManifestStore;
  readonly commits: CommitGraph;
  readonly registry: BranchRegistryStore;
  readonly recovery: Recovery;
  readonly sidecars: SidecarStore;
  readonly administration: DatasetAdministration;
  readonly gates: WriteGates;
  readonly lease: WriterLease;
  readonly background: BackgroundWork;
  readonly compactManifest: () => Promise<unknown>;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly failpoints: Failpoints;
}

/** Names as they were understood: trimmed. */
export interface CreatedBranch {
  readonly name: string;
  readonly from: string;
}

export class BranchOperations {
  readonly #parts: BranchOperationsParts;

  constructor(parts: BranchOperationsParts) {
    this.#parts = parts;
  }

  /**
   * Creates `nameText` with the state that the branch `sourceText` has now (BR-2, BR-4).
   *
   * @throws InvalidBranchNameError, MainBranchError, InternalBranchError; BranchExistsError, BranchNameConflictError;
   *   BranchNotFoundError for the source; SchemaApplyInProgressError; WriterBusyError
   */
  async create(nameText: string, sourceText: string): Promise<CreatedBranch> {
    const name = validateBranchName(nameText);
    if (name === MAIN_BRANCH) throw new MainBranchError("create");
    refuseInternal(CREATE, name);
    const source = publicBranch(CREATE, sourceText);
    await heal(this.#parts);
    using _gate = await this.#parts.gates.acquire([branchGate(name)]);
    const hold = await this.#parts.lease.acquire();
    try {
      const state = await this.#readSource(source);
      const branch = { name, incarnation: this.#parts.ids.ulid(), parent: branchDisplayName(source) };
      await this.#parts.registry.create(branch, state, (registry) => checkName(registry, name));
      await this.#parts.failpoints.hit(FAILPOINT.branchCreateAfterManifest);
      this.#compactWhenDue(state.registry);
    } finally {
      hold.release();
    }
    return { name, from: branchDisplayName(source) };
  }

  /**
   * Creates the branch unless it exists (W5).
   *
   * @param beforeCreate called when it does not exist; what it throws leaves it so
   * @returns whether it was created
   */
  async ensure(nameText: string, sourceText: string, beforeCreate: () => void): Promise<boolean> {
    const name = publicBranch(CREATE, nameText);
    const { registry } = await this.#parts.manifest.readRegistry();
    if (registry.branches.has(branchDisplayName(name))) return false;
    beforeCreate();
    try {
      await this.create(nameText, sourceText);
      return true;
    } catch (error) {
      // Somebody else created it meanwhile.
      if (error instanceof BranchExistsError) return false;
      throw error;
    }
  }

  /**
   * Deletes a branch (BR-40 … BR-46). Waits for a running write to it; one that is prepared meanwhile finds it gone.
   *
   * @param boundBranch branch of the calling handle; null = main
   * @returns its name, trimmed
   * @throws MainBranchError, InternalBranchError, BranchNotFoundError, BranchInUseError, SchemaApplyInProgressError, WriterBusyError
   */
  async delete(nameText: string, boundBranch: string | null): Promise<string> {
    const name = publicBranch(DELETE, nameText);
    if (name === null) throw new MainBranchError("delete");
    if (name === boundBranch) throw BranchInUseError.becauseBound(name);
    await heal(this.#parts);
    using _gate = await this.#parts.gates.acquire([branchGate(name)]);
    const hold = await this.#parts.lease.acquire();
    try {
      const states = await this.#parts.manifest.readStates();
      const state = states.find(({ branch }) => branch === name);
      if (state === undefined) throw new BranchNotFoundError(name, namesOf(states));
      const dependent = findForkDependent(states, state.head.incarnation);
      const isRemoved = await this.#parts.registry.remove(name, state.head.incarnation, (registry) => {
        checkDeletable(registry, name);
        if (dependent !== undefined) throw BranchInUseError.becauseOfFork(name, dependent);
      });
      if (!isRemoved) throw new BranchNotFoundError(name);
      await this.#removeForks(state, states.filter((other) => other !== state));
      this.#compactWhenDue(state.registry);
    } finally {
      hold.release();
    }
    return name;
  }

  async #readSource(source: string | null): Promise<BranchState> {
    try {
      return await this.#parts.manifest.readState(source);
    } catch (error) {
      if (error instanceof BranchNotFoundError && isSnapshotId(error.branch)) {
        throw new InvalidBranchNameError(`cannot create a branch from snapshot '${error.branch}'`, "Create it from a branch.");
      }
      throw error;
    }
  }

  /** Every change of the registry is a small fragment of the manifest, as every commit is. */
  #compactWhenDue({ sequence }: BranchRegistry): void {
    const { background, compactManifest } = this.#parts;
    if ((sequence + 1) % MANIFEST_COMPACTION_COMMITS !== 0) return;
    background.start("compact the manifest", async () => {
      await compactManifest();
    });
  }

  /**
   * Nothing shows these forks any more; those that merges between other branches start from stay (MG-23). What cannot be removed now
   * is an orphan, for `cleanup` to find (BR-42, BR-43).
   */
  async #removeForks({ head, commit }: BranchState, others: readonly BranchState[]): Promise<void> {
    const { failpoints, logger } = this.#parts;
    try {
      await failpoints.hit(FAILPOINT.branchDeleteBeforeTableCleanup);
      // Its head is still its source's: it never wrote.
      if (commit.incarnation !== head.incarnation) return;
      const directories = await this.#listForkedDirectories(head);
      if (directories.size === 0) return;
      const { manifest, commits } = this.#parts;
      const kept = new Set([...(await this.#listClaimedForks()), ...forksOf(await findMergeBases(manifest, commits, others))]);
      for (const directory of directories) await this.#removeForksOf(directory, head.incarnation, kept);
    } catch (error) {
      logger.warn("the data of a deleted branch is left for cleanup", { incarnation: head.incarnation, error });
    }
  }

  /** Datasets that some commit of the branch showed on a fork of its own: a merge may have moved the head back to another lineage. */
  async #listForkedDirectories({ incarnation, version }: HeadRecord): Promise<ReadonlySet<string>> {
    const directories = new Set<string>();
    for (const { pins } of await this.#parts.manifest.readLine(incarnation, version)) {
      for (const { location } of pins.values()) if (ownerOf(location) === incarnation) directories.add(location.directory);
    }
    return directories;
  }

  /** Children before parents: the names end with ulids, and a child is younger than its parent. */
  async #removeForksOf(directory: string, incarnation: string, kept: ReadonlySet<string>): Promise<void> {
    const { administration, failpoints, logger } = this.#parts;
    const forks = await administration.listForks(directory);
    const names = forks.map(({ nativeBranch }) => nativeBranch).filter((name) => forkOwner(name) === incarnation && !kept.has(name));
    for (const nativeBranch of names.sort().reverse()) {
      try {
        await failpoints.hit(FAILPOINT.forkBeforeReclaim);
        await administration.deleteFork({ directory, nativeBranch });
      } catch (error) {
        logger.warn("a fork of a deleted branch is left for cleanup", { directory, nativeBranch, error });
      }
    }
  }

  /** Forks that an interrupted operation will finish or undo: not ours to remove (BR-52). */
  async #listClaimedForks(): Promise<ReadonlySet<string>> {
    const { sidecars } = this.#parts;
    const claimed = new Set<string>();
    for await (const { pins } of sidecars.readAll()) {
      for (const { nativeBranch } of pins) if (nativeBranch !== null) claimed.add(nativeBranch);
    }
    return claimed;
  }
}

function checkName(registry: BranchRegistry, name: string): void {
  if (registry.branches.has(SCHEMA_LOCK_BRANCH)) throw new SchemaApplyInProgressError(CREATE);
  if (registry.branches.has(name)) throw new BranchExistsError(name);
  const conflicting = findPathConflict(name, registry.branches.keys());
  if (conflicting !== undefined) throw new BranchNameConflictError(name, conflicting);
}

function checkDeletable(registry: BranchRegistry, name: string): void {
  if (registry.branches.has(SCHEMA_LOCK_BRANCH)) throw new SchemaApplyInProgressError(DELETE);
  const children = [...registry.branches].filter(([, { parent }]) => parent === name).map(([child]) => child);
  const [first] = children.sort();
  if (first !== undefined) throw BranchInUseError.becauseOfDescendant(name, first);
}

/** A branch whose entries name a fork of this incarnation: only a descendant can, so this catches what must not be (BR-40). */
function findForkDependent(states: readonly BranchState[], incarnation: string): string | undefined {
  const dependent = states.find(({ head, commit }) => {
    return head.incarnation !== incarnation && [...commit.pins.values()].some(({ location }) => ownerOf(location) === incarnation);
  });
  return dependent === undefined ? undefined : branchDisplayName(dependent.branch);
}

function namesOf(states: readonly BranchState[]): readonly string[] {
  return states.map(({ branch }) => branchDisplayName(branch)).filter((name) => !isInternalBranch(name));
}

function ownerOf({ nativeBranch }: DatasetLocation): string | undefined {
  return nativeBranch === null ? undefined : forkOwner(nativeBranch);
}
