import { findChanges } from "../delta/find-changes.js";
import { RowComparison } from "../delta/row-comparison.js";
import type { TypeStates } from "../delta/type-states.js";
import { CHANGED_IDS_PER_PASS } from "../limits.js";
import { compareCodePoints } from "../value/compare-code-points.js";
import type { ChangedType, TypeSide } from "./changed-type.js";
import type { ChangeOp } from "./change.js";

/** An entity that differs between two states, by id. */
export interface ChangedId {
  readonly id: string;
  readonly op: ChangeOp;
}

/** Changed entities of one type, ascending by id: those that follow `afterId`. */
export interface IdWindow {
  /** Undefined = from the first one. */
  readonly afterId: string | undefined;
  readonly entries: readonly ChangedId[];
  /** Nothing changed beyond the last entry. */
  readonly isLast: boolean;
}

/**
 * Entities of a type that differ (CH-2, CH-3), from `afterId` on. At most {@link CHANGED_IDS_PER_PASS} are held; a type with more
 * is looked through again for the next ones.
 */
export async function findChangedIds(
  changed: ChangedType,
  states: TypeStates,
  afterId: string | undefined,
  signal: AbortSignal | undefined,
  capacity: number = CHANGED_IDS_PER_PASS,
): Promise<IdWindow> {
  const { before, after } = changed;
  const { type } = (after ?? before) as TypeSide;
  const comparison = new RowComparison(type, signal, (before ?? after)?.type);
  const smallest = new SmallestIds(capacity);
  for await (const chunk of findChanges({ ...(await states.openPair(after?.pin, before?.pin)), comparison, signal })) {
    for (const { id, source, base } of chunk) {
      if (afterId !== undefined && compareCodePoints(id, afterId) <= 0) continue;
      smallest.add({ id, op: base === undefined ? "insert" : source === undefined ? "delete" : "update" });
    }
  }
  const { entries, isComplete } = smallest.finish();
  return { afterId, entries, isLast: isComplete };
}

/** Keeps the smallest of the ids it is given. */
class SmallestIds {
  readonly #capacity: number;
  #entries: ChangedId[] = [];
  #isComplete = true;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(entry: ChangedId): void {
    this.#entries.push(entry);
    if (this.#entries.length >= 2 * this.#capacity) this.#shrink();
  }

  finish(): { readonly entries: readonly ChangedId[]; readonly isComplete: boolean } {
    this.#shrink();
    return { entries: this.#entries, isComplete: this.#isComplete };
  }

  #shrink(): void {
    this.#entries.sort((a, b) => compareCodePoints(a.id, b.id));
    if (this.#entries.length <= this.#capacity) return;
    this.#entries.length = this.#capacity;
    this.#isComplete = false;
  }
}
