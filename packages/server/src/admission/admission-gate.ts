import { TooManyRequestsError } from "@omnigraphdb/api-types";

/** Whose writes are counted together when nobody has to say who he is (http-api 5.1). */
const ANONYMOUS = "anonymous";

export interface AdmissionLimits {
  readonly inflightPerActorMax: number;
  readonly bytesPerActorMax: number;
}

interface Held {
  requestCount: number;
  byteCount: number;
}

/** Bounds what one actor may have running at once, over all graphs of the process (http-api §5). */
export class AdmissionGate {
  readonly #limits: AdmissionLimits;
  readonly #held = new Map<string, Held>();

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
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
    if (held.requestCount >= inflightPerActorMax) throw new TooManyRequestsError(`${inflightPerActorMax} requests of one actor at a time`);
    if (held.byteCount + byteCount > bytesPerActorMax) throw new TooManyRequestsError(`${bytesPerActorMax} bytes of one actor at a time`);
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

  /** Writes that are running now. */
  get inflightCount(): number {
    let count = 0;
    for (const { requestCount } of this.#held.values()) count += requestCount;
    return count;
  }
}
