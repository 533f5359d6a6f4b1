import type { CompiledPolicy } from "@omnigraphdb/policy";
import type { Logger } from "@omnigraphdb/common";
import type { GraphHandle } from "./graph-handle.js";
import type { ServingLease, ServingSource, ServingState } from "./serving-state.js";

/** A state together with what must be closed after its last use. */
export interface BuiltState {
  readonly state: ServingState;
  readonly handles: readonly GraphHandle[];
  readonly serverPolicy: CompiledPolicy | undefined;
}

/** One state and its users. */
class Generation {
  readonly built: BuiltState;
  /** Settled when everything of it is closed. */
  readonly closed: Promise<void>;
  #leaseCount = 0;
  #isRetired = false;
  #finish: () => void = () => undefined;

  constructor(built: BuiltState, logger: Logger) {
    this.built = built;
    for (const handle of built.handles) handle.retain();
    this.closed = new Promise<void>((resolve) => (this.#finish = resolve)).then(async () => {
      const released = await Promise.allSettled(built.handles.map((handle) => handle.release()));
      for (const result of released) {
        if (result.status === "rejected") logger.error("a graph could not be closed", { error: result.reason });
      }
      built.serverPolicy?.[Symbol.dispose]();
    });
  }

  lease(): ServingLease {
    this.#leaseCount++;
    return new Lease(this);
  }

  release(): void {
    this.#leaseCount--;
    this.#finishIfUnused();
  }

  retire(): void {
    this.#isRetired = true;
    this.#finishIfUnused();
  }

  #finishIfUnused(): void {
    if (this.#isRetired && this.#leaseCount === 0) this.#finish();
  }
}

class Lease implements ServingLease {
  readonly state: ServingState;
  readonly #generation: Generation;
  #isHeld = true;

  constructor(generation: Generation) {
    this.state = generation.built.state;
    this.#generation = generation;
  }

  [Symbol.dispose](): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#generation.release();
  }
}

/** The state that is served now. States before it live as long as requests that began with them. */
export class ServingHolder implements ServingSource {
  readonly #logger: Logger;
  #generation: Generation;
  /** Retired, not yet closed. */
  readonly #closing = new Set<Promise<void>>();

  constructor(built: BuiltState, logger: Logger) {
    this.#logger = logger;
    this.#generation = new Generation(built, logger);
  }

  get current(): ServingState {
    return this.#generation.built.state;
  }

  /** What the next state may go on with. */
  get built(): BuiltState {
    return this.#generation.built;
  }

  lease(): ServingLease {
    return this.#generation.lease();
  }

  /** Requests that begin from now on get `next`. */
  swap(next: BuiltState): void {
    const before = this.#generation;
    this.#generation = new Generation(next, this.#logger);
    this.#retire(before);
  }

  /** Closes what was opened for a state that will not be served. */
  discard(built: BuiltState): void {
    this.#retire(new Generation(built, this.#logger));
  }

  /** Waits for every lease, then closes all graphs. */
  async close(): Promise<void> {
    this.#retire(this.#generation);
    await Promise.all(this.#closing);
  }

  #retire(generation: Generation): void {
    const closed = generation.closed.finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
    generation.retire();
  }
}
