import type { EntityType, PropertyType } from "@omnigraphdb/compiler";
import type { RowBatch } from "../columnar/column.js";
import { type Cell, readCell } from "../columnar/read-cell.js";
import { requireColumn } from "../columnar/row-batch.js";
import { ID_COLUMN, SOURCE_COLUMN, TARGET_COLUMN } from "../storage/dataset-schema.js";

/** Bytes of the blobs of one row by property; null where there is none. */
export type RowBlobs = ReadonlyMap<string, Uint8Array | null>;

/** Renders row `row` of a batch as one line that `load` reads back (EX-2, EX-6), line feed included. Blobs are not taken from the batch. */
export type RecordEncoder = (batch: RowBatch, row: number, blobs: RowBlobs) => string;

/** Columns an encoder reads. Blobs are so large that they are read row by row, once their row is due. */
export function exportColumns(type: EntityType): readonly string[] {
  const system = type.kind === "node" ? [ID_COLUMN] : [ID_COLUMN, SOURCE_COLUMN, TARGET_COLUMN];
  const blobs = new Set(blobProperties(type));
  return [...system, ...type.properties.map(({ name }) => name).filter((name) => !blobs.has(name))];
}

export function blobProperties(type: EntityType): readonly string[] {
  return type.properties.filter((property) => property.type.base.kind === "Blob").map(({ name }) => name);
}

export function recordEncoder(type: EntityType): RecordEncoder {
  const name = JSON.stringify(type.name);
  const properties = type.properties.map((property) => ({
    name: property.name,
    prefix: `,${JSON.stringify(property.name)}:`,
    type: property.type,
    isBlob: property.type.base.kind === "Blob",
  }));
  const text = (batch: RowBatch, column: string, row: number): string => JSON.stringify(readCell(requireColumn(batch, column), row));
  return (batch, row, blobs) => {
    const head =
      type.kind === "node"
        ? `{"type":${name},"data":{"id":`
        : `{"edge":${name},"from":${text(batch, SOURCE_COLUMN, row)},"to":${text(batch, TARGET_COLUMN, row)},"data":{"id":`;
    let line = head + text(batch, ID_COLUMN, row);
    for (const property of properties) {
      const cell = property.isBlob ? (blobs.get(property.name) ?? null) : readCell(requireColumn(batch, property.name), row);
      line += property.prefix + cellToLoadJson(cell, property.type);
    }
    return `${line}}}\n`;
  };
}

/** JSON text of a cell in the load format: dates as days, datetimes as milliseconds, blobs as `base64:…`. */
function cellToLoadJson(cell: Cell, type: PropertyType): string {
  if (cell === null) return "null";
  switch (typeof cell) {
    case "string":
      return JSON.stringify(cell);
    case "number":
      return numberText(cell);
    case "bigint":
    case "boolean":
      return cell.toString();
    default:
      if (cell instanceof Uint8Array) return `"base64:${Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString("base64")}"`;
      if (cell instanceof Float32Array) return `[${Array.from(cell, numberText).join(",")}]`;
      return `[${cell.map((item) => cellToLoadJson(item, { ...type, isList: false })).join(",")}]`;
  }
}

/** Reads back to the same value; `String` would lose the sign of zero. */
function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
