import { isNull } from "../../columnar/column.js";
import { type BindingTable, concatBindings, gather, unitTable } from "../binding-table.js";
import { canonicalNumber, textAt } from "../conditions/member-kernel.js";
import { type Operand, operandRows } from "../operand.js";
import type { CrossOperation } from "../prepared-plan.js";
import type { QueryRun } from "../query-run.js";
import { splitByWeight } from "./expand.js";
import { drain, type Operator, runOperators } from "./operator.js";

/** Pairs every row with every row of an independent component, or with those of equal value (EX-12). */
export function makeCross(operation: CrossOperation, inner: readonly Operator[], run: QueryRun): Operator {
  let innerTable: BindingTable | undefined;
  // Evaluated once, and only if an outer row asks for it.
  const innerRows = (): BindingTable => (innerTable ??= collect(inner, run));
  const { equality } = operation;
  if (equality !== undefined) return makeHashJoin(operation, innerRows, run.operand(equality.outer), run.operand(equality.inner), run);
  return {
    apply(table: BindingTable): BindingTable {
      const right = innerRows();
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
    split: (table) => splitByWeight(table, run.tuning.batchRows, () => innerRows().rowCount),
  };
}

function collect(operators: readonly Operator[], run: QueryRun): BindingTable {
  const batches: BindingTable[] = [];
  const { slotCount } = run.prepared;
  drain(
    runOperators(operators, unitTable(slotCount), (batch) => {
      run.budget.hold(batch.rowCount * 4 * Math.max(1, batch.columns.filter((column) => column !== undefined).length));
      batches.push(batch);
    }),
  );
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

/** Join key of a cell: equal values have equal keys (EX-24); undefined for null, which equals nothing. */
type KeyReader = (position: number) => string | number | bigint | undefined;

function keyReader(operand: Operand, other: Operand, table: BindingTable): KeyReader {
  const { column } = operand.view;
  const rows = operandRows(operand, table);
  if (column.kind === "utf8") {
    if (operand.view === other.view) {
      const { codes } = operand.view.codes();
      return (k) => codes[rows[k] as number] || undefined;
    }
    return (k) => (isNull(column, rows[k] as number) ? undefined : textAt(column, rows[k] as number));
  }
  const { values } = operand.view.numbers();
  return (k) => (isNull(column, rows[k] as number) ? undefined : canonicalNumber(values[rows[k] as number] as number | bigint));
}

/** Inner row positions by key, as chains: `first` of a key, then `next`. */
interface HashTable {
  readonly rows: BindingTable;
  readonly first: ReadonlyMap<string | number | bigint, number>;
  readonly next: Int32Array;
  readonly counts: ReadonlyMap<string | number | bigint, number>;
}

function makeHashJoin(operation: CrossOperation, innerRows: () => BindingTable, outer: Operand, inner: Operand, run: QueryRun): Operator {
  let built: HashTable | undefined;
  const hashTable = (): HashTable => (built ??= buildHashTable(innerRows(), inner, outer));
  return {
    apply(table: BindingTable): BindingTable {
      const { rows, first, next } = hashTable();
      const keyOf = keyReader(outer, inner, table);
      const left: number[] = [];
      const right: number[] = [];
      for (let k = 0; k < table.rowCount; k++) {
        const key = keyOf(k);
        if (key === undefined) continue;
        for (let at = first.get(key) ?? -1; at !== -1; at = next[at] as number) {
          left.push(k);
          right.push(at);
        }
      }
      run.budget.admit(left.length * 4 * (operation.liveSlots.length + 4));
      const leftPositions = Uint32Array.from(left);
      const rightPositions = Uint32Array.from(right);
      const columns = new Array<Uint32Array | undefined>(table.columns.length).fill(undefined);
      for (const slot of operation.liveSlots) {
        const rightColumn = rows.columns[slot];
        const leftColumn = table.columns[slot];
        if (rightColumn !== undefined) columns[slot] = gather(rightColumn, rightPositions, right.length);
        else if (leftColumn !== undefined) columns[slot] = gather(leftColumn, leftPositions, left.length);
      }
      return { rowCount: left.length, columns };
    },
    split(table: BindingTable): readonly BindingTable[] | undefined {
      const { counts } = hashTable();
      const keyOf = keyReader(outer, inner, table);
      return splitByWeight(table, run.tuning.batchRows, (k) => {
        const key = keyOf(k);
        return key === undefined ? 0 : (counts.get(key) ?? 0);
      });
    },
  };
}

function buildHashTable(rows: BindingTable, inner: Operand, outer: Operand): HashTable {
  const first = new Map<string | number | bigint, number>();
  const counts = new Map<string | number | bigint, number>();
  const next = new Int32Array(rows.rowCount);
  // A component without rows binds no columns.
  if (rows.rowCount === 0) return { rows, first, next, counts };
  const keyOf = keyReader(inner, outer, rows);
  for (let at = rows.rowCount - 1; at >= 0; at--) {
    const key = keyOf(at);
    if (key === undefined) continue;
    next[at] = first.get(key) ?? -1;
    first.set(key, at);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return { rows, first, next, counts };
}
