import { beginRead, type RunningRead } from "../maintenance/running-reads.js";
import { GraphClosedError } from "./errors.js";
import type { RootAccess } from "./root-access.js";

/** The calls of one handle: all known until they end, so that closing can wait for them, and none begun after it. */
export class RunningCalls {
  readonly #access: RootAccess;
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(access: RootAccess) {
    this.#access = access;
  }

  /** A call that reads something which a cleanup must leave it: every one but the cleanup. @throws GraphClosedError */
  run<T>(call: (read: RunningRead) => Promise<T>): Promise<T> {
    return this.runUnprotected(async () => {
      using read = this.#beginRead();
      return await call(read);
    });
  }

  /** @throws GraphClosedError */
  runUnprotected<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new GraphClosedError());
    // What `call` throws before it first waits is a rejection too.
    const running = (async (): Promise<T> => await call())();
    this.#running.add(running);
    return running.finally(() => this.#running.delete(running));
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
    await Promise.allSettled(this.#running);
  }

  #beginRead(): RunningRead {
    return beginRead(this.#access.identity, this.#access.components.leaseClock.nowMs());
  }
}
