import { CancelledError, type Effects, type OmniError } from "@omnigraphdb/common";
import { CallTimeoutError, ClientDisposedError, MAYBE_WRITTEN_HINT } from "../errors.js";
import { onAbort } from "./abort-listeners.js";

export interface CallLimits {
  /** Milliseconds; undefined or 0 = none. */
  readonly timeoutMs: number | undefined;
  /** Of the call, and of all calls of the client. */
  readonly signals: readonly AbortSignal[];
  /** Aborted when the client is disposed. A signal of the call aborted with a {@link ClientDisposedError} says the same. */
  readonly disposed: AbortSignal;
}

/** The signal of one call, and why it was aborted. Disposing it lets go of the timer and of the signals it listens to. */
export class CallScope implements Disposable {
  readonly #controller = new AbortController();
  readonly #limits: CallLimits;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reason: "cancelled" | "disposed" | "timeout" | undefined;
  readonly #stopListening: (() => void)[] = [];

  constructor(limits: CallLimits) {
    this.#limits = limits;
    const { signals, disposed, timeoutMs } = limits;
    if (disposed.aborted || signals.some(({ aborted, reason }) => aborted && reason instanceof ClientDisposedError)) this.#abort("disposed");
    else if (signals.some(({ aborted }) => aborted)) this.#abort("cancelled");
    else {
      this.#stopListening.push(onAbort(disposed, () => this.#abort("cancelled")));
      for (const signal of signals) this.#stopListening.push(onAbort(signal, () => this.#abort("cancelled")));
      if (timeoutMs !== undefined && timeoutMs > 0) this.#timer = setTimeout(() => this.#abort("timeout"), Math.min(timeoutMs, TIMER_MS_MAX));
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The answer has begun: from here on only the caller ends it. */
  stopTimer(): void {
    clearTimeout(this.#timer);
  }

  /** The failure that the abort of this call means; undefined while it is not aborted. */
  failure(effects: Effects): OmniError | undefined {
    switch (this.#reason) {
      case undefined:
        return undefined;
      case "timeout":
        return new CallTimeoutError(this.#limits.timeoutMs ?? 0, effects);
      case "disposed":
        return new ClientDisposedError();
      case "cancelled":
        return new CancelledError("the request", {
          cause: this.#limits.signals.find(({ aborted }) => aborted)?.reason,
          effects,
          ...(effects === "possible" ? { hint: MAYBE_WRITTEN_HINT } : {}),
        });
    }
  }

  /** Settles as `work`, or rejects when the call is aborted, even where whoever works does not listen. */
  race<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stopListening.splice(0)) stop();
  }

  #abort(reason: "cancelled" | "disposed" | "timeout"): void {
    this.#reason ??= reason;
    this.#controller.abort();
  }
}

/** The longest a timer of the platform waits; a longer one would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;
