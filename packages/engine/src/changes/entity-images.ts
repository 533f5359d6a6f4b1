import type { EntityType } from "@omnigraphdb/compiler";
import { type Cell, readCell } from "../columnar/read-cell.js";
import { requireColumn } from "../columnar/row-batch.js";
import type { BatchRow } from "../delta/cells-equal.js";
import { lookUpRows } from "../delta/row-lookup.js";
import type { CellJson } from "../result/cell-to-json.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { ID_COLUMN, SOURCE_COLUMN, TARGET_COLUMN } from "../storage/dataset-schema.js";
import type { EntityImage } from "./change.js";

/** `endpoints` leaves the properties out, and reads nothing of nodes. */
export type ImageParts = "all" | "endpoints";

/** Images of entities of one state, by id. */
export async function readImages(
  type: EntityType,
  dataset: PinnedDataset | undefined,
  ids: readonly string[],
  parts: ImageParts,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, EntityImage>> {
  const images = new Map<string, EntityImage>();
  if (parts === "endpoints" && type.kind === "node") return images;
  const properties = parts === "all" ? type.properties.map(({ name }) => name) : [];
  const endpoints = type.kind === "edge" ? [SOURCE_COLUMN, TARGET_COLUMN] : [];
  const rows = await lookUpRows(dataset, [ID_COLUMN, ...endpoints, ...properties], ids, signal);
  for (const [id, row] of rows) images.set(id, imageOf(type, row, properties));
  return images;
}

function imageOf(type: EntityType, row: BatchRow, names: readonly string[]): EntityImage {
  const properties = Object.fromEntries(names.map((name) => [name, imageValue(cellOf(row, name))]));
  if (type.kind === "node") return { properties };
  return { properties, endpoints: { from: cellOf(row, SOURCE_COLUMN) as string, to: cellOf(row, TARGET_COLUMN) as string } };
}

function cellOf({ batch, row }: BatchRow, name: string): Cell {
  return readCell(requireColumn(batch, name), row);
}

/** As an export writes it (EX-6). */
function imageValue(cell: Cell): CellJson {
  if (cell === null || typeof cell === "string" || typeof cell === "boolean" || typeof cell === "bigint") return cell;
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : String(cell);
  if (cell instanceof Uint8Array) return `base64:${Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString("base64")}`;
  return Array.from(cell, imageValue);
}
