import { must } from "@omnigraphdb/common";
import type { AggregateExpression, PropertyType } from "@omnigraphdb/compiler";
import { type Column, isNull } from "../../columnar/column.js";
import { nullColumn } from "../../columnar/empty-column.js";
import { takeRows } from "../../columnar/take.js";
import type { BindingTable } from "../binding-table.js";
import { type CellComparer, cellComparer } from "../conditions/compare-cells.js";
import { type Operand, operandRows } from "../operand.js";

/** Running values of one aggregate function, one per group (EX-51 … EX-53). */
export interface Accumulator {
  add(table: BindingTable, groups: Uint32Array, groupCount: number): void;
  finish(groupCount: number): Column;
}

export function makeRowCounter(): Accumulator {
  return new CountAccumulator(undefined);
}

export function makeAccumulator(expression: AggregateExpression, operand: Operand, type: PropertyType): Accumulator {
  switch (expression.function) {
    case "count":
      return new CountAccumulator(operand);
    case "sum":
      return new SumAccumulator(operand, false);
    case "avg":
      return new SumAccumulator(operand, true);
    case "min":
      return new ExtremeAccumulator(operand, type, -1);
    case "max":
      return new ExtremeAccumulator(operand, type, 1);
  }
}

export function makeMinimum(operand: Operand, type: PropertyType): Accumulator {
  return new ExtremeAccumulator(operand, type, -1);
}

function grown(values: Float64Array<ArrayBuffer>, count: number): Float64Array<ArrayBuffer> {
  if (count <= values.length) return values;
  const out = new Float64Array(Math.max(count, values.length * 2));
  out.set(values);
  return out;
}

class CountAccumulator implements Accumulator {
  readonly #operand: Operand | undefined;
  #counts = new Float64Array(1);

  constructor(operand: Operand | undefined) {
    this.#operand = operand;
  }

  add(table: BindingTable, groups: Uint32Array, groupCount: number): void {
    this.#counts = grown(this.#counts, groupCount);
    const counts = this.#counts;
    const column = this.#operand?.view.column;
    if (column?.validity === undefined) {
      if (groupCount === 1) counts[0] = (counts[0] as number) + table.rowCount;
      else for (let k = 0; k < table.rowCount; k++) counts[groups[k] as number] = (counts[groups[k] as number] as number) + 1;
      return;
    }
    const rows = operandRows(this.#operand as Operand, table);
    for (let k = 0; k < table.rowCount; k++) {
      if (!isNull(column, rows[k] as number)) counts[groups[k] as number] = (counts[groups[k] as number] as number) + 1;
    }
  }

  finish(groupCount: number): Column {
    const values = new BigInt64Array(groupCount);
    for (let group = 0; group < groupCount; group++) values[group] = BigInt(this.#counts[group] ?? 0);
    return { kind: "i64", length: groupCount, validity: undefined, values };
  }
}

/**
 * Sums with a running compensation (Neumaier), so that the result does not depend on the order in which a strategy delivers rows (EX-39)
 * beyond the last bit of a double-double.
 */
class SumAccumulator implements Accumulator {
  readonly #operand: Operand;
  readonly #isAverage: boolean;
  #sums = new Float64Array(1);
  #lost = new Float64Array(1);
  #counts = new Float64Array(1);

  constructor(operand: Operand, isAverage: boolean) {
    this.#operand = operand;
    this.#isAverage = isAverage;
  }

  add(table: BindingTable, groups: Uint32Array, groupCount: number): void {
    this.#sums = grown(this.#sums, groupCount);
    this.#lost = grown(this.#lost, groupCount);
    this.#counts = grown(this.#counts, groupCount);
    const sums = this.#sums;
    const lost = this.#lost;
    const counts = this.#counts;
    const { column } = this.#operand.view;
    const { values } = this.#operand.view.numbers();
    const rows = operandRows(this.#operand, table);
    if (values instanceof Int32Array && column.validity === undefined) {
      addIntegers(values, rows, groups, table.rowCount, sums, counts);
      return;
    }
    for (let k = 0; k < table.rowCount; k++) {
      const row = rows[k] as number;
      if (isNull(column, row)) continue;
      const group = groups[k] as number;
      const value = Number(values[row]);
      const before = sums[group] as number;
      const after = before + value;
      lost[group] = (lost[group] as number) + (Math.abs(before) >= Math.abs(value) ? before - after + value : value - after + before);
      sums[group] = after;
      counts[group] = (counts[group] as number) + 1;
    }
  }

  finish(groupCount: number): Column {
    const values = new Float64Array(groupCount);
    const validity = new Uint8Array((groupCount + 7) >> 3);
    for (let group = 0; group < groupCount; group++) {
      const count = this.#counts[group] ?? 0;
      if (count === 0) continue;
      validity[group >> 3] = (validity[group >> 3] as number) | (1 << (group & 7));
      const sum = this.#sums[group] as number;
      // What was lost to an infinity or NaN is no number.
      const total = Number.isFinite(sum) ? sum + (this.#lost[group] as number) : sum;
      values[group] = this.#isAverage ? total / count : total;
    }
    return { kind: "f64", length: groupCount, validity, values };
  }
}

/** The common case in a loop of its own: one array type, no nulls. */
function addIntegers(values: Int32Array, rows: Uint32Array, groups: Uint32Array, count: number, sums: Float64Array, counts: Float64Array): void {
  for (let k = 0; k < count; k++) {
    const group = groups[k] as number;
    sums[group] = (sums[group] as number) + (values[rows[k] as number] as number);
    counts[group] = (counts[group] as number) + 1;
  }
}

/** Remembers the row of the smallest (sign −1) or greatest (sign 1) value of each group. */
class ExtremeAccumulator implements Accumulator {
  readonly #operand: Operand;
  readonly #type: PropertyType;
  readonly #sign: 1 | -1;
  readonly #compare: CellComparer;
  /** Row of the column + 1; 0 = no value yet. */
  #best = new Float64Array(1);

  constructor(operand: Operand, type: PropertyType, sign: 1 | -1) {
    this.#operand = operand;
    this.#type = type;
    this.#sign = sign;
    this.#compare = cellComparer(operand.view, operand.view);
  }

  add(table: BindingTable, groups: Uint32Array, groupCount: number): void {
    this.#best = grown(this.#best, groupCount);
    const best = this.#best;
    const { column } = this.#operand.view;
    const rows = operandRows(this.#operand, table);
    for (let k = 0; k < table.rowCount; k++) {
      const row = rows[k] as number;
      if (isNull(column, row)) continue;
      const group = groups[k] as number;
      const current = best[group] as number;
      if (current === 0 || (current !== row + 1 && this.#compare(row, current - 1) * this.#sign > 0)) best[group] = row + 1;
    }
  }

  finish(groupCount: number): Column {
    const { column } = this.#operand.view;
    const found: number[] = [];
    const validity = new Uint8Array((groupCount + 7) >> 3);
    for (let group = 0; group < groupCount; group++) {
      const best = this.#best[group] ?? 0;
      if (best === 0) continue;
      found.push(group);
      validity[group >> 3] = (validity[group >> 3] as number) | (1 << (group & 7));
    }
    if (found.length === 0) return nullColumn(this.#type, groupCount);
    // Groups without a value take some valid row, hidden by the validity bits.
    const any = must(this.#best[found[0] as number], "a group with a value");
    const rows = Uint32Array.from({ length: groupCount }, (_, group) => (this.#best[group] || any) - 1);
    const taken = takeRows(column, rows);
    return found.length === groupCount ? { ...taken, validity: undefined } : { ...taken, validity };
  }
}
