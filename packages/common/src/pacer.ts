/** Port for measuring how long work takes and for sharing the process with other work. */
export interface Pacer {
  /** Milliseconds with fractions since an arbitrary moment; never goes backwards. */
  nowMs(): number;
  /** Lets other work of the process run once: I/O, timers, abort signals. */
  turn(): Promise<void>;
  /** Calls `action` once after `ms`; the returned function prevents it. A waiting action does not keep the process alive. */
  after(ms: number, action: () => void): () => void;
}

export const systemPacer: Pacer = {
  nowMs: () => performance.now(),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  after(ms, action) {
    const timer = setTimeout(action, Math.min(ms, TIMER_MS_MAX));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The longest a timer of the platform waits; a longer one would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;
