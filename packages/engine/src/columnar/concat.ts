import { assert } from "@omnigraphdb/common";
import { columnTooLong, OFFSET_MAX } from "./offset-limit.js";
import type { Column, ListColumn, Utf8Column, BlobColumn, Validity } from "./column.js";

/**
 * One column with the rows of all `parts` in order. Parts are of one kind (and dimension); at least one is given.
 *
 * A single part is returned as it is.
 *
 * @throws ResourceLimitExceededError when variable-length data passes the reach of 32-bit offsets
 */
export function concatColumns(parts: readonly Column[]): Column {
  const first = parts[0];
  assert(first !== undefined, "concatColumns needs at least one part");
  if (parts.length === 1) return first;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const validity = concatValidity(parts, length);
  const numeric = <T extends Int32Array | Uint32Array | Float32Array | Float64Array | BigInt64Array | BigUint64Array>(out: T): T => {
    let at = 0;
    for (const part of parts as unknown as readonly { readonly length: number; readonly values: T }[]) {
      out.set(part.values.subarray(0, part.length) as never, at);
      at += part.length;
    }
    return out;
  };
  switch (first.kind) {
    case "utf8":
    case "blob": {
      const { offsets, bytes } = concatBytes(parts as readonly (Utf8Column | BlobColumn)[], length);
      return { kind: first.kind, length, validity, offsets, bytes };
    }
    case "bool":
      return { kind: "bool", length, validity, bits: concatBits(parts.map((part) => ({ length: part.length, bits: part.kind === "bool" ? part.bits : undefined })), length) };
    case "i32":
    case "date":
      return { kind: first.kind, length, validity, values: numeric(new Int32Array(length)) };
    case "u32":
      return { kind: "u32", length, validity, values: numeric(new Uint32Array(length)) };
    case "f32":
      return { kind: "f32", length, validity, values: numeric(new Float32Array(length)) };
    case "f64":
      return { kind: "f64", length, validity, values: numeric(new Float64Array(length)) };
    case "i64":
    case "datetime":
      return { kind: first.kind, length, validity, values: numeric(new BigInt64Array(length)) };
    case "u64":
      return { kind: "u64", length, validity, values: numeric(new BigUint64Array(length)) };
    case "list":
      return concatLists(parts as readonly ListColumn[], length, validity);
    case "vector": {
      const values = new Float32Array(length * first.dimension);
      let at = 0;
      for (const part of parts) {
        if (part.kind !== "vector") continue;
        values.set(part.values.subarray(0, part.length * part.dimension), at);
        at += part.length * part.dimension;
      }
      return { kind: "vector", length, validity, dimension: first.dimension, values };
    }
  }
}

function concatBytes(parts: readonly (Utf8Column | BlobColumn)[], length: number): { offsets: Int32Array; bytes: Uint8Array } {
  const offsets = new Int32Array(length + 1);
  const total = concatOffsets(parts, offsets);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    const data = part.bytes.subarray(part.offsets[0], part.offsets[part.length]);
    bytes.set(data, at);
    at += data.length;
  }
  return { offsets, bytes };
}

/** Fills `out` with offsets that start at zero; returns the last one. */
function concatOffsets(parts: readonly { readonly length: number; readonly offsets: Int32Array }[], out: Int32Array): number {
  let row = 0;
  let total = 0;
  for (const part of parts) {
    const base = part.offsets[0] as number;
    const size = (part.offsets[part.length] as number) - base;
    if (total + size > OFFSET_MAX) throw columnTooLong(total + size);
    for (let i = 0; i < part.length; i++) out[row + i] = total + (part.offsets[i] as number) - base;
    row += part.length;
    total += size;
  }
  out[row] = total;
  return total;
}

function concatLists(parts: readonly ListColumn[], length: number, validity: Validity): ListColumn {
  const offsets = new Int32Array(length + 1);
  concatOffsets(parts, offsets);
  const items = parts.map((part) => sliceColumn(part.items, part.offsets[0] as number, part.offsets[part.length] as number));
  return { kind: "list", length, validity, offsets, items: concatColumns(items) };
}

/** Rows `[start, end)` of `column`; shares the buffers where the layout allows. */
function sliceColumn(column: Column, start: number, end: number): Column {
  if (start === 0 && end === column.length) return column;
  const length = end - start;
  const validity = column.validity === undefined ? undefined : sliceBits(column.validity, start, length);
  switch (column.kind) {
    case "utf8":
    case "blob":
      return { ...column, length, validity, offsets: column.offsets.subarray(start, end + 1) };
    case "list":
      return { ...column, length, validity, offsets: column.offsets.subarray(start, end + 1) };
    case "bool":
      return { kind: "bool", length, validity, bits: sliceBits(column.bits, start, length) };
    case "vector":
      return { ...column, length, validity, values: column.values.subarray(start * column.dimension, end * column.dimension) };
    default:
      return { ...column, length, validity, values: column.values.subarray(start, end) } as Column;
  }
}

function sliceBits(bits: Uint8Array, start: number, length: number): Uint8Array {
  const out = new Uint8Array((length + 7) >> 3);
  copyBits(bits, start, out, 0, length);
  return out;
}

function copyBits(from: Uint8Array, fromBit: number, to: Uint8Array, toBit: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const source = fromBit + i;
    if (((from[source >> 3] as number) & (1 << (source & 7))) === 0) continue;
    const target = toBit + i;
    to[target >> 3] = (to[target >> 3] as number) | (1 << (target & 7));
  }
}

/** `undefined` bits stand for all ones. */
function concatBits(parts: readonly { readonly length: number; readonly bits: Uint8Array | undefined }[], length: number): Uint8Array {
  const out = new Uint8Array((length + 7) >> 3);
  let at = 0;
  for (const part of parts) {
    if (part.bits !== undefined && (at & 7) === 0 && (part.length & 7) === 0) out.set(part.bits.subarray(0, part.length >> 3), at >> 3);
    else if (part.bits !== undefined) copyBits(part.bits, 0, out, at, part.length);
    else for (let i = at; i < at + part.length; i++) out[i >> 3] = (out[i >> 3] as number) | (1 << (i & 7));
    at += part.length;
  }
  return out;
}

function concatValidity(parts: readonly Column[], length: number): Validity {
  if (parts.every((part) => part.validity === undefined)) return undefined;
  return concatBits(parts.map((part) => ({ length: part.length, bits: part.validity })), length);
}
