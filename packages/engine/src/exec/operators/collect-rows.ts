import { boundByteCount, type BindingTable, concatBindings, takeBindings } from "../binding-table.js";
import type { Operand } from "../operand.js";
import type { QueryRun } from "../query-run.js";
import type { ResultBound } from "./limited-expand.js";
import { rowComparer, type SortKey, sortedPositions } from "./sort.js";

/** Rows beyond twice the limit that are gathered before the bound is drawn tighter. */
const BOUND_SLACK_ROWS = 4_096;

/** Gathers match rows and brings them into result order: user keys, then entity ids (OR-1 … OR-3), then the limit (OR-7). */
export class RowCollector {
  readonly #run: QueryRun;
  readonly #keys: readonly SortKey[];
  readonly #limit: number;
  #batches: BindingTable[] = [];
  #rowCount = 0;
  #heldBytes = 0;
  /** The first `limit` rows so far, in order, once there are as many. */
  #best: BindingTable | undefined;

  /** @param rank sorts by the ranking function of the query, which is its first ordering, if it has one */
  constructor(run: QueryRun, limit: number, rank: Operand | undefined) {
    const { prepared } = run;
    const { projections } = prepared;
    this.#run = run;
    this.#limit = limit;
    const userKeys = prepared.orderings.map(({ expression, columnIndex, isDescending }, i): SortKey => {
      if (i === 0 && rank !== undefined) return { operand: rank, isDescending: false };
      const named = columnIndex === undefined ? undefined : projections[columnIndex];
      return { operand: run.operand(named?.expression ?? expression), isDescending };
    });
    this.#keys = [...userKeys, ...prepared.tieBreakSlots.map((slot): SortKey => ({ operand: run.idOperand(slot), isDescending: false }))];
  }

  *accept(batch: BindingTable): Generator<void, void> {
    const byteCount = boundByteCount(batch);
    this.#run.budget.hold(byteCount);
    this.#heldBytes += byteCount;
    this.#batches.push(batch);
    this.#rowCount += batch.rowCount;
    const isFirstBound = this.#best === undefined && this.#rowCount >= this.#limit;
    const isCrowded = this.#rowCount >= this.#run.tuning.pruneRows && this.#rowCount >= this.#limit * 4;
    if (isCrowded || isFirstBound || (this.#best !== undefined && this.#rowCount >= this.#limit * 2 + Math.min(BOUND_SLACK_ROWS, this.#run.tuning.pruneRows))) yield* this.#prune();
  }

  /** What operators may leave out; undefined without a limit, and when a ranking has to see the complete match (SR-10). */
  get bound(): ResultBound | undefined {
    const { ranking, fusions } = this.#run.prepared.search;
    if (this.#limit === Infinity || ranking !== undefined || fusions.length > 0) return undefined;
    return { keys: this.#keys, rowCount: this.#limit, worst: () => this.#best };
  }

  *finish(): Generator<void, BindingTable> {
    return yield* this.#ordered(this.#takeAll());
  }

  *#prune(): Generator<void, void> {
    const kept = yield* this.#ordered(this.#takeAll());
    this.#run.budget.release(this.#heldBytes);
    this.#heldBytes = boundByteCount(kept);
    this.#run.budget.hold(this.#heldBytes);
    this.#batches = [kept];
    this.#rowCount = kept.rowCount;
    if (kept.rowCount === this.#limit) this.#best = kept;
  }

  /** All rows as one table, which replaces the batches. */
  #takeAll(): BindingTable {
    if (this.#batches.length > 1) this.#run.budget.admit(this.#heldBytes);
    const table = concatBindings(this.#batches, this.#run.prepared.slotCount);
    this.#batches = [];
    return table;
  }

  *#ordered(table: BindingTable): Generator<void, BindingTable> {
    if (table.rowCount <= 1) return table.rowCount <= this.#limit ? table : { rowCount: 0, columns: table.columns };
    // Sorting holds the permutation twice, and the gathered copy.
    this.#run.budget.admit(boundByteCount(table) + table.rowCount * 8);
    const positions = yield* sortedPositions(table.rowCount, rowComparer(this.#keys, table), this.#limit);
    const slots = table.columns.flatMap((column, slot) => (column === undefined ? [] : [slot]));
    return takeBindings(table, positions, positions.length, slots);
  }
}
