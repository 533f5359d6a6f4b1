import { ResourceLimitExceededError } from "../errors.js";

/** Memory ceiling of one query. Operators ask before they allocate (EX-5). */
export class QueryBudget {
  readonly byteCountMax: number;
  #heldBytes = 0;
  #peakBytes = 0;

  constructor(byteCountMax: number) {
    this.byteCountMax = byteCountMax;
  }

  /** The most that was needed at once so far. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** Refuses an allocation of `byteCount` bytes that would cross the ceiling together with what is held. */
  admit(byteCount: number): void {
    const actual = this.#heldBytes + byteCount;
    if (actual > this.byteCountMax) {
      const hint = "Narrow the match or add a limit; the ceiling is the setting queryMemoryBytes.";
      throw new ResourceLimitExceededError("query memory bytes", this.byteCountMax, actual, hint);
    }
    if (actual > this.#peakBytes) this.#peakBytes = actual;
  }

  /** Like {@link admit}, and counts the bytes as held until {@link release}. */
  hold(byteCount: number): void {
    this.admit(byteCount);
    this.#heldBytes += byteCount;
  }

  release(byteCount: number): void {
    this.#heldBytes -= byteCount;
  }
}
