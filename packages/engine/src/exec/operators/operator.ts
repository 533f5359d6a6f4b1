import type { BindingTable } from "../binding-table.js";

/** One step of execution over whole binding tables. Synchronous: everything it needs is in memory. */
export interface Operator {
  /** The output, or work towards it that yields wherever the caller may pause. */
  apply(table: BindingTable): BindingTable | Generator<void, BindingTable>;
  /** Parts of `table` whose outputs each stay near the batch size; undefined when the table needs no splitting. */
  split?(table: BindingTable): Iterable<BindingTable> | undefined;
}

/**
 * Sends `table` through the operators from `start` on and hands every resulting batch to `accept`. Yields between
 * parts: the caller may pause there.
 */
export function* runOperators(operators: readonly Operator[], table: BindingTable, accept: (batch: BindingTable) => void, start = 0): Generator<void, void> {
  let current = table;
  for (let i = start; i < operators.length; i++) {
    if (current.rowCount === 0) return;
    const operator = operators[i] as Operator;
    const parts = operator.split?.(current);
    if (parts !== undefined) {
      for (const part of parts) {
        yield* runOperators(operators, yield* applied(operator, part), accept, i + 1);
        yield;
      }
      return;
    }
    current = yield* applied(operator, current);
  }
  if (current.rowCount > 0) accept(current);
}

function* applied(operator: Operator, table: BindingTable): Generator<void, BindingTable> {
  const output = operator.apply(table);
  return "rowCount" in output ? output : yield* output;
}

/** Runs to the end without pausing. */
export function drain(run: Generator<void, void>): void {
  while (run.next().done !== true);
}
