import { ResourceLimitExceededError } from "@omnigraphdb/engine";

/** Bytes that all streamed exports of the process may hold on their way out (http-api 15.5). */
const BUDGET_BYTES = 2_097_152;

/** Reserved for one response, whatever it holds at a moment. */
const RESERVED_BYTES = 262_144;

const RESPONSES_MAX = BUDGET_BYTES / RESERVED_BYTES;

/** How long a response waits for others to end. */
const WAIT_MS = 250;

interface Waiter {
  readonly grant: () => void;
}

/** Bounds the memory of all responses that stream exports, over all graphs of the process. Served in the order they came. */
export class TransportBudget {
  readonly #waiters = new Set<Waiter>();
  #held = 0;

  /** @throws ResourceLimitExceededError after 250 ms in which nothing became free */
  async reserve(): Promise<Disposable> {
    if (this.#held < RESPONSES_MAX) this.#held++;
    else await this.#waitForTurn();
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#release();
        isHeld = false;
      },
    };
  }

  #waitForTurn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        grant: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        const hint = "Try again when one of the running exports has ended.";
        reject(new ResourceLimitExceededError("stream_export_transport_bytes", BUDGET_BYTES, BUDGET_BYTES + RESERVED_BYTES, hint, `${RESPONSES_MAX} exports are running already`));
      }, WAIT_MS);
      this.#waiters.add(waiter);
    });
  }

  /** What one response gives back goes to the one that waits longest. */
  #release(): void {
    const [next] = this.#waiters;
    if (next === undefined) {
      this.#held--;
      return;
    }
    this.#waiters.delete(next);
    next.grant();
  }
}
