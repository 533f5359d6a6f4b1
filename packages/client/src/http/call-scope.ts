import { CancelledError, type Effects, type OmniError } from "@omnigraphdb/common";
import { CallTimeoutError, ClientDisposedError } from "../errors.js";

export interface CallLimits {
  /** Milliseconds; undefined or 0 = none. */
  readonly timeoutMs: number | undefined;
  /** Of the caller. */
  readonly signal: AbortSignal | undefined;
  /** Aborted when the client is disposed. */
  readonly disposed: AbortSignal;
}

/** The signal of one call, and why it was aborted. Disposing it lets go of the timer and of the caller's signal. */
export class CallScope implements Disposable {
  readonly #controller = new AbortController();
  readonly #limits: CallLimits;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reason: "cancelled" | "disposed" | "timeout" | undefined;
  readonly #onAbort = (): void => this.#abort("cancelled");
  readonly #onDisposed = (): void => this.#abort("disposed");

  constructor(limits: CallLimits) {
    this.#limits = limits;
    const { signal, disposed, timeoutMs } = limits;
    if (disposed.aborted) this.#abort("disposed");
    else if (signal?.aborted === true) this.#abort("cancelled");
    else {
      disposed.addEventListener("abort", this.#onDisposed, { once: true });
      signal?.addEventListener("abort", this.#onAbort, { once: true });
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
        return new CancelledError("the request", { cause: this.#limits.signal?.reason, effects });
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
    this.#limits.disposed.removeEventListener("abort", this.#onDisposed);
    this.#limits.signal?.removeEventListener("abort", this.#onAbort);
  }

  #abort(reason: "cancelled" | "disposed" | "timeout"): void {
    this.#reason ??= reason;
    this.#controller.abort();
  }
}

/** The longest a timer of the platform waits; a longer one would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;
