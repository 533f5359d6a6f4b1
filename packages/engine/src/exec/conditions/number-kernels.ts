import type { NumberView } from "../../cache/column-view.js";
import type { NumberRange } from "../../value/exact-numbers.js";

/**
 * Writes the positions k with a passing cell at `rows[k]` to `out`, ascending; returns how many. One function body per array type keeps
 * the compiled code monomorphic.
 */
export type Kernel = (rows: Uint32Array, count: number, out: Uint32Array) => number;

export function rangeKernel(view: Extract<NumberView, { kind: "number" }>, range: NumberRange): Kernel {
  const { values, validity } = view;
  const select = values instanceof Int32Array ? selectInt32 : values instanceof Uint32Array ? selectUint32 : selectFloat;
  const kernel: Kernel = (rows, count, out) => select(values as never, range, rows, count, out);
  if (validity === undefined) return kernel;
  return (rows, count, out) => {
    const selected = kernel(rows, count, out);
    let kept = 0;
    for (let i = 0; i < selected; i++) {
      const k = out[i] as number;
      const row = rows[k] as number;
      if (((validity[row >> 3] as number) & (1 << (row & 7))) !== 0) out[kept++] = k;
    }
    return kept;
  };
}

// The loops write every position and advance past those that pass: a branch on data would be mispredicted every few rows.

function selectInt32(values: Int32Array, { low, high, isNegated }: NumberRange, rows: Uint32Array, count: number, out: Uint32Array): number {
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const value = values[rows[k] as number] as number;
    out[kept] = k;
    kept += (value >= low && value <= high) !== isNegated ? 1 : 0;
  }
  return kept;
}

function selectUint32(values: Uint32Array, { low, high, isNegated }: NumberRange, rows: Uint32Array, count: number, out: Uint32Array): number {
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const value = values[rows[k] as number] as number;
    out[kept] = k;
    kept += (value >= low && value <= high) !== isNegated ? 1 : 0;
  }
  return kept;
}

function selectFloat(values: Float32Array | Float64Array, range: NumberRange, rows: Uint32Array, count: number, out: Uint32Array): number {
  const { low, high, acceptsNaN, isNegated } = range;
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const value = values[rows[k] as number] as number;
    const isInside = (value >= low && value <= high) || (acceptsNaN && value !== value);
    out[kept] = k;
    kept += isInside !== isNegated ? 1 : 0;
  }
  return kept;
}
