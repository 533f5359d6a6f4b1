import type { Column, Validity } from "./column.js";
import { copyBytes } from "./copy-bytes.js";
import { columnTooLong, OFFSET_MAX } from "./offset-limit.js";

/**
 * The cells of `column` at `rows[0 … count)`, in that order; a row may occur any number of times.
 *
 * @param rows row numbers of `column`
 * @throws ResourceLimitExceededError when text or items pass the reach of 32-bit offsets
 */
export function takeRows(column: Column, rows: Uint32Array, count: number = rows.length): Column {
  const validity = takeValidity(column.validity, rows, count);
  switch (column.kind) {
    case "utf8":
    case "blob": {
      const { offsets, bytes } = takeBytes(column.offsets, column.bytes, rows, count);
      return { kind: column.kind, length: count, validity, offsets, bytes };
    }
    case "bool":
      return { kind: "bool", length: count, validity, bits: takeBits(column.bits, rows, count) };
    case "i32":
    case "date":
      return { kind: column.kind, length: count, validity, values: takeInto(new Int32Array(count), column.values, rows, count) };
    case "u32":
      return { kind: "u32", length: count, validity, values: takeInto(new Uint32Array(count), column.values, rows, count) };
    case "f32":
      return { kind: "f32", length: count, validity, values: takeInto(new Float32Array(count), column.values, rows, count) };
    case "f64":
      return { kind: "f64", length: count, validity, values: takeInto(new Float64Array(count), column.values, rows, count) };
    case "i64":
    case "datetime":
      return { kind: column.kind, length: count, validity, values: takeWords(column.values, rows, count, (buffer) => new BigInt64Array(buffer)) };
    case "u64":
      return { kind: "u64", length: count, validity, values: takeWords(column.values, rows, count, (buffer) => new BigUint64Array(buffer)) };
    case "list": {
      const { offsets, items } = takeRanges(column.offsets, rows, count);
      return { kind: "list", length: count, validity, offsets, items: takeRows(column.items, items) };
    }
    case "vector": {
      const { dimension } = column;
      const values = new Float32Array(count * dimension);
      for (let i = 0; i < count; i++) {
        const from = (rows[i] as number) * dimension;
        values.set(column.values.subarray(from, from + dimension), i * dimension);
      }
      return { kind: "vector", length: count, validity, dimension, values };
    }
  }
}

function takeInto<T extends Int32Array | Uint32Array | Float32Array | Float64Array>(out: T, values: T, rows: Uint32Array, count: number): T {
  for (let i = 0; i < count; i++) out[i] = values[rows[i] as number] as number;
  return out;
}

/** Copies 64-bit values as word pairs: a `bigint` per cell would allocate. */
function takeWords<T>(values: BigInt64Array | BigUint64Array, rows: Uint32Array, count: number, view: (buffer: ArrayBuffer) => T): T {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const out = new Uint32Array(count * 2);
  for (let i = 0; i < count; i++) {
    const from = (rows[i] as number) * 2;
    out[2 * i] = words[from] as number;
    out[2 * i + 1] = words[from + 1] as number;
  }
  return view(out.buffer);
}

function takeBytes(offsets: Int32Array, bytes: Uint8Array, rows: Uint32Array, count: number): { offsets: Int32Array; bytes: Uint8Array } {
  const outOffsets = new Int32Array(count + 1);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    total += (offsets[row + 1] as number) - (offsets[row] as number);
    outOffsets[i + 1] = total;
  }
  if (total > OFFSET_MAX) throw columnTooLong(total);
  const out = new Uint8Array(total);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    const start = offsets[row] as number;
    const end = offsets[row + 1] as number;
    copyBytes(bytes, start, end, out, at);
    at += end - start;
  }
  return { offsets: outOffsets, bytes: out };
}

/** Rows of a list column as new offsets and the item rows they cover, in order. */
function takeRanges(offsets: Int32Array, rows: Uint32Array, count: number): { offsets: Int32Array; items: Uint32Array } {
  const outOffsets = new Int32Array(count + 1);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    total += (offsets[row + 1] as number) - (offsets[row] as number);
    outOffsets[i + 1] = total;
  }
  if (total > OFFSET_MAX) throw columnTooLong(total);
  const items = new Uint32Array(total);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    const end = offsets[row + 1] as number;
    for (let item = offsets[row] as number; item < end; item++) items[at++] = item;
  }
  return { offsets: outOffsets, items };
}

function takeBits(bits: Uint8Array, rows: Uint32Array, count: number): Uint8Array {
  const out = new Uint8Array((count + 7) >> 3);
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    if (((bits[row >> 3] as number) & (1 << (row & 7))) !== 0) out[i >> 3] = (out[i >> 3] as number) | (1 << (i & 7));
  }
  return out;
}

function takeValidity(validity: Validity, rows: Uint32Array, count: number): Validity {
  return validity === undefined ? undefined : takeBits(validity, rows, count);
}
