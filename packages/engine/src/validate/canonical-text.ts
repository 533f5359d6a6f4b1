import type { Property, PropertyType } from "@omnigraphdb/compiler";
import type { Cell } from "../columnar/read-cell.js";

/**
 * Canonical text of a key or unique value (ID-3): strings as they are, decimal integers, `true`/`false`, dates as days,
 * datetimes as milliseconds, floats as the shortest decimal that reads back at their width, without exponent.
 *
 * @returns undefined for values that have none: null, non-finite floats, lists, vectors, blobs
 */
export function canonicalText(cell: Cell, type: PropertyType): string | undefined {
  switch (typeof cell) {
    case "string":
      return cell;
    case "boolean":
      return cell ? "true" : "false";
    case "bigint":
      return cell.toString();
    case "number":
      if (type.base.kind !== "F32" && type.base.kind !== "F64") return cell.toString();
      return Number.isFinite(cell) ? floatText(cell, type.base.kind === "F32") : undefined;
    default:
      return undefined;
  }
}

/** Entity id of a node from its key values in key order (ID-1, ID-2). */
export function entityIdFromKey(texts: readonly string[]): string {
  return texts.length === 1 ? (texts[0] as string) : JSON.stringify(texts);
}

/** `'p'` or `('p', 'q')`, for messages. */
export function quoteNames(properties: readonly Pick<Property, "name">[]): string {
  const names = properties.map((property) => `'${property.name}'`);
  return names.length === 1 ? (names[0] as string) : `(${names.join(", ")})`;
}

function floatText(value: number, isSingle: boolean): string {
  if (value === 0) return "0";
  return withoutExponent(isSingle ? shortestSingle(value) : value.toString());
}

const SINGLE_DIGITS_MAX = 9;

function shortestSingle(value: number): string {
  for (let digits = 1; digits < SINGLE_DIGITS_MAX; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return Number(text).toString();
  }
  return Number(value.toPrecision(SINGLE_DIGITS_MAX)).toString();
}

function withoutExponent(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponentText = "0"] = match;
  const point = whole.length + Number(exponentText);
  const digits = whole + fraction;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0")}`;
}
