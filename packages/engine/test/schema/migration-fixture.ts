import { readdirSync } from "node:fs";
import { type Catalog, type EntityType, type PropertyType, openAcceptedSchema } from "@omnigraphdb/compiler";
import { readSchemaSpecification } from "@omnigraphdb/compiler/test-support";
import { expect } from "vitest";
import type { Graph } from "../../src/graph.js";
import type { ReadTarget } from "../../src/graph-api.js";

export interface MigrationRow {
  readonly id: string;
  readonly accepted: string;
  readonly desired: string;
  /** In the notation of Appendix C. */
  readonly steps: string;
}

/** Rows of Appendix C, and the long migration after its table. */
export function migrationRows(): readonly MigrationRow[] {
  const text = readSchemaSpecification();
  const appendix = text.slice(text.indexOf("## Appendix C."), text.indexOf("## Appendix D."));
  const rows = [...appendix.matchAll(/^\| (M\d+) \| `([^`]+)` \| `([^`]+)` \| (.+) \|$/gm)].map(
    ([, id = "", accepted = "", desired = "", steps = ""]): MigrationRow => ({ id, accepted, desired, steps }),
  );
  const [accepted = "", desired = ""] = [...appendix.matchAll(/```pg\n([^]*?)```/g)].map(([, source = ""]) => source);
  return [...rows, { id: "long", accepted, desired, steps: "add_type interface H; …" }];
}

export interface ExportRecord {
  readonly type?: string;
  readonly edge?: string;
  readonly from?: string;
  readonly to?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Three entities of every node type and three edges of every edge type, with a value or null in every property. */
export function sampleRecords(catalog: Catalog): readonly ExportRecord[] {
  const nodes = catalog.nodeTypes.flatMap((type) => [0, 1, 2].map((row) => ({ type: type.name, data: sampleData(type, row) })));
  const ids = new Map(catalog.nodeTypes.map((type) => [type.name, [0, 1, 2].map((row) => idOf(type, row))]));
  const edges = catalog.edgeTypes.flatMap((type) =>
    [0, 1, 2].map((row) => ({
      edge: type.name,
      from: ids.get(type.source)?.[row] ?? "",
      to: ids.get(type.target)?.[(row + 1) % 3] ?? "",
      data: { id: `${type.name}-${row}`, ...sampleData(type, row) },
    })),
  );
  return [...nodes, ...edges];
}

function idOf(type: EntityType, row: number): string {
  const key = type.kind === "node" ? type.key : [];
  if (key.length === 0) return `${type.name}-${row}`;
  const values = key.map((property) => sampleValue(property.type, row));
  return key.length === 1 ? String(values[0]) : JSON.stringify(values);
}

function sampleData(type: EntityType, row: number): Readonly<Record<string, unknown>> {
  const data: Record<string, unknown> = {};
  if (type.kind === "node" && type.key.length === 0) data["id"] = idOf(type, row);
  for (const property of type.properties) data[property.name] = property.type.isNullable && row === 1 ? null : sampleValue(property.type, row);
  return data;
}

function sampleValue({ base, isList, enumValues }: PropertyType, row: number): unknown {
  if (isList) return [sampleScalar(base, row, enumValues), sampleScalar(base, row + 1, enumValues)];
  return sampleScalar(base, row, enumValues);
}

function sampleScalar(base: PropertyType["base"], row: number, enumValues: readonly string[] | undefined): unknown {
  if (enumValues !== undefined) return enumValues[row % enumValues.length];
  switch (base.kind) {
    case "String":
      return `text ${row}`;
    case "Bool":
      return row % 2 === 0;
    case "F32":
    case "F64":
      return row + 0.5;
    case "Date":
      return `2026-01-0${row + 1}`;
    case "DateTime":
      return `2026-01-01T00:00:0${row}Z`;
    case "Blob":
      return `base64:${Buffer.from(`blob ${row}`).toString("base64")}`;
    case "Vector":
      return Array.from({ length: base.dimension }, (_, index) => index + row);
    default:
      return row;
  }
}

/** Records of an export, in its order. */
export async function exportRecords(graph: Graph, target: ReadTarget = {}): Promise<readonly ExportRecord[]> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of graph.exportJsonl({ target })) text += decoder.decode(chunk, { stream: true });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ExportRecord);
}

/** What the migration makes of `records`: names follow identities, new properties are null, dropped ones and types are gone. */
export function migrateRecords(records: readonly ExportRecord[], before: Catalog, after: Catalog): readonly ExportRecord[] {
  const successors = new Map([...after.nodeTypes, ...after.edgeTypes].map((type) => [type.typeId, type]));
  return records.flatMap((record) => {
    const old = record.type === undefined ? before.edgeTypeByName.get(record.edge ?? "") : before.nodeTypeByName.get(record.type);
    const type = old === undefined ? undefined : successors.get(old.typeId);
    if (old === undefined || type === undefined) return [];
    const oldNames = new Map(old.properties.map((property) => [property.propertyId, property.name]));
    const data = Object.fromEntries(
      type.properties.map((property) => [property.name, record.data[oldNames.get(property.propertyId) ?? ""] ?? null] as const),
    );
    const renamed = type.kind === "node" ? { type: type.name } : { edge: type.name, from: record.from ?? "", to: record.to ?? "" };
    return [{ ...renamed, data: { id: record.data["id"], ...data } }];
  });
}

/** Order of an export: by type key, then id. Members of `data` compare without order. */
export function expectSameRecords(actual: readonly ExportRecord[], expected: readonly ExportRecord[]): void {
  expect([...actual].sort(byText)).toEqual([...expected].sort(byText));
}

function byText(left: ExportRecord, right: ExportRecord): number {
  return sortKey(left) < sortKey(right) ? -1 : 1;
}

function sortKey({ type, edge, data }: ExportRecord): string {
  return `${type === undefined ? "edge" : "node"}:${type ?? edge ?? ""} ${String(data["id"])}`;
}

/** Files of the contract and its staging at a local root. */
export function schemaFilesAt(root: string): readonly string[] {
  return readdirSync(root).filter((name) => name.includes("schema") && !name.startsWith("__schemas"));
}

export const CONTRACT_FILES: readonly string[] = ["__schema_state.json", "_schema.ir.json", "_schema.pg"];

/** A copy that nothing in memory shares anything with. */
export function reread(graph: Graph): Catalog {
  return openAcceptedSchema(graph.schema.documents).catalog;
}
