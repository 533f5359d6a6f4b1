import { isNull } from "../../columnar/column.js";
import type { NumberView } from "../../cache/column-view.js";
import type { NumberRange } from "./exact-numbers.js";

/**
 * Writes the positions k with a passing cell at `rows[k]` to `out`, ascending; returns how many. One function body per array type keeps
 * the compiled code monomorphic.
 */
export type Kernel = (rows: Uint32Array, count: number, out: Uint32Array) => number;

export function rangeKernel(view: Extract<NumberView, { kind: "number" }>, range: NumberRange): Kernel {
  const { values } = view;
  const cells: Cells = { length: values.length, validity: view.validity };
  if (values instanceof Int32Array) return (rows, count, out) => selectInt32(values, cells, range, rows, count, out);
  if (values instanceof Uint32Array) return (rows, count, out) => selectUint32(values, cells, range, rows, count, out);
  return (rows, count, out) => selectFloat(values, cells, range, rows, count, out);
}

type Cells = Pick<Parameters<typeof isNull>[0], "length" | "validity">;

function isMissing(cells: Cells, row: number): boolean {
  return cells.validity !== undefined && ((cells.validity[row >> 3] as number) & (1 << (row & 7))) === 0;
}

function selectInt32(values: Int32Array, cells: Cells, range: NumberRange, rows: Uint32Array, count: number, out: Uint32Array): number {
  const { low, high, isNegated } = range;
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const row = rows[k] as number;
    const value = values[row] as number;
    if ((value >= low && value <= high) !== isNegated && !isMissing(cells, row)) out[kept++] = k;
  }
  return kept;
}

function selectUint32(values: Uint32Array, cells: Cells, range: NumberRange, rows: Uint32Array, count: number, out: Uint32Array): number {
  const { low, high, isNegated } = range;
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const row = rows[k] as number;
    const value = values[row] as number;
    if ((value >= low && value <= high) !== isNegated && !isMissing(cells, row)) out[kept++] = k;
  }
  return kept;
}

function selectFloat(values: Float32Array | Float64Array, cells: Cells, range: NumberRange, rows: Uint32Array, count: number, out: Uint32Array): number {
  const { low, high, acceptsNaN, isNegated } = range;
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const row = rows[k] as number;
    const value = values[row] as number;
    const isInside = (value >= low && value <= high) || (acceptsNaN && value !== value);
    if (isInside !== isNegated && !isMissing(cells, row)) out[kept++] = k;
  }
  return kept;
}
