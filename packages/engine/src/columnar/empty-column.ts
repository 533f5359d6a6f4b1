import { must } from "@omnigraphdb/common";
import type { EntityType, PropertyType } from "@omnigraphdb/compiler";
import { HASH_COLUMN, ID_COLUMN, REVISION_COLUMN, SOURCE_COLUMN, SOURCE_HASH_COLUMN, TARGET_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import type { Column } from "./column.js";
import { createColumnBuilder } from "./column-builder.js";

/** A column of `length` nulls, or of no rows. */
export function nullColumn(type: PropertyType, length: number): Column {
  const builder = createColumnBuilder(type);
  for (let row = 0; row < length; row++) builder.appendNull();
  return builder.freeze();
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
