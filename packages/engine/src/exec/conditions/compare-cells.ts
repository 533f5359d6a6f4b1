import { assert } from "@omnigraphdb/common";
import { ColumnView, compareTexts } from "../../cache/column-view.js";
import { type Column, isNull } from "../../columnar/column.js";
import { compareNumbers } from "../../value/exact-numbers.js";

/** Sign of (cell i of the left column) − (cell j of the right one). Both cells must be valid. */
export type CellComparer = (i: number, j: number) => number;

/** Comparer of two columns whose types the checker found compatible (TY-5): EX-23, EX-24; lists and vectors item by item, shorter first (OR-2). */
export function cellComparer(left: ColumnView, right: ColumnView): CellComparer {
  const a = left.column;
  const b = right.column;
  if (a.kind === "utf8") {
    assert(b.kind === "utf8", "text compares with text only");
    return (i, j) => compareTexts(a, i, b, j);
  }
  if (a.kind === "list") {
    assert(b.kind === "list", "a list compares with a list only");
    const items = nullableComparer(a.items, b.items);
    return (i, j) => compareRanges(a.offsets[i] as number, a.offsets[i + 1] as number, b.offsets[j] as number, b.offsets[j + 1] as number, items);
  }
  if (a.kind === "vector") {
    assert(b.kind === "vector", "a vector compares with a vector only");
    const components: CellComparer = (i, j) => compareNumbers(a.values[i] as number, b.values[j] as number);
    return (i, j) => compareRanges(i * a.dimension, (i + 1) * a.dimension, j * b.dimension, (j + 1) * b.dimension, components);
  }
  const leftNumbers = left.numbers();
  const rightNumbers = right.numbers();
  const x = leftNumbers.values;
  const y = rightNumbers.values;
  return (i, j) => compareNumbers(x[i] as number | bigint, y[j] as number | bigint);
}

function nullableComparer(left: Column, right: Column): CellComparer {
  const valid = cellComparer(new ColumnView(left), new ColumnView(right));
  return (i, j) => {
    const leftNull = isNull(left, i);
    const rightNull = isNull(right, j);
    if (leftNull || rightNull) return Number(rightNull) - Number(leftNull);
    return valid(i, j);
  };
}

function compareRanges(a: number, aEnd: number, b: number, bEnd: number, items: CellComparer): number {
  for (; a < aEnd && b < bEnd; a++, b++) {
    const difference = items(a, b);
    if (difference !== 0) return difference;
  }
  return aEnd - a - (bEnd - b);
}
