import { type BindingTable, identityRows, sliceBindings } from "../binding-table.js";
import { type CellTest, compileCellTest } from "../conditions/compile-condition.js";
import { type Operand, operandRows } from "../operand.js";
import type { AntiJoinOperation } from "../prepared-plan.js";
import type { QueryRun } from "../query-run.js";
import { applyFilter } from "./filter.js";
import { type Operator, runOperators } from "./operator.js";

/**
 * The frequent shape `not { $outer edge $inner …conditions }`: walks each row's neighbours and stops at the first that satisfies the
 * conditions, without building inner rows. Undefined for any other shape.
 */
export function makeNeighborAntiJoin(operation: AntiJoinOperation, run: QueryRun): Operator | undefined {
  const [expand, ...rest] = operation.operations;
  if (expand?.kind !== "expand" || expand.maxHops !== 1 || expand.minHops !== 1 || expand.edge !== undefined) return undefined;
  const filters = rest.filter((inner) => inner.kind === "filter");
  if (filters.length !== rest.length) return undefined;
  const { offsets, neighbors } = run.adjacencyOf(expand);
  const tests = filters.map(({ condition }): NeighborTest => {
    const left = run.operand(condition.left);
    const right = run.operand(condition.right);
    return { test: compileCellTest(condition.operator, left, right), left, right };
  });
  const selectUnmatched = (table: BindingTable, out: Uint32Array): number => {
    const origins = table.columns[expand.origin] as Uint32Array;
    const hasMatch = neighborProbe(tests, expand.target, neighbors, table);
    let kept = 0;
    for (let k = 0; k < table.rowCount; k++) {
      const origin = origins[k] as number;
      out[kept] = k;
      kept += hasMatch(k, offsets[origin] as number, offsets[origin + 1] as number) ? 0 : 1;
    }
    return kept;
  };
  return { apply: (table) => applyFilter(table, selectUnmatched, operation.liveSlots) };
}

/** Whether one of the neighbours at `[start, end)` satisfies all tests together with outer row k. */
type NeighborProbe = (k: number, start: number, end: number) => boolean;

function neighborProbe(tests: readonly NeighborTest[], target: number, neighbors: Uint32Array, table: BindingTable): NeighborProbe {
  const [first] = tests;
  if (first === undefined) return (_, start, end) => start < end;
  const bound = tests.map(({ test, left, right }) => ({ test, left: outerRows(left, target, table), right: outerRows(right, target, table) }));
  if (tests.length === 1) {
    const { test } = first;
    const left = outerRows(first.left, target, table);
    const right = outerRows(first.right, target, table);
    if (left === undefined && right !== undefined) {
      return (k, start, end) => {
        const j = right[k] as number;
        while (start < end && !test(neighbors[start] as number, j)) start++;
        return start < end;
      };
    }
    if (left !== undefined && right === undefined) {
      return (k, start, end) => {
        const i = left[k] as number;
        while (start < end && !test(i, neighbors[start] as number)) start++;
        return start < end;
      };
    }
  }
  return (k, start, end) => {
    for (let at = start; at < end; at++) {
      const neighbor = neighbors[at] as number;
      let passed = 0;
      for (const { test, left, right } of bound) {
        if (!test(left === undefined ? neighbor : (left[k] as number), right === undefined ? neighbor : (right[k] as number))) break;
        passed++;
      }
      if (passed === bound.length) return true;
    }
    return false;
  };
}

interface NeighborTest {
  readonly test: CellTest;
  readonly left: Operand;
  readonly right: Operand;
}

/** Rows of the operand's column by outer position; undefined when the operand belongs to the neighbour. */
function outerRows(operand: Operand, target: number, table: BindingTable): Uint32Array | undefined {
  return operand.slot === target ? undefined : operandRows(operand, table);
}

/** Keeps the rows for which the inner operators find no match (EX-40). The tag slot carries the row's position through them (EX-43). */
export function makeAntiJoin(operation: AntiJoinOperation, inner: readonly Operator[], outerRowsMax: number): Operator {
  const { tagSlot, liveSlots } = operation;
  function* unmatched(table: BindingTable): Generator<void, BindingTable> {
    const isMatched = new Uint8Array(table.rowCount);
    let matchedCount = 0;
    const columns = [...table.columns];
    columns[tagSlot] = identityRows(table.rowCount);
    const markMatched = (batch: BindingTable): void => {
      const tags = batch.columns[tagSlot] as Uint32Array;
      for (let k = 0; k < batch.rowCount; k++) {
        const tag = tags[k] as number;
        matchedCount += 1 - (isMatched[tag] as number);
        isMatched[tag] = 1;
      }
    };
    const work = runOperators(inner, { rowCount: table.rowCount, columns }, markMatched);
    // Nothing is left to find once every row has its match.
    while (work.next().done !== true && matchedCount < table.rowCount) yield;
    return applyFilter(table, (_, out) => collectUnmatched(isMatched, out), liveSlots);
  }
  function* slices(table: BindingTable): Generator<BindingTable> {
    for (let start = 0; start < table.rowCount; start += outerRowsMax) yield sliceBindings(table, start, Math.min(table.rowCount, start + outerRowsMax));
  }
  return {
    apply: unmatched,
    split: (table) => (table.rowCount <= outerRowsMax ? undefined : slices(table)),
  };
}

function collectUnmatched(isMatched: Uint8Array, out: Uint32Array): number {
  let kept = 0;
  for (let k = 0; k < isMatched.length; k++) if (isMatched[k] === 0) out[kept++] = k;
  return kept;
}
