/** Port for time, so that nothing reads the wall clock behind a test's back. */
export interface Clock {
  /** Unix time in microseconds; never goes backwards within one clock. */
  nowMicros(): number;
  /** Unix time in milliseconds. */
  nowMs(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = makeSystemClock();

function makeSystemClock(): Clock {
  let lastMicros = 0;
  return {
    nowMicros(): number {
      // Not from `performance.now()`, which stands still while the machine sleeps.
      lastMicros = Math.max(Date.now() * 1000, lastMicros + 1);
      return lastMicros;
    },
    nowMs(): number {
      return Date.now();
    },
    sleep(ms: number, signal?: AbortSignal): Promise<void> {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const onAbort = (): void => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        }, ms);
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}

/** A clock that a test moves by hand; `sleep` advances it at once. */
export function manualClock(startMs: number): Clock & { advance(ms: number): void } {
  let micros = startMs * 1000;
  return {
    nowMicros: () => ++micros,
    nowMs: () => Math.floor(micros / 1000),
    sleep: (ms) => {
      micros += ms * 1000;
      return Promise.resolve();
    },
    advance(ms: number): void {
      micros += ms * 1000;
    },
  };
}
