import { CancelledError, type Pacer, throwIfAborted } from "@omnigraphdb/common";
import { ResourceLimitExceededError } from "../errors.js";

/** A query that only computes lets other work of the process run after this many milliseconds. */
const TURN_MS = 20;

/**
 * Says when a query has to stop before its end: its caller's signal, or its time limit (EX-5, GAP-8). Synchronous work asks `isTurnDue`
 * between parts of some tens of thousands of steps and awaits `turn` where it can; where it cannot, it calls `check`.
 */
export class QueryInterrupt implements Disposable {
  readonly #pacer: Pacer;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #limitMs: number;
  readonly #startMs: number;
  #turnMs: number;
  #controller: AbortController | undefined;
  #release: (() => void) | undefined;
  /** The timer may run a little before the clock has reached the limit. */
  #isOver = false;

  /** @param limitMs undefined or 0 = no limit */
  constructor(pacer: Pacer, callerSignal: AbortSignal | undefined, limitMs: number | undefined) {
    this.#pacer = pacer;
    this.#callerSignal = callerSignal;
    this.#limitMs = limitMs === undefined || limitMs === 0 ? Infinity : limitMs;
    this.#startMs = pacer.nowMs();
    this.#turnMs = this.#startMs;
  }

  get elapsedMs(): number {
    return this.#pacer.nowMs() - this.#startMs;
  }

  /** For work that waits: aborted by the caller or at the end of the time limit. Undefined when nothing can interrupt. */
  get signal(): AbortSignal | undefined {
    if (this.#limitMs === Infinity) return this.#callerSignal;
    return (this.#controller ??= this.#makeController()).signal;
  }

  /** @throws ResourceLimitExceededError, CancelledError */
  check(): void {
    throwIfAborted(this.#callerSignal, "query");
    if (this.#limitMs === Infinity) return;
    const elapsed = this.elapsedMs;
    if (elapsed >= this.#limitMs) throw timeExceeded(this.#limitMs, elapsed);
  }

  /** Whether other work of the process has waited long enough. */
  get isTurnDue(): boolean {
    return this.#pacer.nowMs() - this.#turnMs >= TURN_MS;
  }

  /** Lets other work run, abort signals included. @throws ResourceLimitExceededError, CancelledError */
  async turn(): Promise<void> {
    this.check();
    await this.#pacer.turn();
    this.#turnMs = this.#pacer.nowMs();
    this.check();
  }

  /** What a failure means: whatever stopped because the time was over reports the limit. */
  explain(error: unknown): unknown {
    const isStopped = error instanceof CancelledError || (error instanceof Error && error.name === "AbortError");
    if (!isStopped || this.#callerSignal?.aborted === true) return error;
    if (!this.#isOver && this.elapsedMs < this.#limitMs) return error;
    return timeExceeded(this.#limitMs, this.elapsedMs);
  }

  [Symbol.dispose](): void {
    this.#release?.();
  }

  #makeController(): AbortController {
    const controller = new AbortController();
    const caller = this.#callerSignal;
    const onAbort = (): void => controller.abort(caller?.reason);
    if (caller?.aborted === true) onAbort();
    else caller?.addEventListener("abort", onAbort, { once: true });
    const onOver = (): void => {
      this.#isOver = true;
      controller.abort();
    };
    const cancel = this.#pacer.after(Math.max(0, this.#limitMs - this.elapsedMs), onOver);
    this.#release = () => {
      cancel();
      caller?.removeEventListener("abort", onAbort);
    };
    return controller;
  }
}

function timeExceeded(limitMs: number, elapsedMs: number): ResourceLimitExceededError {
  const hint = "Narrow the match or add a limit, see what takes the time with explain --analyze, or raise the query's time limit.";
  const actual = Math.max(limitMs, Math.round(elapsedMs));
  return new ResourceLimitExceededError("query time ms", limitMs, actual, hint, `the query was stopped after ${actual} ms; its time limit is ${limitMs} ms`);
}
