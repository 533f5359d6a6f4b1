import { CancelledError } from "@omnigraphdb/common";
import { GROUP_COMMITS_MAX } from "../limits.js";
import type { WriteGates } from "./write-gates.js";

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** What became of one member of a group; `later` = it comes first in the next one. */
export type MemberOutcome<R> = { readonly kind: "done"; readonly result: R } | { readonly kind: "failed"; readonly error: unknown } | { readonly kind: "later" };

/**
 * Writes that wait for the gate of their branch, first in, first out. Whoever gets the gate takes all that wait by then (WR-11): under
 * load groups form by themselves, and a single writer waits for nobody.
 */
export class CommitQueue<T, R> {
  readonly #gates: WriteGates;
  readonly #perform: (items: readonly T[]) => Promise<readonly MemberOutcome<R>[]>;
  readonly #waiting = new Map<string, Waiting<T, R>[]>();

  /** @param perform called with the gate held; one outcome for each item, not `later` for all. What it throws fails all. */
  constructor(gates: WriteGates, perform: (items: readonly T[]) => Promise<readonly MemberOutcome<R>[]>) {
    this.#gates = gates;
    this.#perform = perform;
  }

  /** @param signal counts while the item waits; from the moment its group is formed `perform` has to look at it */
  submit(gate: string, item: T, signal: AbortSignal | undefined): Promise<R> {
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(gate);
      const onAbort = (): void => {
        const waiting = this.#waiting.get(gate) ?? [];
        const at = waiting.indexOf(entry);
        if (at < 0) return;
        waiting.splice(at, 1);
        entry.reject(new CancelledError("the write", { cause: signal?.reason }));
      };
      const entry: Waiting<T, R> = {
        item,
        resolve: (result) => {
          signal?.removeEventListener("abort", onAbort);
          resolve(result);
        },
        reject: (error) => {
          signal?.removeEventListener("abort", onAbort);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      if (queue !== undefined) {
        queue.push(entry);
        return;
      }
      this.#waiting.set(gate, [entry]);
      void this.#drive(gate);
    });
  }

  /** Runs while anybody waits at `gate`. The gate is given back after every group, so that others get their turn. */
  async #drive(gate: string): Promise<void> {
    for (;;) {
      const gates = await this.#gates.acquire([gate]);
      const queue = this.#waiting.get(gate) ?? [];
      const group = queue.splice(0, GROUP_COMMITS_MAX);
      let settle: readonly (() => void)[] = [];
      try {
        settle = group.length === 0 ? [] : this.#conclude(group, await this.#perform(group.map(({ item }) => item)), queue);
      } catch (error) {
        settle = group.map((entry) => () => entry.reject(error));
      } finally {
        gates[Symbol.dispose]();
      }
      // Who is told may write again at once, and finds the gate free.
      if (queue.length === 0) this.#waiting.delete(gate);
      for (const run of settle) run();
      if (queue.length === 0) return;
    }
  }

  #conclude(group: readonly Waiting<T, R>[], outcomes: readonly MemberOutcome<R>[], queue: Waiting<T, R>[]): readonly (() => void)[] {
    const settle: (() => void)[] = [];
    const later: Waiting<T, R>[] = [];
    for (const [index, entry] of group.entries()) {
      const outcome = outcomes[index] ?? { kind: "later" };
      if (outcome.kind === "done") settle.push(() => entry.resolve(outcome.result));
      else if (outcome.kind === "failed") settle.push(() => entry.reject(outcome.error));
      else later.push(entry);
    }
    queue.unshift(...later);
    return settle;
  }
}
