import { beginRead, type RunningRead } from "../maintenance/running-reads.js";
import { GraphClosedError } from "./errors.js";
import type { RootAccess } from "./root-access.js";

/** The calls of one handle: all known until they end, so that closing can wait for them, and none begun after it. */
export class RunningCalls {
  readonly #access: RootAccess;
  #runningCount = 0;
  #isClosed = false;
  /** Told when the last one has ended, once nothing begins any more. */
  readonly #waiting: (() => void)[] = [];

  constructor(access: RootAccess) {
    this.#access = access;
  }

  /** A call that reads something which a cleanup must leave it: every one but the cleanup. @throws GraphClosedError */
  async run<T>(call: (read: RunningRead) => Promise<T>): Promise<T> {
    this.#begin();
    const read = this.#beginRead();
    try {
      return await call(read);
    } finally {
      read[Symbol.dispose]();
      this.#end();
    }
  }

  /** @throws GraphClosedError */
  async runUnprotected<T>(call: () => Promise<T>): Promise<T> {
    this.#begin();
    try {
      return await call();
    } finally {
      this.#end();
    }
  }

  /**
   * Chunks of one read, which begins when they are first asked for. A slow consumer does not hold up `close`; what it has not taken by
   * then is refused.
   *
   * @throws GraphClosedError
   */
  async *stream<T>(begin: (read: RunningRead) => Promise<AsyncIterable<T>>): AsyncGenerator<T> {
    using read = this.#beginRead();
    const chunks = await this.runUnprotected(() => begin(read));
    for await (const chunk of chunks) {
      yield chunk;
      if (this.#isClosed) throw new GraphClosedError();
    }
  }

  /** Refuses new calls and waits for those that run. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#runningCount > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #begin(): void {
    if (this.#isClosed) throw new GraphClosedError();
    this.#runningCount++;
  }

  #end(): void {
    this.#runningCount--;
    if (this.#isClosed && this.#runningCount === 0) for (const told of this.#waiting.splice(0)) told();
  }

  #beginRead(): RunningRead {
    return beginRead(this.#access.identity, this.#access.components.leaseClock.nowMs());
  }
}
