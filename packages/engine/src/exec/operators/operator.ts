import { type BindingTable, sliceBindings } from "../binding-table.js";
import type { ExecutionTrace, FinalStep } from "../trace.js";
import type { Operation } from "../prepared-plan.js";

/** A result, or work towards it that yields wherever the caller may pause: every some ten thousand steps. */
export type Work<T> = T | Generator<void, T>;

/** One step of execution over whole binding tables. Everything it needs is in memory. */
export interface Operator {
  /** Work before the first table, done at most once; undefined when there is none or it is done. */
  prepare?(): Generator<void, void> | undefined;
  apply(table: BindingTable): Work<BindingTable>;
  /** Parts of `table` whose outputs each stay near the batch size; undefined when the table needs no splitting. */
  split?(table: BindingTable): Iterable<BindingTable> | undefined;
}

/** Rows of one operator call at most: some milliseconds, between which a query can be stopped. */
const PART_ROWS_MAX = 262_144;

/**
 * Sends `table` through the operators from `start` on and hands every resulting batch to `accept`. Yields between
 * parts: the caller may pause there.
 */
export function* runOperators(operators: readonly Operator[], table: BindingTable, accept: (batch: BindingTable) => Work<void>, start = 0): Generator<void, void> {
  let current = table;
  for (let i = start; i < operators.length; i++) {
    if (current.rowCount === 0) return;
    const operator = operators[i] as Operator;
    const preparation = operator.prepare?.();
    if (preparation !== undefined) yield* preparation;
    const parts = operator.split?.(current) ?? slices(current);
    if (parts !== undefined) {
      for (const part of parts) {
        const output = operator.apply(part);
        yield* runOperators(operators, isRunning(output) ? yield* output : output, accept, i + 1);
        yield;
      }
      return;
    }
    const output = operator.apply(current);
    current = isRunning(output) ? yield* output : output;
  }
  if (current.rowCount === 0) return;
  for (const part of slices(current) ?? [current]) {
    const work = accept(part);
    if (isRunning(work)) yield* work;
  }
}

function slices(table: BindingTable): Iterable<BindingTable> | undefined {
  return table.rowCount <= PART_ROWS_MAX ? undefined : partsOf(table);
}

function* partsOf(table: BindingTable): Generator<BindingTable> {
  for (let start = 0; start < table.rowCount; start += PART_ROWS_MAX) yield sliceBindings(table, start, Math.min(table.rowCount, start + PART_ROWS_MAX));
}

function isRunning<T>(work: Work<T>): work is Generator<void, T> {
  return typeof work === "object" && work !== null && "next" in work;
}

/** The operator with its time and rows reported to `trace`. */
export function traced(operator: Operator, operation: Operation, trace: ExecutionTrace): Operator {
  return {
    *apply(table) {
      const output = yield* tracedWork(trace, operation, () => operator.apply(table));
      trace.rows(operation, { input: table.rowCount, output: output.rowCount });
      return output;
    },
    prepare() {
      const preparation = operator.prepare?.();
      return preparation === undefined ? undefined : tracedWork(trace, operation, () => preparation);
    },
    split: (table) => tracedParts(trace, operation, operator.split?.(table)),
  };
}

/** Runs `work` to its end, counting its time, and not that of its pauses, for `of`. */
export function* tracedWork<T>(trace: ExecutionTrace | undefined, of: Operation | FinalStep, work: () => Work<T>): Generator<void, T> {
  trace?.enter(of);
  const begun = work();
  if (!isRunning(begun)) {
    trace?.leave();
    return begun;
  }
  for (let step = begun.next(); ; step = begun.next()) {
    trace?.leave();
    if (step.done === true) return step.value;
    yield;
    trace?.enter(of);
  }
}

function tracedParts(trace: ExecutionTrace, of: Operation, parts: Iterable<BindingTable> | undefined): Iterable<BindingTable> | undefined {
  if (parts === undefined) return undefined;
  return (function* () {
    const iterator = parts[Symbol.iterator]();
    for (;;) {
      trace.enter(of);
      const part = iterator.next();
      trace.leave();
      if (part.done === true) return;
      yield part.value;
    }
  })();
}
