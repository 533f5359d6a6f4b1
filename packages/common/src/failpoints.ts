/** What an armed crash point does: fail with an error, wait for a promise, or anything a test wants. */
export type FailpointAction = () => void | Promise<void>;

/**
 * Registry of named crash points. Production code calls `hit` between the steps of a protocol; unless a test
 * armed that name the call costs one map lookup on an empty map.
 */
export class Failpoints {
  readonly #armed = new Map<string, FailpointAction>();
  readonly #hits = new Map<string, number>();

  /** Arms `name` until {@link disarm}; returns a disposer. */
  arm(name: string, action: FailpointAction): Disposable {
    this.#armed.set(name, action);
    return { [Symbol.dispose]: () => this.disarm(name) };
  }

  disarm(name: string): void {
    this.#armed.delete(name);
  }

  /** How often `name` was reached while armed. */
  hitCount(name: string): number {
    return this.#hits.get(name) ?? 0;
  }

  async hit(name: string): Promise<void> {
    if (this.#armed.size === 0) return;
    const action = this.#armed.get(name);
    if (action === undefined) return;
    this.#hits.set(name, this.hitCount(name) + 1);
    await action();
  }
}
