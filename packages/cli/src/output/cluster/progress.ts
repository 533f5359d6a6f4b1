import type { ClusterProgress } from "@omnigraphdb/cluster";
import type { Io } from "../../io.js";
import { HIDDEN_PROGRESS, type Progress, showProgress } from "../progress.js";

/** What a run is told to report to; undefined when nobody would see it. */
export interface ShownClusterProgress extends AsyncDisposable {
  readonly onProgress: ((event: ClusterProgress) => void) | undefined;
}

const PHASES: Readonly<Record<ClusterProgress["phase"], string>> = {
  load: "reading the configuration",
  lock: "taking the lock",
  sweep: "settling interrupted work",
  observe: "looking at graphs",
  plan: "comparing",
  create: "creating graphs",
  migrate: "migrating graphs",
  catalog: "writing queries and policies",
  delete: "deleting graphs",
  ledger: "recording",
};

/** A bar per phase on stderr, while there is a terminal (§1.6). */
export function showClusterProgress(io: Io, isQuiet: boolean): ShownClusterProgress {
  if (isQuiet || io.stderr.terminal === undefined) return { onProgress: undefined, [Symbol.asyncDispose]: async () => undefined };
  const bar = new PhaseBar(io);
  return { onProgress: (event) => bar.show(event), [Symbol.asyncDispose]: () => bar.end() };
}

/** Bars open asynchronously, and events do not wait: the newest one is shown as soon as its bar is there. */
class PhaseBar {
  readonly #io: Io;
  #phase: ClusterProgress["phase"] | undefined;
  #latest: ClusterProgress | undefined;
  #bar: Progress = HIDDEN_PROGRESS;
  #opening: Promise<void> = Promise.resolve();

  constructor(io: Io) {
    this.#io = io;
  }

  show(event: ClusterProgress): void {
    this.#latest = event;
    if (event.phase === this.#phase) this.#update();
    else {
      this.#phase = event.phase;
      this.#opening = this.#opening.then(() => this.#open(event));
    }
  }

  async #open({ phase, total }: ClusterProgress): Promise<void> {
    this.#bar[Symbol.dispose]();
    this.#bar = await showProgress(this.#io, PHASES[phase], total, "done");
    if (this.#latest?.phase === phase) this.#update();
  }

  #update(): void {
    if (this.#latest === undefined) return;
    const { phase, resource, done } = this.#latest;
    this.#bar.update(done, resource === undefined ? PHASES[phase] : `${PHASES[phase]}: ${resource}`);
  }

  async end(): Promise<void> {
    await this.#opening;
    this.#bar[Symbol.dispose]();
  }
}
