/**
 * Which branches exist: changes of the one `branches` row, which alone decides it (MAN-23).
 *
 * 1. a branch is created by one merge that replaces the row, if it still is the one seen, and inserts the head row of a fresh
 *    incarnation: the name exists with its head, or not at all (BR-22)
 * 2. it is deleted by one merge of the row alone; its head and commit rows stay and count for nothing (MAN-23, CM-12)
 * 3. after an exception or an unclear reply the row is read again and the incarnation in it decides (BR-25)
 */
import type { Clock } from "@omnigraphdb/common";
import { REGISTRY_ATTEMPTS_MAX } from "../limits.js";
import type { ManifestRow, ManifestTable } from "../storage/dataset-gateway.js";
import { isStorageError } from "../storage/errors.js";
import { BranchNotFoundError, RowLevelCasContentionError } from "./errors.js";
import type { FormatGuard } from "./format-version.js";
import { encodeFirstHeadRow, encodeRegistryRow } from "./manifest-codec.js";
import type { ManifestStore } from "./manifest-store.js";
import { branchDisplayName, type BranchRegistry, type BranchState, type RegisteredBranch } from "./manifest.js";

/** A branch to be registered. */
export interface NewBranch {
  readonly name: string;
  /** Fresh. */
  readonly incarnation: string;
  /** The branch whose state it starts with; null for an internal branch, which descends from none. */
  readonly parent: string | null;
  /** Of an internal branch. */
  readonly owner?: { readonly host: string; readonly pid: number };
}

/** Throws when the registry, as it is now, does not allow the change. Called again whenever the registry moved. */
export type RegistryCheck = (registry: BranchRegistry) => void;

interface RegistryStoreParts {
  readonly table: ManifestTable;
  readonly store: ManifestStore;
  readonly format: FormatGuard;
  readonly clock: Clock;
}

/** What an attempt makes of the registry it found; undefined = it already is as wanted. */
interface RegistryChange {
  readonly branches: ReadonlyMap<string, RegisteredBranch>;
  readonly alongside: readonly ManifestRow[];
}

/** @param isUnclear whether the reply to an earlier attempt was lost */
type PlanChange = (registry: BranchRegistry, isUnclear: boolean) => RegistryChange | undefined;

export class BranchRegistryStore {
  readonly #parts: RegistryStoreParts;

  constructor(parts: RegistryStoreParts) {
    this.#parts = parts;
  }

  /**
   * Registers `branch` with the head that `source` shows.
   *
   * @throws whatever `check` throws; BranchNotFoundError when the source was deleted meanwhile; RowLevelCasContentionError
   */
  async create(branch: NewBranch, source: BranchState, check: RegistryCheck): Promise<void> {
    const { name, ...registered } = branch;
    const { incarnation } = branch;
    const sourceName = branchDisplayName(source.branch);
    const stamp = { txId: incarnation, createdAt: this.#parts.clock.nowMicros() };
    await this.#change(stamp, (registry) => {
      if (registry.branches.get(name)?.incarnation === incarnation) return undefined;
      check(registry);
      if (registry.branches.get(sourceName)?.incarnation !== source.head.incarnation) throw new BranchNotFoundError(source.branch);
      // An attempt that lost may have left this very head row: the same one, since the source's state is the same.
      const alongside = [encodeFirstHeadRow(incarnation, source.head, stamp)];
      return { branches: new Map(registry.branches).set(name, { ...registered, forkVersion: source.head.version }), alongside };
    });
  }

  /**
   * Takes the branch out of the registry; from then on it is gone for everybody (BR-41).
   *
   * @returns false when the name was not registered with this incarnation any more
   * @throws whatever `check` throws; RowLevelCasContentionError
   */
  async remove(name: string, incarnation: string, check: RegistryCheck = () => undefined): Promise<boolean> {
    let isFound = true;
    const stamp = { txId: `remove:${incarnation}`, createdAt: this.#parts.clock.nowMicros() };
    await this.#change(stamp, (registry, isUnclear) => {
      if (registry.branches.get(name)?.incarnation !== incarnation) {
        // Gone after an attempt whose reply was lost: that was ours, or it makes no difference.
        isFound = isUnclear;
        return undefined;
      }
      check(registry);
      const branches = new Map(registry.branches);
      branches.delete(name);
      return { branches, alongside: [] };
    });
    return isFound;
  }

  async #change(stamp: { readonly txId: string; readonly createdAt: number }, plan: PlanChange): Promise<void> {
    const { table, store } = this.#parts;
    let isUnclear = false;
    for (let attempt = 1; ; attempt++) {
      const registry = await this.#readRegistry();
      const change = plan(registry, isUnclear);
      if (change === undefined) break;
      if (attempt > REGISTRY_ATTEMPTS_MAX) throw new RowLevelCasContentionError(REGISTRY_ATTEMPTS_MAX);
      const row = encodeRegistryRow({ sequence: registry.sequence + 1, branches: change.branches }, stamp);
      try {
        // Only the registry row can be updated: the head row, if it exists, has another sequence than it carries as its base.
        if ((await table.conditionalMerge([row, ...change.alongside])).updatedCount === 1) break;
      } catch (error) {
        isUnclear = true;
        if (isStorageError(error, "Transient") || isStorageError(error, "Precondition")) continue;
        if (plan(await this.#readRegistry(), isUnclear) !== undefined) throw error;
        break;
      }
    }
    store.forget();
  }

  async #readRegistry(): Promise<BranchRegistry> {
    const { store, format } = this.#parts;
    const { graph, registry } = await store.readRegistry();
    if (!(await format.ensureWritable(graph))) return registry;
    store.forget();
    return (await store.readRegistry()).registry;
  }
}
