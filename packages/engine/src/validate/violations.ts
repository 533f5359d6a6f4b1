import type { OmniError } from "@omnigraphdb/common";

/** Order of checks within one write (schema specification §19.1). */
export const PHASE_VALUES = 0;
export const PHASE_UNIQUENESS = 1;
export const PHASE_ENDPOINTS = 2;
export const PHASE_CARDINALITY = 3;

export interface ViolationPlace {
  readonly phase: number;
  readonly typeKey: string;
  readonly entityId: string;
  /** Order of rules for one entity (VA-50). */
  readonly rank: number;
}

/** Where checks put what they find. */
export interface ViolationSink {
  /** Remembers a violation. `error` is made only if it is reported. */
  offer(place: ViolationPlace, error: () => OmniError): void;
  /** Ends a phase of checks: a sink that reports one violation throws it. */
  throwIfAny(): void;
}

/**
 * Keeps the violation that comes first by phase, type key, entity id and rule (VA-50), however the checks were batched:
 * the error a write reports depends on its content only.
 */
export class Violations implements ViolationSink {
  #first: { readonly place: ViolationPlace; readonly error: () => OmniError } | undefined;

  /** Remembers the violation when it comes before all others. */
  offer(place: ViolationPlace, error: () => OmniError): void {
    if (this.#first === undefined || comparePlaces(place, this.#first.place) < 0) this.#first = { place, error };
  }

  /** Takes over what `other` found. */
  absorb(other: Violations): void {
    if (other.#first !== undefined) this.offer(other.#first.place, other.#first.error);
  }

  throwIfAny(): void {
    if (this.#first !== undefined) throw this.#first.error();
  }
}

/** Keeps every violation: a merge reports all of them at once (MG-51). Phases do not end it. */
export class CollectedViolations implements ViolationSink {
  readonly #errors: OmniError[] = [];

  /** In the order they were found. */
  get errors(): readonly OmniError[] {
    return this.#errors;
  }

  offer(_place: ViolationPlace, error: () => OmniError): void {
    this.#errors.push(error());
  }

  throwIfAny(): void {}
}

function comparePlaces(a: ViolationPlace, b: ViolationPlace): number {
  if (a.phase !== b.phase) return a.phase - b.phase;
  if (a.typeKey !== b.typeKey) return a.typeKey < b.typeKey ? -1 : 1;
  if (a.entityId !== b.entityId) return a.entityId < b.entityId ? -1 : 1;
  return a.rank - b.rank;
}
