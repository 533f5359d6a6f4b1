import { isNull, type Utf8Column } from "../../columnar/column.js";
import type { Kernel } from "./number-kernels.js";

/** `cell = needle` or `cell != needle`. */
export function equalTextKernel(column: Utf8Column, needle: Uint8Array, isNegated: boolean): Kernel {
  const { offsets, bytes } = column;
  const size = needle.length;
  return (rows, count, out) => {
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const row = rows[k] as number;
      const start = offsets[row] as number;
      const isEqual = (offsets[row + 1] as number) - start === size && startsAt(bytes, start, needle);
      if (isEqual !== isNegated && !isNull(column, row)) out[kept++] = k;
    }
    return kept;
  };
}

function startsAt(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  for (let i = 0; i < needle.length; i++) if (bytes[at + i] !== needle[i]) return false;
  return true;
}

/** Whether `needle` occurs in `bytes[start … end)`; the empty one always does (EX-25). */
export function occursIn(bytes: Uint8Array, start: number, end: number, needle: Uint8Array): boolean {
  if (needle.length === 0) return true;
  const last = end - needle.length;
  const first = needle[0];
  for (let at = start; at <= last; at++) {
    if (bytes[at] === first && startsAt(bytes, at, needle)) return true;
  }
  return false;
}

/** Whether the cell begins with `needle`. */
export function hasPrefix(column: Utf8Column, row: number, needle: Uint8Array): boolean {
  const start = column.offsets[row] as number;
  return (column.offsets[row + 1] as number) - start >= needle.length && startsAt(column.bytes, start, needle);
}

export function textBytes(column: Utf8Column, row: number): Uint8Array {
  return column.bytes.subarray(column.offsets[row], column.offsets[row + 1]);
}
