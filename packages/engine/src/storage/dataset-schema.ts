import type { EntityType, Property, PropertyType } from "@omnigraphdb/compiler";

/** Hidden engine columns (DG-6): in every dataset, never in results, exports, schema text or diffs. */
export const ID_COLUMN = "id";
export const SOURCE_COLUMN = "src";
export const TARGET_COLUMN = "dst";
export const HASH_COLUMN = "__h";
export const SOURCE_HASH_COLUMN = "__sh";
export const TARGET_HASH_COLUMN = "__dh";
/** Native dataset version that last wrote the row (DG-8); filled by the gateway with the planned version. */
export const REVISION_COLUMN = "__rev";

export type DatasetColumn =
  | { readonly name: string; readonly role: "id" | "endpoint"; readonly isNullable: false }
  | { readonly name: string; readonly role: "hash"; readonly isNullable: false }
  | { readonly name: string; readonly role: "revision"; readonly isNullable: false }
  | { readonly name: string; readonly role: "property"; readonly type: PropertyType; readonly isNullable: boolean };

/**
 * Physical columns of one type's dataset, in order: `id`, (`src`, `dst`), the properties ascending by name, hidden
 * columns last (schema specification §10.1, DG-4, DG-6). Stored nullability follows the declared type. Columns that a schema
 * apply adds come after all others and renamed ones stay where they are: everybody addresses columns by name.
 */
export interface DatasetSchema {
  readonly columns: readonly DatasetColumn[];
  /**
   * Columns that get an ordered scalar index when the dataset is created (IX-5): `id`; on nodes `__h`, by which writes look for
   * existing ids; on edges `__sh` and `__dh`.
   */
  readonly indexedColumns: readonly string[];
}

export function datasetSchemaOf(type: EntityType): DatasetSchema {
  const properties = type.properties.map(propertyColumnOf);
  const id: DatasetColumn = { name: ID_COLUMN, role: "id", isNullable: false };
  const hash: DatasetColumn = { name: HASH_COLUMN, role: "hash", isNullable: false };
  const revision: DatasetColumn = { name: REVISION_COLUMN, role: "revision", isNullable: false };
  if (type.kind === "node") return { columns: [id, ...properties, hash, revision], indexedColumns: [ID_COLUMN, HASH_COLUMN] };
  const endpoints = [SOURCE_COLUMN, TARGET_COLUMN].map((name): DatasetColumn => ({ name, role: "endpoint", isNullable: false }));
  const hashes = [SOURCE_HASH_COLUMN, TARGET_HASH_COLUMN].map((name): DatasetColumn => ({ name, role: "hash", isNullable: false }));
  return {
    columns: [id, ...endpoints, ...properties, hash, ...hashes, revision],
    indexedColumns: [ID_COLUMN, SOURCE_HASH_COLUMN, TARGET_HASH_COLUMN],
  };
}

export function propertyColumnOf({ name, type }: Property): DatasetColumn {
  return { name, role: "property", type, isNullable: type.isNullable };
}
