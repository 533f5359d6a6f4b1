import { assert, assertNever } from "@omnigraphdb/common";
import type { ComparisonOperator, ComparisonSign } from "@omnigraphdb/compiler";
import { ColumnView } from "../../cache/column-view.js";
import { type Column, isNull, type ListColumn, type Utf8Column } from "../../columnar/column.js";
import { MIRRORED_SIGN } from "../../value/comparison.js";
import { rangeOf, roundToFloat32 } from "../../value/exact-numbers.js";
import type { BindingTable } from "../binding-table.js";
import { CONSTANT, type Operand, operandRows } from "../operand.js";
import { cellComparer } from "./compare-cells.js";
import { memberOfConstant } from "./member-kernel.js";
import { type Kernel, rangeKernel } from "./number-kernels.js";
import { equalTextKernel, hasPrefix, occursIn, textBytes } from "./text-kernels.js";

/** Positions of the rows that satisfy a condition, ascending; `out` holds at least `table.rowCount`. Returns how many. */
export type RowFilter = (table: BindingTable, out: Uint32Array) => number;

/** Tests a pair of cells: row i of the left column, row j of the right one. */
export type CellTest = (i: number, j: number) => boolean;

/**
 * The tightest loop for one condition over the columns at hand: compiled once per query run. A null operand never satisfies (EX-22).
 */
export function compileCondition(operator: ComparisonOperator, left: Operand, right: Operand): RowFilter {
  if (isNullConstant(left) || isNullConstant(right)) return () => 0;
  const a = withFloat32Rounding(left, right);
  const b = withFloat32Rounding(right, left);
  switch (operator) {
    case "member":
      return compileMember(a, b);
    case "substring":
    case "prefix":
      return pairFilter(a, b, textTest(operator, a, b));
    case "=":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compileComparison(operator, a, b);
    default:
      return assertNever(operator);
  }
}

/** The condition for one pair of cells at a time: for loops that stop at the first match. */
export function compileCellTest(operator: ComparisonOperator, left: Operand, right: Operand): CellTest {
  if (isNullConstant(left) || isNullConstant(right)) return () => false;
  const a = withFloat32Rounding(left, right);
  const b = withFloat32Rounding(right, left);
  const leftColumn = a.view.column;
  const rightColumn = b.view.column;
  if (operator === "=" && a.view === b.view && leftColumn.kind === "utf8") {
    const { codes } = a.view.codes();
    return (i, j) => codes[i] === codes[j] && codes[i] !== 0;
  }
  const test = validCellTest(operator, a, b);
  if (leftColumn.validity === undefined && rightColumn.validity === undefined) return test;
  return (i, j) => !isNull(leftColumn, i) && !isNull(rightColumn, j) && test(i, j);
}

function validCellTest(operator: ComparisonOperator, left: Operand, right: Operand): CellTest {
  switch (operator) {
    case "member": {
      const { column } = left.view;
      assert(column.kind === "list", "membership needs a list");
      return listTest(column, right);
    }
    case "substring":
    case "prefix":
      return textTest(operator, left, right);
    default:
      return signTest(operator, cellComparer(left.view, right.view));
  }
}

function isNullConstant(operand: Operand): boolean {
  return operand.slot === CONSTANT && isNull(operand.view.column, 0);
}

/** EX-24: a constant that meets an F32 property rounds to F32 first. */
function withFloat32Rounding(operand: Operand, other: Operand): Operand {
  if (!other.isFloat32Property || operand.slot !== CONSTANT || operand.isFloat32Property) return operand;
  return { ...operand, view: new ColumnView(roundedToFloat32(operand.view.column)) };
}

function roundedToFloat32(column: Column): Column {
  if (column.kind === "list") return { ...column, items: roundedToFloat32(column.items) };
  if (!("values" in column) || column.kind === "vector") return column;
  const values = Float32Array.from(column.values as Iterable<number | bigint>, roundToFloat32);
  return { kind: "f32", length: column.length, validity: column.validity, values };
}

function compileComparison(sign: ComparisonSign, left: Operand, right: Operand): RowFilter {
  if (left.slot === CONSTANT && right.slot !== CONSTANT) return compileComparison(MIRRORED_SIGN[sign], right, left);
  const kernel = right.slot === CONSTANT && left.slot !== CONSTANT ? constantKernel(sign, left, right) : undefined;
  if (kernel !== undefined) return (table, out) => kernel(operandRows(left, table), table.rowCount, out);
  if ((sign === "=" || sign === "!=") && left.view === right.view && left.view.column.kind === "utf8") return sameColumnFilter(sign, left, right);
  const compare = cellComparer(left.view, right.view);
  return pairFilter(left, right, signTest(sign, compare));
}

function constantKernel(sign: ComparisonSign, left: Operand, right: Operand): Kernel | undefined {
  const { column } = left.view;
  const constant = right.view.column;
  if (column.kind === "utf8") {
    if ((sign !== "=" && sign !== "!=") || constant.kind !== "utf8") return undefined;
    return equalTextKernel(column, textBytes(constant, 0), sign === "!=");
  }
  if (column.kind === "list" || column.kind === "vector" || column.kind === "blob") return undefined;
  const numbers = left.view.numbers();
  if (numbers.kind === "big") return undefined;
  return rangeKernel(numbers, rangeOf(sign, right.view.numbers().values[0] as number | bigint));
}

/** Two bindings of one text column: equal texts have equal codes. */
function sameColumnFilter(sign: "=" | "!=", left: Operand, right: Operand): RowFilter {
  const { codes } = left.view.codes();
  const isNegated = sign === "!=";
  return (table, out) => {
    const a = operandRows(left, table);
    const b = operandRows(right, table);
    let kept = 0;
    for (let k = 0; k < table.rowCount; k++) {
      const x = codes[a[k] as number] as number;
      const y = codes[b[k] as number] as number;
      out[kept] = k;
      kept += x !== 0 && y !== 0 && (x === y) !== isNegated ? 1 : 0;
    }
    return kept;
  };
}

function signTest(sign: ComparisonSign, compare: (i: number, j: number) => number): CellTest {
  switch (sign) {
    case "=":
      return (i, j) => compare(i, j) === 0;
    case "!=":
      return (i, j) => compare(i, j) !== 0;
    case "<":
      return (i, j) => compare(i, j) < 0;
    case "<=":
      return (i, j) => compare(i, j) <= 0;
    case ">":
      return (i, j) => compare(i, j) > 0;
    case ">=":
      return (i, j) => compare(i, j) >= 0;
  }
}

function textTest(operator: "substring" | "prefix", left: Operand, right: Operand): CellTest {
  const hay = utf8Of(left);
  const needles = utf8Of(right);
  const constant = right.slot === CONSTANT ? textBytes(needles, 0) : undefined;
  if (operator === "prefix") return (i, j) => hasPrefix(hay, i, constant ?? textBytes(needles, j));
  return (i, j) => occursIn(hay.bytes, hay.offsets[i] as number, hay.offsets[i + 1] as number, constant ?? textBytes(needles, j));
}

function utf8Of(operand: Operand): Utf8Column {
  const { column } = operand.view;
  assert(column.kind === "utf8", "a text operator needs text");
  return column;
}

function compileMember(left: Operand, right: Operand): RowFilter {
  const list = left.view.column;
  assert(list.kind === "list", "membership needs a list");
  if (left.slot === CONSTANT && right.slot !== CONSTANT) return memberOfConstant(list, right);
  return pairFilter(left, right, listTest(list, right));
}

/** EX-26: some non-null item of the list equals the cell. */
function listTest(list: ListColumn, right: Operand): CellTest {
  const { items, offsets } = list;
  const compare = cellComparer(new ColumnView(items), right.view);
  return (i, j) => {
    const end = offsets[i + 1] as number;
    for (let item = offsets[i] as number; item < end; item++) {
      if (!isNull(items, item) && compare(item, j) === 0) return true;
    }
    return false;
  };
}

function pairFilter(left: Operand, right: Operand, test: CellTest): RowFilter {
  const a = left.view.column;
  const b = right.view.column;
  return (table, out) => {
    const leftRows = operandRows(left, table);
    const rightRows = operandRows(right, table);
    let kept = 0;
    for (let k = 0; k < table.rowCount; k++) {
      const i = leftRows[k] as number;
      const j = rightRows[k] as number;
      if (!isNull(a, i) && !isNull(b, j) && test(i, j)) out[kept++] = k;
    }
    return kept;
  };
}
