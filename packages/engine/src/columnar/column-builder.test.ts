import type { PropertyType, ScalarName } from "@omnigraphdb/compiler";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ColumnBuilder, createColumnBuilder } from "./column-builder.js";
import { type Cell, readCell } from "./read-cell.js";

const scalar = (kind: ScalarName, isList = false): PropertyType => ({ base: { kind }, isList, isNullable: true });

const KINDS: readonly (readonly [PropertyType, fc.Arbitrary<Cell>])[] = [
  [scalar("String"), fc.string({ unit: "binary", maxLength: 60 })],
  [scalar("Blob"), fc.uint8Array({ maxLength: 60 })],
  [scalar("Bool"), fc.boolean()],
  [scalar("I32"), fc.integer()],
  [scalar("Date"), fc.integer()],
  [scalar("U32"), fc.nat(0xffff_ffff)],
  [scalar("I64"), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [scalar("DateTime"), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [scalar("U64"), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  [scalar("F32"), fc.float()],
  [scalar("F64"), fc.double()],
  [scalar("String", true), fc.array(fc.string({ maxLength: 5 }), { maxLength: 4 })],
  [scalar("U64", true), fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 4 })],
  [{ base: { kind: "Vector", dimension: 3 }, isList: false, isNullable: true }, fc.tuple(fc.float(), fc.float(), fc.float()).map((items) => Float32Array.from(items))],
];

function build(builder: ColumnBuilder, cells: readonly Cell[]): Cell[] {
  for (const cell of cells) builder.appendCell(cell);
  expect(builder.length).toBe(cells.length);
  const column = builder.freeze();
  expect(builder.length).toBe(0);
  expect(column.length).toBe(cells.length);
  return cells.map((_, row) => readCell(column, row));
}

test.each(KINDS)("cells come back from a %j column, batch after batch from one builder", (type, cell) => {
  const cells = fc.array(fc.option(cell, { freq: 4 }), { maxLength: 200 });
  fc.assert(
    fc.property(cells, cells, (first, second) => {
      const builder = createColumnBuilder(type);
      expect(build(builder, first)).toEqual(first);
      expect(build(builder, second)).toEqual(second);
    }),
    { numRuns: 60 },
  );
});

test.each(KINDS)("rows are copied from another %j column", (type, cell) => {
  fc.assert(
    fc.property(fc.array(fc.option(cell, { freq: 4 }), { minLength: 1, maxLength: 40 }), (cells) => {
      const source = createColumnBuilder(type);
      for (const item of cells) source.appendCell(item);
      const column = source.freeze();
      const copy = createColumnBuilder(type);
      for (let row = cells.length - 1; row >= 0; row--) copy.appendFrom(column, row);
      const copied = copy.freeze();
      expect(cells.map((_, row) => readCell(copied, row))).toEqual(cells.toReversed());
    }),
    { numRuns: 60 },
  );
});
