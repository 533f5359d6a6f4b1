import type { PropertyType } from "@omnigraphdb/compiler";
import { describe, expect, test } from "vitest";
import { createColumnBuilder } from "../columnar/column-builder.js";
import type { Column } from "../columnar/column.js";
import type { Cell } from "../columnar/read-cell.js";
import { cellsEqual } from "./cells-equal.js";

function column(type: PropertyType, cell: Cell): Column {
  const builder = createColumnBuilder(type);
  builder.appendCell(cell);
  return builder.freeze();
}

function typeOf(base: PropertyType["base"], isList = false): PropertyType {
  return { base, isList, isNullable: true };
}

const nan = (payload: number): Float32Array => new Float32Array(Uint32Array.of(0x7fc0_0000 | payload).buffer);

describe("MG-55 MG-57 equality of cells", () => {
  test.each<[string, PropertyType, Cell, Cell, boolean]>([
    ["null and the empty text", typeOf({ kind: "String" }), null, "", false],
    ["two nulls", typeOf({ kind: "String" }), null, null, true],
    ["texts of equal length", typeOf({ kind: "String" }), "ab", "ac", false],
    ["null and the empty list", typeOf({ kind: "String" }, true), null, [], false],
    ["the empty list and a list of an empty text", typeOf({ kind: "String" }, true), [], [""], false],
    ["lists of the same bytes", typeOf({ kind: "String" }, true), ["a", "b"], ["ab"], false],
    ["a null in a list and an empty text", typeOf({ kind: "String" }, true), ["a", null], ["a", ""], false],
    ["equal lists with nulls", typeOf({ kind: "String" }, true), ["a", null], ["a", null], true],
    ["both zeros", typeOf({ kind: "F64" }), 0, -0, true],
    ["NaN and NaN", typeOf({ kind: "F64" }), Number.NaN, Number.NaN, true],
    ["both zeros in a vector", typeOf({ kind: "Vector", dimension: 2 }), Float32Array.of(0, 1), Float32Array.of(-0, 1), true],
    ["vectors", typeOf({ kind: "Vector", dimension: 2 }), Float32Array.of(0, 1), Float32Array.of(1, 0), false],
    ["a null vector and zeros", typeOf({ kind: "Vector", dimension: 2 }), null, Float32Array.of(0, 0), false],
    ["NaNs of different bits", typeOf({ kind: "Vector", dimension: 1 }), nan(1), nan(2), false],
    ["a null blob and an empty one", typeOf({ kind: "Blob" }), null, new Uint8Array(0), false],
    ["blobs", typeOf({ kind: "Blob" }), Uint8Array.of(1, 2), Uint8Array.of(1, 2), true],
    ["64-bit integers beyond doubles", typeOf({ kind: "I64" }), 9_007_199_254_740_993n, 9_007_199_254_740_992n, false],
    ["null and zero", typeOf({ kind: "I32" }), null, 0, false],
    ["null and false", typeOf({ kind: "Bool" }), null, false, false],
  ])("%s", (_name, type, left, right, equal) => {
    expect(cellsEqual(column(type, left), 0, column(type, right), 0)).toBe(equal);
    expect(cellsEqual(column(type, right), 0, column(type, left), 0)).toBe(equal);
  });
});
