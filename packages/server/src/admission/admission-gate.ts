import { TooManyRequestsError } from "@omnigraphdb/api-types";

/** Whose writes are counted together when nobody has to say who he is (http-api 5.1). */
const ANONYMOUS = "anonymous";

export interface AdmissionLimits {
  readonly inflightPerActorMax: number;
  readonly bytesPerActorMax: number;
}

/** The cap that a refused write met. */
export type AdmissionCap = "requests" | "bytes";

interface Held {
  requestCount: number;
  byteCount: number;
}

/** Bounds what one actor may have running at once, over all graphs of the process (http-api §5). */
export class AdmissionGate {
  readonly #limits: AdmissionLimits;
  readonly #onRefused: (cap: AdmissionCap) => void;
  readonly #held = new Map<string, Held>();

  constructor(limits: AdmissionLimits, onRefused: (cap: AdmissionCap) => void = () => undefined) {
    this.#limits = limits;
    this.#onRefused = onRefused;
  }

  /**
   * Admits one write; dispose the result when it is over, whatever became of it.
   *
   * @param byteCount estimate by http-api 5.2
   * @throws TooManyRequestsError naming the cap
   */
  admit(actor: string | undefined, byteCount: number): Disposable {
    const name = actor ?? ANONYMOUS;
    const held = this.#held.get(name) ?? { requestCount: 0, byteCount: 0 };
    const { inflightPerActorMax, bytesPerActorMax } = this.#limits;
    if (held.requestCount >= inflightPerActorMax) throw this.#refusal("requests", inflightPerActorMax);
    if (held.byteCount + byteCount > bytesPerActorMax) throw this.#refusal("bytes", bytesPerActorMax);
    held.requestCount++;
    held.byteCount += byteCount;
    this.#held.set(name, held);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        held.requestCount--;
        held.byteCount -= byteCount;
        if (held.requestCount === 0) this.#held.delete(name);
      },
    };
  }

  #refusal(cap: AdmissionCap, limit: number): TooManyRequestsError {
    this.#onRefused(cap);
    return new TooManyRequestsError(`${limit} ${cap} of one actor at a time`);
  }

  /** Writes that are running now. */
  get inflightCount(): number {
    let count = 0;
    for (const { requestCount } of this.#held.values()) count += requestCount;
    return count;
  }
}
