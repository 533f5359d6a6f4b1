import type { IdSource, Logger } from "@omnigraphdb/common";
import { isInternalBranch, SCHEMA_LOCK_BRANCH } from "../../manifest/branch-names.js";
import type { BranchRegistryStore } from "../../manifest/branch-registry.js";
import { SchemaApplyInProgressError } from "../../manifest/errors.js";
import type { ManifestStore } from "../../manifest/manifest-store.js";
import { type BranchRegistry, MAIN_BRANCH } from "../../manifest/manifest.js";
import type { SidecarOwner } from "../../recovery/sidecar.js";
import { SchemaApplyNeedsOnlyMainError } from "../errors.js";

const REMOVE_ATTEMPTS_MAX = 3;

interface SchemaLockParts {
  readonly registry: BranchRegistryStore;
  readonly manifest: ManifestStore;
  /** Of this process: see `RootCoordination.schemaLocks`. */
  readonly held: Set<string>;
  readonly owner: SidecarOwner;
  readonly ids: IdSource;
  readonly logger: Logger;
}

/**
 * The internal branch that keeps writers and branch operations of other processes away while a schema is applied (SA-1, SA-3).
 * Those of this process wait at the gates. It lives only as long as the apply holds the writer lease, so one that is found by
 * a later holder was left by a dead process (SA-1b). Where leases are off its owner says whether it was.
 */
export class SchemaLock {
  readonly #parts: SchemaLockParts;

  constructor(parts: SchemaLockParts) {
    this.#parts = parts;
  }

  /** @throws SchemaApplyInProgressError, SchemaApplyNeedsOnlyMainError */
  async acquire(): Promise<AsyncDisposable> {
    const { registry, manifest, held, owner, ids } = this.#parts;
    const incarnation = ids.ulid();
    held.add(incarnation);
    try {
      const main = await manifest.readState(null);
      await registry.create({ name: SCHEMA_LOCK_BRANCH, incarnation, parent: null, owner }, main, refuseUnlessAlone);
    } catch (error) {
      // The merge may have landed although its reply was lost.
      await this.#release(incarnation);
      throw error;
    }
    return { [Symbol.asyncDispose]: () => this.#release(incarnation) };
  }

  /** A lock that cannot be removed is left to the next read-write open; what the apply reports matters more. */
  async #release(incarnation: string): Promise<void> {
    const { registry, held, logger } = this.#parts;
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          await registry.remove(SCHEMA_LOCK_BRANCH, incarnation);
          return;
        } catch (error) {
          // It keeps every writer of other processes away: worth another try.
          if (attempt < REMOVE_ATTEMPTS_MAX) continue;
          logger.warn("the schema lock could not be removed", { error });
          return;
        }
      }
    } finally {
      held.delete(incarnation);
    }
  }
}

/** @throws SchemaApplyInProgressError when somebody applies a schema (A04), SchemaApplyNeedsOnlyMainError (A05) */
export function refuseUnlessAlone({ branches }: BranchRegistry): void {
  if (branches.has(SCHEMA_LOCK_BRANCH)) throw new SchemaApplyInProgressError(null);
  const others = [...branches.keys()].filter((name) => name !== MAIN_BRANCH && !isInternalBranch(name)).sort();
  if (others.length > 0) throw new SchemaApplyNeedsOnlyMainError(others);
}
