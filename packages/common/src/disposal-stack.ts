/**
 * LIFO clean-up for half-built objects. Node 20 has the dispose symbols but no `AsyncDisposableStack`.
 *
 * Every registered action runs even if an earlier one throws; the first failure is rethrown at the end.
 */
export class DisposalStack implements AsyncDisposable {
  #actions: (() => Promise<void> | void)[] = [];

  /** Registers `resource` and returns it. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.#actions.push(() => resource[Symbol.asyncDispose]() as Promise<void>);
    return resource;
  }

  defer(action: () => Promise<void> | void): void {
    this.#actions.push(action);
  }

  /** Hands everything over to a new stack; this one then disposes nothing. */
  move(): DisposalStack {
    const moved = new DisposalStack();
    moved.#actions = this.#actions;
    this.#actions = [];
    return moved;
  }

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

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
