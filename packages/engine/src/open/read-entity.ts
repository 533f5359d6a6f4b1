import { findEntityType } from "@omnigraphdb/compiler";
import type { BlobColumn, Column } from "../columnar/column.js";
import { isNull } from "../columnar/column.js";
import { requireColumn } from "../columnar/row-batch.js";
import { TypeNotInSnapshotError } from "../commit-graph/errors.js";
import type { Snapshot } from "../manifest/snapshot.js";
import { type CellJson, columnCellToJson } from "../result/cell-to-json.js";
import type { DatasetGateway } from "../storage/dataset-gateway.js";
import { ID_COLUMN, SOURCE_COLUMN, TARGET_COLUMN } from "../storage/dataset-schema.js";

/** An entity with its id, its endpoints if it is an edge, and all its properties. */
export type EntityJson = Readonly<Record<string, CellJson>>;

/**
 * One entity as a snapshot shows it, or null (SN-6).
 *
 * @throws TypeNotInSnapshotError
 */
export async function readEntity(datasets: DatasetGateway, snapshot: Snapshot, typeKey: string, id: string): Promise<EntityJson | null> {
  const entry = snapshot.entries.get(typeKey);
  const type = findEntityType(snapshot.catalog, typeKey);
  if (entry === undefined || type === undefined) throw new TypeNotInSnapshotError(typeKey);
  const endpoints = type.kind === "edge" ? [SOURCE_COLUMN, TARGET_COLUMN] : [];
  const columns = [ID_COLUMN, ...endpoints, ...type.properties.map((property) => property.name)];
  const dataset = await datasets.openPinned(entry.location, entry.publishedVersion);
  const filter = { kind: "compare", column: ID_COLUMN, operator: "=", value: { kind: "string", value: id } } as const;
  for await (const batch of dataset.scan({ columns, filter, rowCountMax: 1 })) {
    if (batch.rowCount === 0) continue;
    return Object.fromEntries(columns.map((name) => [name, cellOf(requireColumn(batch, name))]));
  }
  return null;
}

function cellOf(column: Column): CellJson {
  if (column.kind !== "blob") return columnCellToJson(column, 0);
  return isNull(column, 0) ? null : `base64:${blobBytes(column).toString("base64")}`;
}

function blobBytes(column: BlobColumn): Buffer {
  return Buffer.from(column.bytes.subarray(column.offsets[0], column.offsets[1]));
}
