import { must } from "@omnigraphdb/common";
import { isNull } from "../../columnar/column.js";
import { type BindingTable, boundByteCount, concatBindings, gather, unitTable } from "../binding-table.js";
import { type Operand, operandRows } from "../operand.js";
import type { CrossOperation } from "../prepared-plan.js";
import type { QueryRun } from "../query-run.js";
import { addCell, type CellNumbering, codeNumbering, makeCellNumbering } from "./cell-numbering.js";
import { type Operator, runOperators } from "./operator.js";
import { splitByWeight } from "./split-by-weight.js";
import { NOT_FOUND } from "./word-pair-table.js";

/** Pairs every row with every row of an independent component, or with those of equal value (EX-12). */
export function makeCross(operation: CrossOperation, inner: readonly Operator[], run: QueryRun): Operator {
  const { equality } = operation;
  if (equality !== undefined) return makeHashJoin(operation, inner, run.operand(equality.outer), run.operand(equality.inner), run);
  let innerTable: BindingTable | undefined;
  const rows = (): BindingTable => must(innerTable, "the inner rows are there before an outer row asks for them");
  function* prepare(): Generator<void, void> {
    innerTable = yield* collect(inner, run);
  }
  return {
    prepare: () => (innerTable === undefined ? prepare() : undefined),
    apply(table: BindingTable): BindingTable {
      const right = rows();
      const rowCount = table.rowCount * right.rowCount;
      run.budget.admit(rowCount * 4 * operation.liveSlots.length);
      const columns = operation.liveSlots.reduce<(Uint32Array | undefined)[]>((all, slot) => {
        const rightColumn = right.columns[slot];
        const leftColumn = table.columns[slot];
        if (rightColumn !== undefined) all[slot] = repeatWhole(rightColumn, table.rowCount);
        else if (leftColumn !== undefined) all[slot] = repeatEach(leftColumn, right.rowCount);
        return all;
      }, new Array<Uint32Array | undefined>(table.columns.length).fill(undefined));
      return { rowCount, columns };
    },
    split: (table) => splitByWeight(table, run.tuning.batchRows, () => rows().rowCount),
  };
}

/** The inner rows, evaluated once and only if an outer row asks for them; held until the query ends. */
function* collect(operators: readonly Operator[], run: QueryRun): Generator<void, BindingTable> {
  const batches: BindingTable[] = [];
  const { slotCount } = run.prepared;
  let byteCount = 0;
  yield* runOperators(operators, unitTable(slotCount), (batch) => {
    const added = boundByteCount(batch);
    run.budget.hold(added);
    byteCount += added;
    batches.push(batch);
  });
  if (batches.length > 1) run.budget.admit(byteCount);
  return concatBindings(batches, slotCount);
}

function repeatWhole(column: Uint32Array, times: number): Uint32Array {
  const out = new Uint32Array(column.length * times);
  for (let i = 0; i < times; i++) out.set(column, i * column.length);
  return out;
}

function repeatEach(column: Uint32Array, times: number): Uint32Array {
  const out = new Uint32Array(column.length * times);
  for (let i = 0; i < column.length; i++) out.fill(column[i] as number, i * times, (i + 1) * times);
  return out;
}

/** Inner row positions by number of their value: those of value n are `positions[offsets[n] … offsets[n + 1])`, ascending. */
interface JoinIndex {
  readonly rows: BindingTable;
  readonly values: CellNumbering;
  readonly offsets: Uint32Array;
  readonly positions: Uint32Array;
}

/** Rows looked at between two chances to pause. */
const STEP_ROWS = 65_536;

function makeHashJoin(operation: CrossOperation, innerOperators: readonly Operator[], outer: Operand, inner: Operand, run: QueryRun): Operator {
  let built: JoinIndex | undefined;
  const index = (): JoinIndex => must(built, "the join index is there before an outer row asks for it");
  function* prepare(): Generator<void, void> {
    built = yield* buildJoinIndex(yield* collect(innerOperators, run), inner, outer, run);
  }
  const { column } = outer.view;
  /** By outer position, the number of its value among the inner rows. */
  const valuesOf = (table: BindingTable): Int32Array => {
    const { values } = index();
    const rows = operandRows(outer, table);
    const numbers = new Int32Array(table.rowCount);
    for (let k = 0; k < numbers.length; k++) numbers[k] = isNull(column, rows[k] as number) ? NOT_FOUND : values.find(rows[k] as number);
    return numbers;
  };
  return {
    prepare: () => (built === undefined ? prepare() : undefined),
    apply(table: BindingTable): BindingTable {
      const { rows, offsets, positions } = index();
      const values = valuesOf(table);
      const matchCount = (value: number): number => (value === NOT_FOUND ? 0 : (offsets[value + 1] as number) - (offsets[value] as number));
      const total = values.reduce((sum, value) => sum + matchCount(value), 0);
      run.budget.admit(total * 4 * (operation.liveSlots.length + 2));
      const left = new Uint32Array(total);
      const right = new Uint32Array(total);
      let at = 0;
      for (let k = 0; k < values.length; k++) {
        const value = values[k] as number;
        if (value === NOT_FOUND) continue;
        const end = offsets[value + 1] as number;
        for (let i = offsets[value] as number; i < end; i++) {
          left[at] = k;
          right[at++] = positions[i] as number;
        }
      }
      const columns = new Array<Uint32Array | undefined>(table.columns.length).fill(undefined);
      for (const slot of operation.liveSlots) {
        const rightColumn = rows.columns[slot];
        const leftColumn = table.columns[slot];
        if (rightColumn !== undefined) columns[slot] = gather(rightColumn, right, total);
        else if (leftColumn !== undefined) columns[slot] = gather(leftColumn, left, total);
      }
      return { rowCount: total, columns };
    },
    split(table: BindingTable): Iterable<BindingTable> | undefined {
      const { offsets } = index();
      const values = valuesOf(table);
      return splitByWeight(table, run.tuning.batchRows, (k) => {
        const value = values[k] as number;
        // A row without a match takes its time as well.
        return value === NOT_FOUND ? 1 : 1 + (offsets[value + 1] as number) - (offsets[value] as number);
      });
    },
  };
}

function* buildJoinIndex(rows: BindingTable, inner: Operand, outer: Operand, run: QueryRun): Generator<void, JoinIndex> {
  const values = inner.view === outer.view && inner.view.hasCodes ? codeNumbering(inner.view) : makeCellNumbering(inner.view, outer.view);
  // A component without rows binds no columns.
  if (rows.rowCount === 0) return { rows, values, offsets: new Uint32Array(1), positions: new Uint32Array(0) };
  run.budget.hold(rows.rowCount * 12);
  const cells = operandRows(inner, rows);
  const valueOf = new Int32Array(rows.rowCount);
  let heldBytes = 0;
  for (let k = 0; k < rows.rowCount; k++) {
    valueOf[k] = addCell(values, inner.view, cells[k] as number);
    if (k % STEP_ROWS !== 0) continue;
    run.budget.hold(values.byteCount - heldBytes);
    heldBytes = values.byteCount;
    yield;
  }
  const offsets = new Uint32Array(values.count + 1);
  for (const value of valueOf) if (value !== NOT_FOUND) offsets[value + 1] = (offsets[value + 1] as number) + 1;
  for (let value = 0; value < values.count; value++) offsets[value + 1] = (offsets[value + 1] as number) + (offsets[value] as number);
  yield;
  const next = offsets.slice();
  const positions = new Uint32Array(offsets.at(-1) as number);
  for (let k = 0; k < rows.rowCount; k++) {
    const value = valueOf[k] as number;
    if (value === NOT_FOUND) continue;
    const at = next[value] as number;
    positions[at] = k;
    next[value] = at + 1;
  }
  return { rows, values, offsets, positions };
}
