import type { Failpoints, Logger } from "@omnigraphdb/common";
import type { CommitGraph } from "../commit-graph/commit-graph.js";
import { FAILPOINT } from "../failpoints.js";
import { forkOwner } from "../manifest/fork-name.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import type { SidecarStore } from "../recovery/sidecar-store.js";
import type { DatasetAdministration, ForkState } from "../storage/dataset-gateway.js";
import { ForkInUseError } from "../storage/errors.js";
import { neededForks } from "./live-history.js";

interface OrphanForksParts {
  readonly manifest: ManifestStore;
  readonly commits: CommitGraph;
  readonly sidecars: SidecarStore;
  readonly administration: DatasetAdministration;
  readonly logger: Logger;
  readonly failpoints: Failpoints;
}

/**
 * Removes native branches that nothing can show any more (MT-70 … MT-73): of deleted branches, of undone writes, half-created ones.
 * The caller holds the writer lease.
 *
 * A fork that somebody is about to publish is in a sidecar from before it exists until after it is published. So what is listed as an
 * orphan, then is in no sidecar, and then is named by nobody, is one.
 */
export class OrphanForks {
  readonly #parts: OrphanForksParts;

  constructor(parts: OrphanForksParts) {
    this.#parts = parts;
  }

  /** @throws when the manifest or the forks cannot be listed; a fork that cannot be removed is logged and left to the next run */
  async removeFrom(directory: string): Promise<void> {
    const { administration, manifest, commits } = this.#parts;
    const forks = await administration.listForks(directory);
    if (forks.length === 0) return;
    const named = await neededForks(manifest, commits);
    for (const fork of childrenFirst(forks.filter(({ nativeBranch }) => !named.has(nativeBranch)))) {
      await this.#remove(directory, fork);
    }
  }

  async #remove(directory: string, { nativeBranch }: ForkState): Promise<void> {
    const { administration, logger, failpoints } = this.#parts;
    try {
      await failpoints.hit(FAILPOINT.cleanupReconcileFork);
      if (!(await this.#isOrphan(nativeBranch))) return;
      await administration.deleteFork({ directory, nativeBranch });
      logger.info("removed an orphan fork", { directory, nativeBranch, incarnation: forkOwner(nativeBranch) });
    } catch (error) {
      // Somebody builds on it; it goes when that does.
      if (error instanceof ForkInUseError) return;
      logger.warn("an orphan fork could not be removed", { directory, nativeBranch, error });
    }
  }

  /** Once more, with what sidecars and the manifest say now (MT-71, BR-52). */
  async #isOrphan(nativeBranch: string): Promise<boolean> {
    const { manifest, commits, sidecars } = this.#parts;
    for await (const { pins } of sidecars.readAll()) {
      if (pins.some((pin) => pin.nativeBranch === nativeBranch)) return false;
    }
    return !(await neededForks(manifest, commits)).has(nativeBranch);
  }
}

/** A native branch cannot be removed before those that start from it (MT-72). */
function childrenFirst(forks: readonly ForkState[]): readonly ForkState[] {
  const depthOf = (fork: ForkState): number => {
    const parent = forks.find(({ nativeBranch }) => nativeBranch === fork.parent);
    return parent === undefined ? 0 : depthOf(parent) + 1;
  };
  return forks.map((fork) => ({ fork, depth: depthOf(fork) })).sort((left, right) => right.depth - left.depth).map(({ fork }) => fork);
}
