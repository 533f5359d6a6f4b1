import type { EntityType, Property } from "@omnigraphdb/compiler";
import { assert } from "@omnigraphdb/common";
import { isNull, type Utf8Column } from "../columnar/column.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumn } from "../columnar/row-batch.js";
import type { ValueRule } from "./value-rule.js";

/** W13, VA-11: exact membership, element by element in lists. */
export function enumRule(type: EntityType, property: Property, allowedValues: readonly string[], rank: number): ValueRule {
  const encoder = new TextEncoder();
  const allowed = allowedValues.map((value) => encoder.encode(value));
  const describe = (value: string): string =>
    `invalid enum value '${value}' for ${type.name}.${property.name} (expected: ${allowedValues.join(", ")})`;
  return {
    kind: "enum",
    rank,
    check(batch, report) {
      const column = requireColumn(batch, property.name);
      const texts = column.kind === "list" ? column.items : column;
      assert(texts.kind === "utf8", "an enum column holds text");
      for (let row = 0; row < column.length; row++) {
        if (isNull(column, row)) continue;
        const start = column.kind === "list" ? (column.offsets[row] as number) : row;
        const end = column.kind === "list" ? (column.offsets[row + 1] as number) : row + 1;
        for (let item = start; item < end; item++) {
          if (isAllowed(texts, item, allowed)) continue;
          report(row, describe(decodeUtf8(texts.bytes, texts.offsets[item] as number, texts.offsets[item + 1] as number)));
          break;
        }
      }
    },
  };
}

function isAllowed(column: Utf8Column, row: number, allowed: readonly Uint8Array[]): boolean {
  const start = column.offsets[row] as number;
  const length = (column.offsets[row + 1] as number) - start;
  candidates: for (const value of allowed) {
    if (value.length !== length) continue;
    for (let i = 0; i < length; i++) if (column.bytes[start + i] !== value[i]) continue candidates;
    return true;
  }
  return false;
}
