import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ColumnView } from "../../cache/column-view.js";
import type { Cell } from "../../columnar/read-cell.js";
import { columnOf } from "../../../test-support/row-batches.js";
import { makeCellNumbering } from "./cell-numbering.js";
import { sortedPositions } from "./sort.js";
import { NOT_FOUND, WordPairTable } from "./word-pair-table.js";

const viewOf = (kind: "String" | "I64" | "U64" | "F64", cells: readonly Cell[]): ColumnView => new ColumnView(columnOf({ base: { kind }, isList: false, isNullable: false }, cells));

/** Numbers `values` and looks up `others`; both must agree with a map. */
function expectAgreement(view: ColumnView, other: ColumnView, values: readonly Cell[], others: readonly Cell[], keyOf: (cell: Cell) => unknown): void {
  const numbering = makeCellNumbering(view, other);
  const expected = new Map<unknown, number>();
  values.forEach((value, row) => {
    const key = keyOf(value);
    if (!expected.has(key)) expected.set(key, expected.size);
    expect(numbering.add(row)).toBe(expected.get(key));
  });
  expect(numbering.count).toBe(expected.size);
  others.forEach((value, row) => expect(numbering.find(row)).toBe(expected.get(keyOf(value)) ?? NOT_FOUND));
}

describe("numbers of equal cells", () => {
  test("text", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 3_000 }), fc.array(fc.string({ maxLength: 3 })), (values, others) => {
        expectAgreement(viewOf("String", values), viewOf("String", others), values, others, (cell) => cell);
      }),
      { numRuns: 40 },
    );
  });

  test("EX-24 integers of every size meet each other and doubles by value", () => {
    const limits = [0n, -1n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n + 3n];
    const signed = fc.oneof(fc.constantFrom(...limits), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    const unsigned = fc.oneof(fc.constantFrom(2n ** 64n - 1n, 2n ** 63n, 2n ** 53n + 1n, 0n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    const exact = (cell: Cell): unknown => (typeof cell === "number" ? (Number.isInteger(cell) ? BigInt(cell) : cell) : cell);
    fc.assert(
      fc.property(fc.array(signed, { maxLength: 400 }), fc.array(unsigned), fc.array(fc.double()), (values, wholes, doubles) => {
        expectAgreement(viewOf("I64", values), viewOf("U64", wholes), values, wholes, exact);
        expectAgreement(viewOf("I64", values), viewOf("F64", [...doubles, ...values.map(Number)]), values, [...doubles, ...values.map(Number)], exact);
      }),
      { numRuns: 40 },
    );
  });

  test("zero has one sign and NaN equals itself", () => {
    const cells = [0, -0, NaN, -NaN, 1];
    const numbering = makeCellNumbering(viewOf("F64", cells), viewOf("F64", cells));
    expect(cells.map((_, row) => numbering.add(row))).toEqual([0, 0, 1, 1, 2]);
  });

  test("a hundred thousand pairs keep their numbers while the table grows", () => {
    const table = new WordPairTable();
    for (let i = 0; i < 100_000; i++) expect(table.add(i % 317, Math.floor(i / 317) * 65_536, i)).toBe(i);
    for (let i = 0; i < 100_000; i += 977) expect(table.find(i % 317, Math.floor(i / 317) * 65_536)).toBe(i);
    expect(table.find(318, 0)).toBe(NOT_FOUND);
  });
});

describe("sorting that pauses", () => {
  test.each([0, 1, 5, 32_768, 32_769, 100_001, 200_000])("%i rows in order, with and without limit", (rowCount) => {
    const keys = Uint32Array.from({ length: rowCount }, (_, i) => Math.imul(i, 0x9e37_79b1) >>> 7);
    const compare = (a: number, b: number): number => (keys[a] as number) - (keys[b] as number) || a - b;
    const expected = Uint32Array.from(keys.keys()).sort(compare);
    for (const limit of [Infinity, Math.floor(rowCount / 2), 7]) {
      const work = sortedPositions(rowCount, compare, limit);
      let pauses = 0;
      let step = work.next();
      for (; step.done !== true; step = work.next()) pauses++;
      expect(step.value).toEqual(expected.subarray(0, Math.min(rowCount, limit)));
      if (rowCount > 65_536) expect(pauses).toBeGreaterThan(1);
    }
  });
});
