import type { Logger } from "@omnigraphdb/common";
import type { ServerMetrics } from "../observability/metrics.js";
import type { ServedGraph, ServingSource } from "../serving/serving-state.js";
import type { UpkeepSettings } from "../settings.js";

export interface UpkeepParts {
  readonly serving: ServingSource;
  readonly settings: UpkeepSettings;
  readonly logger: Logger;
  readonly metrics: ServerMetrics;
}

/** Branches that one look at a graph considers; the next look goes on with the others. */
const BRANCHES_PER_LOOK = 16;

/** What is known of a branch from the looks before. */
interface Sighting {
  readonly head: string;
  readonly sinceMs: number;
  /** It was tried at this head and left as it was: not again before it moves. */
  readonly isTried: boolean;
}

/** By branch. */
type Sightings = Map<string, Sighting>;

/**
 * Compacts what writes left behind, while nobody waits for it: branches whose head has not moved for a while and that the engine says are
 * worth it, one graph at a time, never two at once. It is a write like any other and takes its turn with them.
 */
export class Upkeep {
  readonly #parts: UpkeepParts;
  /** By graph id. */
  readonly #seen = new Map<string, Sightings>();
  /** Where the next look at a graph goes on. */
  readonly #positions = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#schedule();
  }

  /** Looks at every served graph once. */
  async look(): Promise<void> {
    using lease = this.#parts.serving.lease();
    for (const served of lease.state.graphs.values()) {
      if (this.#isClosed) return;
      await this.#lookAt(served);
    }
    for (const graphId of this.#seen.keys()) {
      if (!lease.state.graphs.has(graphId)) this.#seen.delete(graphId);
    }
  }

  /** Waits for what it began. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(): void {
    if (!this.#parts.settings.isEnabled || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#running = this.look().finally(() => this.#schedule());
    }, this.#parts.settings.intervalMs);
    this.#timer.unref();
  }

  async #lookAt(served: ServedGraph): Promise<void> {
    const { graphId, graph } = served;
    const before = this.#seen.get(graphId) ?? new Map<string, Sighting>();
    try {
      const branches = await graph.branchList();
      const seen: Sightings = new Map([...before].filter(([branch]) => branches.includes(branch)));
      this.#seen.set(graphId, seen);
      for (const branch of this.#chosenOf(graphId, branches)) {
        if (this.#isClosed) return;
        if (await this.#isDue(served, branch, seen)) await this.#optimize(served, branch, seen);
      }
    } catch (error) {
      // Nobody waits for it; the next look may find the graph in a better state.
      this.#parts.logger.warn("upkeep could not look at a graph", { graph_id: graphId, error });
    }
  }

  #chosenOf(graphId: string, branches: readonly string[]): readonly string[] {
    if (branches.length <= BRANCHES_PER_LOOK) return branches;
    const start = (this.#positions.get(graphId) ?? 0) % branches.length;
    this.#positions.set(graphId, start + BRANCHES_PER_LOOK);
    return [...branches, ...branches].slice(start, start + BRANCHES_PER_LOOK);
  }

  async #isDue({ graph }: ServedGraph, branch: string, seen: Sightings): Promise<boolean> {
    const head = await graph.headCommitId(branch);
    const nowMs = performance.now();
    const before = seen.get(branch);
    const sighting = before?.head === head ? before : { head, sinceMs: nowMs, isTried: false };
    seen.set(branch, sighting);
    if (sighting.isTried || nowMs - sighting.sinceMs < this.#parts.settings.quietMs) return false;
    return graph.needsOptimize(branch);
  }

  async #optimize({ graphId, graph }: ServedGraph, branch: string, seen: Sightings): Promise<void> {
    const { logger, metrics } = this.#parts;
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1000;
    try {
      const { commit } = await graph.optimize({ branch });
      metrics.upkeep(commit === null ? "nothing" : "done", seconds());
      logger.info("upkeep optimized a branch", { graph_id: graphId, branch, commit: commit?.graphCommitId ?? null, seconds: seconds() });
    } catch (error) {
      metrics.upkeep("failed", seconds());
      logger.warn("upkeep failed", { graph_id: graphId, branch, error });
    }
    const sighting = seen.get(branch);
    if (sighting !== undefined) seen.set(branch, { ...sighting, isTried: true });
  }
}
