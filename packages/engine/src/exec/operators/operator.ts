import type { BindingTable } from "../binding-table.js";

/** Rows an operator's output is kept near: large enough to amortise a call, small enough for the processor's cache. */
export const BATCH_ROWS = 131_072;

/** One step of execution over whole binding tables. Synchronous: everything it needs is in memory. */
export interface Operator {
  apply(table: BindingTable): BindingTable;
  /** Parts of `table` whose outputs each stay near {@link BATCH_ROWS}; undefined when the table needs no splitting. */
  split?(table: BindingTable): Iterable<BindingTable> | undefined;
}

/**
 * Sends `table` through the operators from `start` on and hands every resulting batch to `accept`. Yields the rows of each part between
 * parts: the caller may pause there.
 */
export function* runOperators(operators: readonly Operator[], table: BindingTable, accept: (batch: BindingTable) => void, start = 0): Generator<number, void> {
  let current = table;
  for (let i = start; i < operators.length; i++) {
    if (current.rowCount === 0) return;
    const operator = operators[i] as Operator;
    const parts = operator.split?.(current);
    if (parts !== undefined) {
      for (const part of parts) {
        yield* runOperators(operators, operator.apply(part), accept, i + 1);
        yield Math.max(part.rowCount, BATCH_ROWS);
      }
      return;
    }
    current = operator.apply(current);
  }
  if (current.rowCount > 0) accept(current);
}

/** Runs to the end without pausing. */
export function drain(run: Generator<number, void>): void {
  while (run.next().done !== true);
}
