import { isNull, type Column, type RowBatch } from "../columnar/column.js";
import { requireColumn } from "../columnar/row-batch.js";
import { isSet } from "../columnar/validity.js";

/** One row of a batch. */
export interface BatchRow {
  readonly batch: RowBatch;
  readonly row: number;
}

/** Whether two rows have equal cells in all of `columns`, each by its name on the left and on the right. */
export function rowsEqual(left: BatchRow, right: BatchRow, columns: readonly (readonly [left: string, right: string])[]): boolean {
  for (const [leftName, rightName] of columns) {
    if (!cellsEqual(requireColumn(left.batch, leftName), left.row, requireColumn(right.batch, rightName), right.row)) return false;
  }
  return true;
}

/**
 * Typed, total equality of two cells of one kind (MG-55): null, the empty text and the empty list are three values; lists and
 * vectors compare item by item; floats by bits, except that both zeros are one value.
 */
export function cellsEqual(a: Column, i: number, b: Column, j: number): boolean {
  if (isNull(a, i) || isNull(b, j)) return isNull(a, i) && isNull(b, j);
  switch (a.kind) {
    case "utf8":
    case "blob":
      if (b.kind !== a.kind) return false;
      return bytesEqual(a.bytes, a.offsets[i] as number, a.offsets[i + 1] as number, b.bytes, b.offsets[j] as number, b.offsets[j + 1] as number);
    case "bool":
      return b.kind === "bool" && isSet(a.bits, i) === isSet(b.bits, j);
    case "f32":
      return b.kind === "f32" && floatsEqual(a.values, i, b.values, j);
    case "f64":
      return b.kind === "f64" && floatsEqual(a.values, i, b.values, j);
    case "list":
      return b.kind === "list" && listsEqual(a.items, a.offsets[i] as number, a.offsets[i + 1] as number, b.items, b.offsets[j] as number, b.offsets[j + 1] as number);
    case "vector": {
      if (b.kind !== "vector" || b.dimension !== a.dimension) return false;
      for (let k = 0; k < a.dimension; k++) if (!floatsEqual(a.values, i * a.dimension + k, b.values, j * a.dimension + k)) return false;
      return true;
    }
    default:
      return b.kind === a.kind && a.values[i] === b.values[j];
  }
}

function listsEqual(a: Column, startA: number, endA: number, b: Column, startB: number, endB: number): boolean {
  if (endA - startA !== endB - startB) return false;
  for (let k = 0; k < endA - startA; k++) if (!cellsEqual(a, startA + k, b, startB + k)) return false;
  return true;
}

function bytesEqual(a: Uint8Array, startA: number, endA: number, b: Uint8Array, startB: number, endB: number): boolean {
  const length = endA - startA;
  if (length !== endB - startB) return false;
  for (let k = 0; k < length; k++) if (a[startA + k] !== b[startB + k]) return false;
  return true;
}

function floatsEqual(a: Float32Array | Float64Array, i: number, b: Float32Array | Float64Array, j: number): boolean {
  const left = a[i] as number;
  const right = b[j] as number;
  if (left === right) return true;
  return Number.isNaN(left) && Number.isNaN(right) && bytesEqual(bytesOf(a, i), 0, a.BYTES_PER_ELEMENT, bytesOf(b, j), 0, b.BYTES_PER_ELEMENT);
}

function bytesOf(values: Float32Array | Float64Array, index: number): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset + index * values.BYTES_PER_ELEMENT, values.BYTES_PER_ELEMENT);
}
