import type { PropertyType, Value } from "@omnigraphdb/compiler";
import type { Column } from "../columnar/column.js";
import { createColumnBuilder } from "../columnar/column-builder.js";
import type { Cell } from "../columnar/read-cell.js";
import { encodeUtf8 } from "../value/utf8.js";

/**
 * A column of one row with a constant of the declared type. A list literal takes its type from its first item (TY-3): one that mixes
 * integers and floats is a column of doubles.
 */
export function constantColumn(type: PropertyType, value: Value): Column {
  // Most constants of most queries; a builder makes room for many rows.
  if (value.kind === "string" && type.base.kind === "String" && !type.isList) {
    const bytes = encodeUtf8(value.value);
    return { kind: "utf8", length: 1, validity: undefined, offsets: Int32Array.of(0, bytes.length), bytes };
  }
  const items = value.kind === "list" ? value.items : [value];
  const hasFloat = items.some((item) => item.kind === "float");
  const stored: PropertyType = hasFloat && type.base.kind !== "F32" ? { ...type, base: { kind: "F64" } } : type;
  const builder = createColumnBuilder(stored);
  builder.appendCell(cellOf(value, stored));
  return builder.freeze();
}

function cellOf(value: Value, type: PropertyType): Cell {
  switch (value.kind) {
    case "null":
      return null;
    case "string":
    case "bool":
    case "float":
      return value.value;
    case "integer":
      return type.base.kind === "I64" || type.base.kind === "U64" ? value.value : Number(value.value);
    case "date":
      return value.days;
    case "datetime":
      return BigInt(value.ms);
    case "list":
      return value.items.map((item) => cellOf(item, type));
    case "vector":
      return Float32Array.from(value.values);
    case "blob":
    case "unreadable":
      throw new TypeError(`a constant of kind ${value.kind} is refused before a run`);
  }
}
