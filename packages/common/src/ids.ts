import { monotonicFactory } from "ulid";

/** Port for fresh identifiers. */
export interface IdSource {
  /** A ULID: 26 upper-case Crockford base-32 characters, ascending within one source. */
  ulid(): string;
}

export const randomIds: IdSource = (() => {
  const next = monotonicFactory();
  return { ulid: () => next() };
})();

/** Deterministic identifiers for tests: a counter rendered as a valid ULID. */
export function seededIds(seed = 0): IdSource {
  let counter = seed;
  return { ulid: () => `01TEST${(counter++).toString(10).padStart(20, "0")}` };
}
