import type { Column, RowBatch } from "./column.js";

/** Memory a column holds, in bytes. */
export function columnByteCount(column: Column): number {
  const validity = column.validity?.byteLength ?? 0;
  switch (column.kind) {
    case "utf8":
    case "blob":
      return validity + column.offsets.byteLength + column.bytes.byteLength;
    case "bool":
      return validity + column.bits.byteLength;
    case "list":
      return validity + column.offsets.byteLength + columnByteCount(column.items);
    default:
      return validity + column.values.byteLength;
  }
}

/** Memory the columns of a batch hold, in bytes. */
export function batchByteCount(batch: RowBatch): number {
  let byteCount = 0;
  for (const column of batch.columns.values()) byteCount += columnByteCount(column);
  return byteCount;
}
