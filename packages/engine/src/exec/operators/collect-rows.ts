import { boundByteCount, type BindingTable, concatBindings, takeBindings } from "../binding-table.js";
import type { QueryRun } from "../query-run.js";
import { rowComparer, type SortKey, sortedPositions } from "./sort.js";

/** Gathers match rows and brings them into result order: user keys, then entity ids (OR-1 … OR-3), then the limit (OR-7). */
export class RowCollector {
  readonly #run: QueryRun;
  readonly #keys: readonly SortKey[];
  readonly #limit: number;
  #batches: BindingTable[] = [];
  #rowCount = 0;
  #heldBytes = 0;

  constructor(run: QueryRun, limit: number) {
    const { prepared } = run;
    const { projections } = prepared;
    this.#run = run;
    this.#limit = limit;
    const userKeys = prepared.orderings.map(({ expression, columnIndex, isDescending }): SortKey => {
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
    if (this.#rowCount >= this.#run.tuning.pruneRows && this.#rowCount >= this.#limit * 4) yield* this.#prune();
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
