import type { VectorColumn } from "../columnar/column.js";

const f = Math.fround;

/**
 * Squared Euclidean distance of row `row` to `query` in 32-bit arithmetic (SR-15): eight running sums, added up in pairs. The order of
 * the additions is part of the result, which is why every way to compute it must keep it.
 */
export function squaredDistance({ values, dimension }: VectorColumn, row: number, query: Float32Array): number {
  const start = row * dimension;
  let s0 = f(0);
  let s1 = f(0);
  let s2 = f(0);
  let s3 = f(0);
  let s4 = f(0);
  let s5 = f(0);
  let s6 = f(0);
  let s7 = f(0);
  const whole = dimension - (dimension % 8);
  for (let i = 0, at = start; i < whole; i += 8, at += 8) {
    const d0 = f((values[at] as number) - (query[i] as number));
    const d1 = f((values[at + 1] as number) - (query[i + 1] as number));
    const d2 = f((values[at + 2] as number) - (query[i + 2] as number));
    const d3 = f((values[at + 3] as number) - (query[i + 3] as number));
    const d4 = f((values[at + 4] as number) - (query[i + 4] as number));
    const d5 = f((values[at + 5] as number) - (query[i + 5] as number));
    const d6 = f((values[at + 6] as number) - (query[i + 6] as number));
    const d7 = f((values[at + 7] as number) - (query[i + 7] as number));
    s0 = f(s0 + f(d0 * d0));
    s1 = f(s1 + f(d1 * d1));
    s2 = f(s2 + f(d2 * d2));
    s3 = f(s3 + f(d3 * d3));
    s4 = f(s4 + f(d4 * d4));
    s5 = f(s5 + f(d5 * d5));
    s6 = f(s6 + f(d6 * d6));
    s7 = f(s7 + f(d7 * d7));
  }
  let sum = f(f(f(f(s0 + s4) + f(s1 + s5)) + f(f(s2 + s6) + f(s3 + s7))));
  for (let i = whole; i < dimension; i++) {
    const difference = f((values[start + i] as number) - (query[i] as number));
    sum = f(sum + f(difference * difference));
  }
  return sum;
}
