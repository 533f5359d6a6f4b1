/**
 * Clean-up of something built step by step, last registered first. Node 20 has no `AsyncDisposableStack`.
 *
 * Every registered action runs even if an earlier one throws; the first failure is rethrown at the end.
 */
export class DisposalStack {
  #actions: (() => Promise<void> | void)[] = [];

  defer(action: () => Promise<void> | void): void {
    this.#actions.push(action);
  }

  /** Runs what was registered; what is registered afterwards waits for the next call. */
  async dispose(): Promise<void> {
    const actions = this.#actions;
    this.#actions = [];
    let failure: { error: unknown } | undefined;
    for (const action of actions.reverse()) {
      try {
        await action();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
  }
}
