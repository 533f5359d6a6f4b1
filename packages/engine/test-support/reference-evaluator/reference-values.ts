import { formatDate, formatDateTime, type PropertyType, type Value } from "@omnigraphdb/compiler";
import type { Cell } from "../../src/columnar/read-cell.js";

/** A value with its kind, as the specification speaks of it. Numbers of all types are one kind. */
export type ReferenceValue =
  | { readonly kind: "null" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number | bigint }
  | { readonly kind: "bool"; readonly bool: boolean }
  | { readonly kind: "date"; readonly days: number }
  | { readonly kind: "datetime"; readonly ms: bigint }
  | { readonly kind: "list"; readonly items: readonly ReferenceValue[] }
  | { readonly kind: "vector"; readonly numbers: readonly number[] };

export const NULL: ReferenceValue = { kind: "null" };

export function valueOfCell(cell: Cell, type: PropertyType): ReferenceValue {
  if (cell === null) return NULL;
  if (type.isList) return { kind: "list", items: (cell as readonly Cell[]).map((item) => valueOfCell(item, { ...type, isList: false })) };
  switch (type.base.kind) {
    case "String":
      return { kind: "text", text: cell as string };
    case "Bool":
      return { kind: "bool", bool: cell as boolean };
    case "Date":
      return { kind: "date", days: cell as number };
    case "DateTime":
      return { kind: "datetime", ms: cell as bigint };
    case "Vector":
      return { kind: "vector", numbers: [...(cell as Float32Array)] };
    case "F32":
      return { kind: "number", number: Math.fround(cell as number) };
    default:
      return { kind: "number", number: cell as number | bigint };
  }
}

export function valueOfConstant(value: Value): ReferenceValue {
  switch (value.kind) {
    case "string":
      return { kind: "text", text: value.value };
    case "bool":
      return { kind: "bool", bool: value.value };
    case "integer":
    case "float":
      return { kind: "number", number: value.value };
    case "date":
      return { kind: "date", days: value.days };
    case "datetime":
      return { kind: "datetime", ms: BigInt(value.ms) };
    case "list":
      return { kind: "list", items: value.items.map(valueOfConstant) };
    case "vector":
      return { kind: "vector", numbers: value.values };
    default:
      return NULL;
  }
}

/** EX-24: a constant compared with an F32 property is rounded first. */
export function roundedToF32(value: ReferenceValue): ReferenceValue {
  if (value.kind === "list") return { kind: "list", items: value.items.map(roundedToF32) };
  return value.kind === "number" ? { kind: "number", number: Math.fround(Number(value.number)) } : value;
}

/** EX-23, EX-24 for two non-null values; for lists and vectors OR-2. */
export function compareValues(a: ReferenceValue, b: ReferenceValue): number {
  if (a.kind === "text" && b.kind === "text") return compareCodePoints(a.text, b.text);
  if (a.kind === "number" && b.kind === "number") return compareMathematically(a.number, b.number);
  if (a.kind === "bool" && b.kind === "bool") return Number(a.bool) - Number(b.bool);
  if (a.kind === "date" && b.kind === "date") return a.days - b.days;
  if (a.kind === "datetime" && b.kind === "datetime") return a.ms < b.ms ? -1 : a.ms > b.ms ? 1 : 0;
  if (a.kind === "list" && b.kind === "list") return compareLists(a.items, b.items);
  if (a.kind === "vector" && b.kind === "vector") {
    const numbers = (values: readonly number[]): ReferenceValue[] => values.map((number) => ({ kind: "number", number }));
    return compareLists(numbers(a.numbers), numbers(b.numbers));
  }
  throw new Error(`${a.kind} does not compare with ${b.kind}`);
}

/** Null smallest (OR-2). */
export function compareForOrder(a: ReferenceValue, b: ReferenceValue): number {
  if (a.kind === "null" || b.kind === "null") return Number(b.kind === "null") - Number(a.kind === "null");
  return compareValues(a, b);
}

function compareLists(a: readonly ReferenceValue[], b: readonly ReferenceValue[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = compareForOrder(a[i] as ReferenceValue, b[i] as ReferenceValue);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a, (character) => character.codePointAt(0) as number);
  const right = Array.from(b, (character) => character.codePointAt(0) as number);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] !== right[i]) return (left[i] as number) - (right[i] as number);
  }
  return left.length - right.length;
}

/** Compares as fractions numerator / 2^1074, which every double is exactly. */
function compareMathematically(a: number | bigint, b: number | bigint): number {
  const leftRank = rank(a);
  const rightRank = rank(b);
  if (leftRank !== rightRank || leftRank !== 0) return leftRank - rightRank;
  const left = numerator(a);
  const right = numerator(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The exact sum of the numbers, rounded once. */
export function exactSum(numbers: readonly (number | bigint)[]): number {
  if (numbers.some((number) => rank(number) !== 0)) return numbers.reduce<number>((sum, number) => sum + Number(number), 0);
  const total = numbers.reduce<bigint>((sum, number) => sum + numerator(typeof number === "bigint" ? Number(number) : number), 0n);
  const size = total < 0n ? -total : total;
  const surplus = BigInt(Math.max(0, size.toString(2).length - 64));
  const leading = size >> surplus;
  // The last bit says whether anything was cut off, so that a tie is only taken for one when it is.
  const sticky = leading << surplus === size ? leading : leading | 1n;
  return (total < 0n ? -1 : 1) * Number(sticky) * 2 ** (Number(surplus) - 1074);
}

/** Infinities and NaN around the finite numbers; NaN greatest. */
function rank(value: number | bigint): number {
  if (typeof value === "bigint" || Number.isFinite(value)) return 0;
  return Number.isNaN(value) ? 2 : value > 0 ? 1 : -1;
}

function numerator(value: number | bigint): bigint {
  if (typeof value === "bigint") return value << 1074n;
  let scaled = value;
  let exponent = 0n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    exponent++;
  }
  return BigInt(scaled) << (1074n - exponent);
}

/** §12.2. */
export function referenceJson(value: ReferenceValue): unknown {
  switch (value.kind) {
    case "null":
      return null;
    case "text":
      return value.text;
    case "number":
      return typeof value.number === "bigint" || Number.isFinite(value.number) ? value.number : String(value.number);
    case "bool":
      return value.bool;
    case "date":
      return formatDate(value.days);
    case "datetime":
      return formatDateTime(Number(value.ms));
    case "list":
      return value.items.map(referenceJson);
    case "vector":
      return value.numbers.map((number) => (Number.isFinite(number) ? number : null));
  }
}
