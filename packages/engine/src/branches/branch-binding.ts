import { ReadSetChangedError } from "../manifest/errors.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import { branchDisplayName, MAIN_INCARNATION } from "../manifest/manifest.js";
import { publicBranch } from "../transaction/branch-argument.js";

/** The branch a call is about. `incarnation` is known where the handle is bound to it: no other branch of that name is meant. */
export interface BranchTarget {
  /** Null = main. */
  readonly branch: string | null;
  readonly incarnation: string | undefined;
}

const MAIN: BranchTarget = { branch: null, incarnation: MAIN_INCARNATION };

/**
 * The branch that a handle reads and writes when a call names none (SN-3, BR-60): `main`, unless the handle was opened on another
 * one or {@link sync} moved it. A call that names a branch means whichever branch has that name at that moment.
 */
export class BranchBinding {
  readonly #manifest: ManifestStore;
  #bound: BranchTarget = MAIN;

  constructor(manifest: ManifestStore) {
    this.#manifest = manifest;
  }

  get branch(): string | null {
    return this.#bound.branch;
  }

  /** Binds to the branch that has this name now (SN-12). @throws BranchNotFoundError, InternalBranchError */
  async sync(name: string): Promise<void> {
    const branch = publicBranch("sync_branch", name);
    const { head } = await this.#manifest.readState(branch);
    this.#bound = { branch, incarnation: head.incarnation };
  }

  /** As {@link resolve}, where that needs no look at the graph; otherwise undefined. @throws InternalBranchError */
  resolveNow(operation: string, name: string | undefined): BranchTarget | undefined {
    if (name !== undefined) return { branch: publicBranch(operation, name), incarnation: undefined };
    return this.#bound.branch === null ? MAIN : undefined;
  }

  /**
   * The branch that a call means.
   *
   * @param operation as it shows in messages
   * @throws BranchNotFoundError when the bound branch was deleted, ReadSetChangedError when its name belongs to a new one (BR-6)
   */
  async resolve(operation: string, name: string | undefined): Promise<BranchTarget> {
    const known = this.resolveNow(operation, name);
    if (known !== undefined) return known;
    const { branch, incarnation } = this.#bound;
    const { head } = await this.#manifest.readState(branch);
    if (head.incarnation !== incarnation) {
      throw new ReadSetChangedError(`branch_incarnation:${branchDisplayName(branch)}`, incarnation ?? null, head.incarnation);
    }
    return this.#bound;
  }
}
