import { must } from "@omnigraphdb/common";
import type { EntityType, PropertyType } from "@omnigraphdb/compiler";
import { HASH_COLUMN, ID_COLUMN, REVISION_COLUMN, SOURCE_COLUMN, SOURCE_HASH_COLUMN, TARGET_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import type { Column, ColumnKind } from "./column.js";

/** Column kind that stores values of a scalar type; of a list's items for a list type. */
export function scalarKindOf(type: PropertyType): ColumnKind {
  switch (type.base.kind) {
    case "String":
      return "utf8";
    case "Bool":
      return "bool";
    case "I32":
      return "i32";
    case "I64":
      return "i64";
    case "U32":
      return "u32";
    case "U64":
      return "u64";
    case "F32":
      return "f32";
    case "F64":
      return "f64";
    case "Date":
      return "date";
    case "DateTime":
      return "datetime";
    case "Blob":
      return "blob";
    case "Vector":
      return "vector";
  }
}

/** A column of `length` nulls, or of no rows. */
export function nullColumn(type: PropertyType, length: number): Column {
  const validity = length === 0 ? undefined : new Uint8Array((length + 7) >> 3);
  if (type.isList) return { kind: "list", length, validity, offsets: new Int32Array(length + 1), items: nullColumn({ ...type, isList: false }, 0) };
  const kind = scalarKindOf(type);
  switch (kind) {
    case "utf8":
    case "blob":
      return { kind, length, validity, offsets: new Int32Array(length + 1), bytes: new Uint8Array(0) };
    case "bool":
      return { kind, length, validity, bits: new Uint8Array((length + 7) >> 3) };
    case "i32":
    case "date":
      return { kind, length, validity, values: new Int32Array(length) };
    case "u32":
      return { kind, length, validity, values: new Uint32Array(length) };
    case "i64":
    case "datetime":
      return { kind, length, validity, values: new BigInt64Array(length) };
    case "u64":
      return { kind, length, validity, values: new BigUint64Array(length) };
    case "f32":
      return { kind, length, validity, values: new Float32Array(length) };
    case "f64":
      return { kind, length, validity, values: new Float64Array(length) };
    default: {
      const dimension = type.base.kind === "Vector" ? type.base.dimension : 1;
      return { kind: "vector", length, validity, dimension, values: new Float32Array(length * dimension) };
    }
  }
}

const SYSTEM_COLUMN_TYPES: ReadonlyMap<string, "String" | "U64" | "I64"> = new Map([
  [ID_COLUMN, "String"],
  [SOURCE_COLUMN, "String"],
  [TARGET_COLUMN, "String"],
  [HASH_COLUMN, "U64"],
  [SOURCE_HASH_COLUMN, "U64"],
  [TARGET_HASH_COLUMN, "U64"],
  [REVISION_COLUMN, "I64"],
]);

/** The stored column `name` of a dataset without rows. */
export function emptyColumnOf(type: EntityType, name: string): Column {
  const system = SYSTEM_COLUMN_TYPES.get(name);
  if (system !== undefined) return nullColumn({ base: { kind: system }, isList: false, isNullable: false }, 0);
  return nullColumn(must(type.propertyByName.get(name), `${type.name} has no column ${name}`).type, 0);
}
