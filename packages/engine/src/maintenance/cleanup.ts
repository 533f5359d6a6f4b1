import { type Clock, type Failpoints, type Logger } from "@omnigraphdb/common";
import type { CommitGraph } from "../commit-graph/commit-graph.js";
import { FAILPOINT } from "../failpoints.js";
import { MANIFEST_CLEANUP_KEEP_MS, READ_START_MARGIN_MS, RESIDUE_AGE_MS } from "../limits.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import { branchDisplayName, type BranchState, type DatasetPin } from "../manifest/manifest.js";
import { refusePendingRecovery } from "../recovery/pending-recovery.js";
import type { SidecarStore } from "../recovery/sidecar-store.js";
import type { CompactionCounts, DatasetAdministration, DatasetEffect, DatasetGateway, DatasetLocation, RemovedVersions } from "../storage/dataset-gateway.js";
import type { GraphLayout } from "../storage/layout.js";
import type { ObjectStore } from "../storage/object-store.js";
import { checkDrift } from "../transaction/drift-guard.js";
import { DatasetDriftError } from "../transaction/errors.js";
import { isOwned, ownedPins } from "../transaction/plan-effects.js";
import type { WriteCoordinator } from "../transaction/write-coordinator.js";
import type { WriterLease } from "../transaction/writer-lease.js";
import { mapBounded } from "./bounded-parallel.js";
import { InvalidRetentionError } from "./errors.js";
import { listDatasets, type LiveHistory, NeededPins, readLiveHistory } from "./live-history.js";
import type { MaintenanceOptions, Optimizer } from "./optimize.js";
import type { OrphanForks } from "./orphan-forks.js";
import { pruneLimitOf, type RetentionPolicy } from "./retention.js";
import type { RunningRead } from "./running-reads.js";

/** At least one of the two; a version goes only if all given limits allow it (MT-61). */
export interface CleanupOptions {
  /** Newest versions of each dataset that stay; the newest one always does. */
  readonly keepVersions?: number;
  /** Milliseconds: younger versions stay. */
  readonly olderThanMs?: number;
}

export interface CleanedDataset {
  readonly typeKey: string;
  readonly bytesRemoved: number;
  readonly oldVersionsRemoved: number;
  /** Why the dataset was not, or not completely, cleaned up (MT-68). */
  readonly error: string | null;
}

export interface CleanupReport {
  /** Ascending by type key. */
  readonly datasets: readonly CleanedDataset[];
}

interface CleanerParts {
  readonly writer: WriteCoordinator;
  readonly optimizer: Optimizer;
  readonly orphanForks: OrphanForks;
  readonly lease: WriterLease;
  readonly manifest: ManifestStore;
  readonly commits: CommitGraph;
  readonly sidecars: SidecarStore;
  readonly datasets: DatasetGateway;
  readonly administration: DatasetAdministration;
  readonly objects: ObjectStore;
  readonly layout: GraphLayout;
  readonly compactManifest: (keepMs: number) => Promise<CompactionCounts>;
  /** Calls in progress that read the graph, other than the cleanup itself. */
  readonly runningReads: () => readonly RunningRead[];
  /** The clock that versions and files are stamped with. */
  readonly clock: Clock;
  readonly concurrency: number;
  readonly logger: Logger;
  readonly failpoints: Failpoints;
}

/** What one run finds out before it removes anything. */
interface CleanupPlan {
  readonly history: LiveHistory;
  readonly needed: NeededPins;
  readonly policy: RetentionPolicy;
  readonly readingSinceMs: number | undefined;
}

/** Sums of one type over its lineages. */
class Tally {
  readonly #byType = new Map<string, { versionCount: number; byteCount: number; errors: string[] }>();

  add(typeKey: string, { versionCount, byteCount }: RemovedVersions): void {
    const sums = this.#of(typeKey);
    sums.versionCount += versionCount;
    sums.byteCount += byteCount;
  }

  fail(typeKey: string, error: unknown): void {
    this.#of(typeKey).errors.push(error instanceof Error ? error.message : String(error));
  }

  report(): CleanupReport {
    const types = [...this.#byType].sort(([left], [right]) => (left < right ? -1 : 1));
    return {
      datasets: types.map(([typeKey, { versionCount, byteCount, errors }]) => ({
        typeKey,
        bytesRemoved: byteCount,
        oldVersionsRemoved: versionCount,
        error: errors.length === 0 ? null : errors.join("; "),
      })),
    };
  }

  #of(typeKey: string): { versionCount: number; byteCount: number; errors: string[] } {
    const sums = this.#byType.get(typeKey) ?? { versionCount: 0, byteCount: 0, errors: [] };
    this.#byType.set(typeKey, sums);
    return sums;
  }
}

/**
 * Removes old versions of datasets, and what deleted branches and killed writers left behind (MT-60 … MT-84).
 *
 * Nothing is removed that a live branch shows, that a merge between live branches starts from, or that a read of this process which is
 * in progress may show. Heads only move forward, so what is needed at the beginning bounds what is needed until the end.
 */
export class Cleaner {
  readonly #parts: CleanerParts;

  constructor(parts: CleanerParts) {
    this.#parts = parts;
  }

  /**
   * @throws InvalidRetentionError; RecoveryRequiredError while an interrupted write is pending, DatasetDriftError (MT-67) and
   *   whatever makes a branch unreadable (MT-66): then nothing was removed
   */
  async cleanup(options: CleanupOptions): Promise<CleanupReport> {
    checkOptions(options);
    await refusePendingRecovery(this.#parts, "cleanup");
    const before = await this.#readUndrifted();
    const tally = new Tally();
    const { shown, dropped } = listDatasets(before);
    await this.#removeOrphans([...shown, ...dropped], tally);
    // The native call compacts as well; afterwards it has nothing left to compact and HEAD stays where it is (MT-81).
    for (const { branch, head } of before.states) {
      await this.#optimizeUnlessGone({ branch, incarnation: head.incarnation, actorId: null, ownedOnly: true });
    }
    const plan = await this.#plan(options);
    for (const state of plan.history.states) {
      for (const pin of ownedPins(state)) await this.#pruneShown(plan, state, pin, tally);
    }
    for (const [directory, typeKey] of dropped) await this.#pruneDropped(plan, directory, typeKey, tally);
    await this.#removeResidue([...shown, ...dropped], tally);
    await this.#parts.compactManifest(MANIFEST_CLEANUP_KEEP_MS);
    return tally.report();
  }

  async #readHistory(): Promise<LiveHistory> {
    await this.#parts.failpoints.hit(FAILPOINT.cleanupResolveBranchSnapshot);
    return readLiveHistory(this.#parts.manifest);
  }

  /** @throws DatasetDriftError */
  async #readUndrifted(): Promise<LiveHistory> {
    const read = async (): Promise<LiveHistory> => {
      const history = await this.#readHistory();
      await this.#checkDrift(history);
      return history;
    };
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof DatasetDriftError)) throw error;
      // A writer at work is ahead of what it will publish: with nobody at work it really is a drift.
      return this.#parts.writer.whileNobodyWrites(read);
    }
  }

  /** A branch deleted meanwhile is none that needs its versions. */
  async #optimizeUnlessGone(options: MaintenanceOptions): Promise<void> {
    try {
      await this.#parts.optimizer.optimize(options);
    } catch (error) {
      const { registry } = await this.#parts.manifest.readRegistry();
      if (registry.branches.get(branchDisplayName(options.branch))?.incarnation === options.incarnation) throw error;
    }
  }

  async #checkDrift({ states }: LiveHistory): Promise<void> {
    const { datasets, sidecars } = this.#parts;
    for (const state of states) await checkDrift(datasets, sidecars, ownedPins(state));
  }

  async #plan({ keepVersions, olderThanMs }: CleanupOptions): Promise<CleanupPlan> {
    const { manifest, commits, runningReads, clock } = this.#parts;
    const policy = { keepVersions, keepSinceMs: olderThanMs === undefined ? undefined : clock.nowMs() - olderThanMs };
    const history = await this.#readHistory();
    const reads = runningReads();
    const needed = await NeededPins.read(manifest, commits, history.states, reads.flatMap((read) => [...read.entries]));
    // A commit is published a while after its datasets have moved: a read may still have met the one before.
    const oldest = Math.min(...reads.map((read) => read.startedAtMs));
    return { history, needed, policy, readingSinceMs: reads.length === 0 ? undefined : oldest - READ_START_MARGIN_MS };
  }

  async #removeOrphans(types: readonly (readonly [directory: string, typeKey: string])[], tally: Tally): Promise<void> {
    const hold = await this.#parts.lease.acquire();
    try {
      for (const [directory, typeKey] of types) {
        await this.#isolated(typeKey, tally, () => this.#parts.orphanForks.removeFrom(directory));
      }
    } finally {
      hold.release();
    }
  }

  /** Under a sidecar, because the native call may move HEAD: then the move is published like that of an optimize. */
  async #pruneShown(plan: CleanupPlan, { branch, head }: BranchState, { typeKey }: DatasetPin, tally: Tally): Promise<void> {
    const { writer, failpoints } = this.#parts;
    tally.add(typeKey, NOTHING_REMOVED);
    await this.#isolated(typeKey, tally, async () => {
      await writer.write({ branch, incarnation: head.incarnation, actorId: null, operation: "cleanup" }, async ({ state }) => {
        const pin = state.commit.pins.get(typeKey);
        if (pin === undefined || !isOwned(pin, state.head.incarnation)) return NOTHING_STAGED;
        const beforeMs = await this.#pruneLimit(plan, pin.location);
        if (beforeMs === undefined) return NOTHING_STAGED;
        await failpoints.hit(FAILPOINT.cleanupTableGc);
        const prune: DatasetEffect = { kind: "prune", beforeMs, onPruned: (removed) => tally.add(typeKey, removed) };
        const dataset = { typeKey, strictness: "merge", effects: [prune], entityCountAfter: pin.entityCount } as const;
        return { staged: { writerKind: "Optimize", datasets: [dataset] }, result: undefined };
      });
    });
  }

  /** Of a dropped type nobody writes or shows anything: its last version stays for time travel. */
  async #pruneDropped(plan: CleanupPlan, directory: string, typeKey: string, tally: Tally): Promise<void> {
    const { administration, failpoints, lease } = this.#parts;
    const location = { directory, nativeBranch: null };
    await this.#isolated(typeKey, tally, async () => {
      if (!(await administration.exists(location))) return;
      const hold = await lease.acquire();
      try {
        const beforeMs = await this.#pruneLimit(plan, location);
        if (beforeMs === undefined) return;
        await failpoints.hit(FAILPOINT.cleanupTableGc);
        tally.add(typeKey, await administration.prune(location, beforeMs));
      } finally {
        hold.release();
      }
    });
  }

  async #pruneLimit({ needed, policy, readingSinceMs }: CleanupPlan, location: DatasetLocation): Promise<number | undefined> {
    const { administration } = this.#parts;
    const versions = await administration.listVersions(location);
    return pruneLimitOf(versions, policy, { neededVersions: needed.versionsOn(location), readingSinceMs });
  }

  async #removeResidue(types: readonly (readonly [directory: string, typeKey: string])[], tally: Tally): Promise<void> {
    const { administration, objects, layout, clock, concurrency } = this.#parts;
    const beforeMs = clock.nowMs() - RESIDUE_AGE_MS;
    await mapBounded(types, concurrency, ([directory, typeKey]) =>
      this.#isolated(typeKey, tally, async () => {
        tally.add(typeKey, { versionCount: 0, byteCount: await administration.removeResidue(directory, beforeMs) });
      }),
    );
    const { root, recoveryDirectory, auditDirectory, schemasDirectory, leaseDirectory } = layout;
    for (const directory of [root, recoveryDirectory, auditDirectory, schemasDirectory, leaseDirectory]) {
      await objects.removeResidue(directory, beforeMs);
    }
  }

  /** A failure on one dataset does not stop the others; running again converges (MT-68). */
  async #isolated(typeKey: string, tally: Tally, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#parts.logger.warn("a dataset could not be cleaned up", { typeKey, error });
      tally.fail(typeKey, error);
    }
  }
}

function checkOptions({ keepVersions, olderThanMs }: CleanupOptions): void {
  if (keepVersions === undefined && olderThanMs === undefined) {
    throw new InvalidRetentionError("cleanup requires at least one of keep_versions or older_than", { hint: "Say what to keep: 10 versions is a good start." });
  }
  for (const [name, value] of [["keep_versions", keepVersions], ["older_than", olderThanMs]] as const) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    throw new InvalidRetentionError(`${name} must be a whole number from 0 on, not ${value}`, { hint: "Pass a whole number." });
  }
}

const NOTHING_REMOVED: RemovedVersions = { versionCount: 0, byteCount: 0 };
const NOTHING_STAGED = { staged: undefined, result: undefined } as const;
