import type { EntityType, Property } from "@omnigraphdb/compiler";
import { isNull, type Utf8Column } from "../columnar/column.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import type { ValueRule } from "./value-rule.js";

/** W13, VA-11: exact, case-sensitive membership. The language has no lists of enums. */
export function enumRule(type: EntityType, property: Property, allowedValues: readonly string[], rank: number): ValueRule {
  const encoder = new TextEncoder();
  const allowed = allowedValues.map((value) => encoder.encode(value));
  const describe = (value: string): string =>
    `invalid enum value '${value}' for ${type.name}.${property.name} (expected: ${allowedValues.join(", ")})`;
  return {
    kind: "enum",
    rank,
    check(batch, report) {
      const column = requireColumnOf(batch, property.name, "utf8");
      for (let row = 0; row < column.length; row++) {
        if (isNull(column, row) || isAllowed(column, row, allowed)) continue;
        report(row, describe(decodeUtf8(column.bytes, column.offsets[row] as number, column.offsets[row + 1] as number)));
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
