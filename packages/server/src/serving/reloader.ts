import { isOmniError, type Logger } from "@omnigraphdb/common";
import type { ServerMetrics } from "../observability/metrics.js";
import type { BuiltState, ServingHolder } from "./serving-holder.js";

export interface ReloaderParts {
  readonly holder: ServingHolder;
  /** Reads what is applied now and opens it, going on with what `previous` has open. */
  readonly build: (previous: BuiltState) => Promise<BuiltState>;
  /** Changes whenever something new is applied. Cheap. */
  readonly readVersion: () => Promise<string>;
  /** Changes when interrupted operations come up or are settled. As cheap. */
  readonly readInterrupted: () => Promise<string>;
  /** 0: never by itself. */
  readonly pollMs: number;
  readonly logger: Logger;
  readonly metrics: ServerMetrics;
}

/** What a state was built from, read before it. */
export interface BuiltFrom {
  readonly version: string;
  readonly interrupted: string;
}

/** Between two attempts of one reload, in milliseconds: an apply is over soon after it wrote its ledger. */
const RETRY_MS = 500;
const ATTEMPTS = 3;

/**
 * Picks up newly applied revisions without a restart. A new state is built beside the one that is served, and takes its place only when
 * it is ready; one reload at a time, and asked for during one, another follows.
 */
export class Reloader {
  readonly #parts: ReloaderParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;
  #isClosed = false;
  #servedFrom: BuiltFrom | undefined;
  /** What the last failure said: the same one is not logged at every poll. */
  #lastFailure: string | undefined;
  #pause = new AbortController();

  /** @param servedFrom as far as it is known */
  constructor(parts: ReloaderParts, servedFrom: BuiltFrom | undefined) {
    this.#parts = parts;
    this.#servedFrom = servedFrom;
    this.#schedule();
  }

  /** Builds and swaps, whatever the version is: graphs that were set aside get another chance. Never rejects. */
  reload(): Promise<void> {
    if (this.#running !== undefined) {
      this.#isAskedAgain = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#pause.abort();
    await this.#running;
  }

  #schedule(): void {
    const { pollMs } = this.#parts;
    if (pollMs <= 0 || this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#poll().finally(() => this.#schedule()), pollMs);
    this.#timer.unref();
  }

  async #poll(): Promise<void> {
    try {
      if (await this.#isOutdated()) await this.reload();
    } catch (error) {
      this.#noteFailure(error);
    }
  }

  async #isOutdated(): Promise<boolean> {
    const { holder, readVersion, readInterrupted } = this.#parts;
    if ((await readVersion()) !== this.#servedFrom?.version) return true;
    // What was set aside for an interrupted operation is ready when that is settled, which may leave the ledger as it is.
    return holder.current.setAside.size > 0 && (await readInterrupted()) !== this.#servedFrom.interrupted;
  }

  async #run(): Promise<void> {
    do {
      this.#isAskedAgain = false;
      for (let attempt = 1; attempt <= ATTEMPTS && !this.#isClosed; attempt++) {
        if (await this.#attempt(attempt === ATTEMPTS)) break;
        if (attempt < ATTEMPTS) await this.#wait();
      }
    } while (this.#isAskedAgain && !this.#isClosed);
  }

  /** @returns whether there is nothing more to try */
  async #attempt(isLast: boolean): Promise<boolean> {
    const { holder, build, readVersion, readInterrupted, logger, metrics } = this.#parts;
    try {
      // Read first: what is applied meanwhile is found by the next poll.
      const [version, interrupted] = await Promise.all([readVersion(), readInterrupted()]);
      const next = await build(holder.built);
      // An apply writes its ledger, then removes the records of what it did: a graph in between is ready soon.
      if (!isLast && [...next.state.setAside.keys()].some((graphId) => holder.current.graphs.has(graphId))) {
        holder.discard(next);
        return false;
      }
      holder.swap(next);
      this.#servedFrom = { version, interrupted };
      this.#lastFailure = undefined;
      metrics.reload(true);
      logger.info("reloaded", { revision: next.state.revision, graphs: next.state.graphs.size, set_aside: next.state.setAside.size });
      return true;
    } catch (error) {
      // Bundles without tokens stay what they are, however often one looks.
      const mayPass = isOmniError(error) && error.category === "unavailable" && !isLast;
      if (!mayPass) this.#noteFailure(error);
      return !mayPass;
    }
  }

  #noteFailure(error: unknown): void {
    const text = isOmniError(error) ? error.message : String(error);
    this.#parts.metrics.reload(false);
    if (text === this.#lastFailure) return;
    this.#lastFailure = text;
    this.#parts.logger.error("what is applied now cannot be served; the state before is served on", { revision: this.#parts.holder.current.revision, reason: text });
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.#pause.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }
}
