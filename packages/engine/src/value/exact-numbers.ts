import type { ComparisonSign } from "@omnigraphdb/compiler";

/**
 * Exact arithmetic between the number kinds of the language (EX-24): a 64-bit integer is never rounded to a double, NaN equals itself
 * and is greater than every number.
 */
export type ExactNumber = number | bigint;

/** Negative, zero or positive. `<` and `==` between a bigint and a double compare mathematical values. */
export function compareNumbers(a: ExactNumber, b: ExactNumber): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b) return 0;
  return (a !== a ? 1 : 0) - (b !== b ? 1 : 0);
}

/** The doubles that satisfy a comparison with a constant: those in `[low, high]`, and NaN if `acceptsNaN`; all others if `isNegated`. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
  readonly acceptsNaN: boolean;
  readonly isNegated: boolean;
}

const EMPTY = { low: Infinity, high: -Infinity };

/** Values x with `x sign constant`. */
export function rangeOf(sign: ComparisonSign, constant: ExactNumber): NumberRange {
  if (sign === "!=") return { ...rangeOf("=", constant), isNegated: true };
  if (constant !== constant) {
    const numbers = sign === "<" || sign === "<=" ? { low: -Infinity, high: Infinity } : EMPTY;
    return { ...numbers, acceptsNaN: sign === "=" || sign === "<=" || sign === ">=", isNegated: false };
  }
  const below = floorDouble(constant);
  const above = ceilDouble(constant);
  const isExact = below === above;
  switch (sign) {
    case "=":
      return { ...(isExact ? { low: below, high: above } : EMPTY), acceptsNaN: false, isNegated: false };
    case "<":
      if (below === -Infinity && isExact) return { ...EMPTY, acceptsNaN: false, isNegated: false };
      return { low: -Infinity, high: isExact ? nextDown(below) : below, acceptsNaN: false, isNegated: false };
    case "<=":
      return { low: -Infinity, high: below, acceptsNaN: false, isNegated: false };
    case ">":
      if (above === Infinity && isExact) return { ...EMPTY, acceptsNaN: true, isNegated: false };
      return { low: isExact ? nextUp(above) : above, high: Infinity, acceptsNaN: true, isNegated: false };
    case ">=":
      return { low: above, high: Infinity, acceptsNaN: true, isNegated: false };
  }
}

function floorDouble(value: ExactNumber): number {
  if (typeof value === "number") return value;
  const near = Number(value);
  return near > value ? nextDown(near) : near;
}

function ceilDouble(value: ExactNumber): number {
  if (typeof value === "number") return value;
  const near = Number(value);
  return near < value ? nextUp(near) : near;
}

const scratch = new Float64Array(1);
const scratchBits = new BigInt64Array(scratch.buffer);

export function nextUp(value: number): number {
  if (value === Infinity || value !== value) return value;
  if (value === 0) return Number.MIN_VALUE;
  scratch[0] = value;
  scratchBits[0] = (scratchBits[0] as bigint) + (value > 0 ? 1n : -1n);
  return scratch[0];
}

export function nextDown(value: number): number {
  return -nextUp(-value);
}

const scratch32 = new Float32Array(1);
const scratch32Bits = new Int32Array(scratch32.buffer);

/** Rounded to the nearest 32-bit float, ties to even, in one step: an integer beyond 2^53 is not rounded to a double first. */
export function roundToFloat32(value: ExactNumber): number {
  if (typeof value === "number") return Math.fround(value);
  const near = Math.fround(Number(value));
  if (!Number.isFinite(near)) return near;
  let best = near;
  for (const candidate of [neighbor32(near, -1), neighbor32(near, 1)]) {
    if (!Number.isFinite(candidate)) continue;
    const gain = distance(best, value) - distance(candidate, value);
    if (gain > 0n || (gain === 0n && isEven32(candidate))) best = candidate;
  }
  return best;
}

function distance(float: number, value: bigint): bigint {
  const difference = BigInt(Math.trunc(float)) - value;
  return difference < 0n ? -difference : difference;
}

function neighbor32(value: number, step: 1 | -1): number {
  if (value === 0) return value;
  scratch32[0] = value;
  scratch32Bits[0] = (scratch32Bits[0] as number) + (value > 0 ? step : -step);
  return scratch32[0];
}

function isEven32(value: number): boolean {
  scratch32[0] = value;
  return ((scratch32Bits[0] as number) & 1) === 0;
}
