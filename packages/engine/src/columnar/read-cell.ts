import { isNull, type Column } from "./column.js";
import { isSet } from "./validity.js";

/**
 * One value outside a column. Strings and enums are `string`; `I64`, `U64` and datetimes (milliseconds) are `bigint`;
 * dates (days) and all other numbers are `number`; blobs are bytes; vectors are views into the column.
 */
export type Cell = null | boolean | number | bigint | string | Uint8Array | Float32Array | readonly Cell[];

// `ignoreBOM`: a text that begins with U+FEFF keeps it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Below this length a loop over character codes beats the decoder's call overhead. */
const SHORT_TEXT_BYTES = 24;

export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT_TEXT_BYTES) {
    let text = "";
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (at === end) return text;
  }
  return decoder.decode(bytes.subarray(start, end));
}

/** The value of one cell; null where the column has none. */
export function readCell(column: Column, row: number): Cell {
  if (isNull(column, row)) return null;
  switch (column.kind) {
    case "utf8":
      return decodeUtf8(column.bytes, column.offsets[row] as number, column.offsets[row + 1] as number);
    case "blob":
      return column.bytes.subarray(column.offsets[row], column.offsets[row + 1]);
    case "bool":
      return isSet(column.bits, row);
    case "list": {
      const items: Cell[] = [];
      const end = column.offsets[row + 1] as number;
      for (let item = column.offsets[row] as number; item < end; item++) items.push(readCell(column.items, item));
      return items;
    }
    case "vector":
      return column.values.subarray(row * column.dimension, (row + 1) * column.dimension);
    default:
      return column.values[row] as number | bigint;
  }
}
