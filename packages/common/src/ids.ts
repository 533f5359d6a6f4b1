import { randomFillSync } from "node:crypto";
import { monotonicFactory } from "ulid";

/** Port for fresh identifiers. */
export interface IdSource {
  /** A ULID: 26 upper-case Crockford base-32 characters, ascending within one source. */
  ulid(): string;
}

const POOL_BYTES = 4096;

export const randomIds: IdSource = (() => {
  const next = monotonicFactory(pooledRandom());
  return { ulid: () => next() };
})();

/** Numbers from 0 up to 1 out of secure random bytes, many of which are made at a time: one call of the system for each costs far more. */
function pooledRandom(): () => number {
  const pool = new Uint8Array(POOL_BYTES);
  let at = POOL_BYTES;
  return () => {
    if (at === POOL_BYTES) {
      randomFillSync(pool);
      at = 0;
    }
    return (pool[at++] as number) / 256;
  };
}

/** Deterministic identifiers for tests: a counter rendered as a valid ULID. */
export function seededIds(seed = 0): IdSource {
  let counter = seed;
  return { ulid: () => `01TEST${(counter++).toString(10).padStart(20, "0")}` };
}
