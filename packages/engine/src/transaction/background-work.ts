import type { Logger } from "@omnigraphdb/common";

/** Best-effort work that nobody waits for until the handle closes. */
export class BackgroundWork {
  readonly #logger: Logger;
  readonly #running = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  start(name: string, work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => {
        this.#logger.warn("background work failed", { name, error });
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async drain(): Promise<void> {
    await Promise.all(this.#running);
  }
}
