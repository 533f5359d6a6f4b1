import { JsonNumber } from "@omnigraphdb/common";
import { isLosslessNumber } from "lossless-json";

/**
 * Compact JSON of plain data: `bigint` prints as an integer, numbers that keep their text print it, members without a value are left
 * out, and -0 keeps its sign. A number that JSON cannot express is an error of the caller.
 */
export function stringifyJson(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "boolean":
      return String(value);
    case "bigint":
      return value.toString();
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no form in JSON`);
      return Object.is(value, -0) ? "-0" : String(value);
    case "object":
      return value === null ? "null" : stringifyObject(value);
    default:
      throw new TypeError(`a ${typeof value} has no form in JSON`);
  }
}

function stringifyObject(value: object): string {
  if (value instanceof JsonNumber) return value.text;
  if (isLosslessNumber(value)) return value.value;
  if (Array.isArray(value)) return `[${value.map((item: unknown) => (item === undefined ? "null" : stringifyJson(item))).join(",")}]`;
  const members = Object.entries(value).flatMap(([name, member]: [string, unknown]) => (member === undefined ? [] : [`${JSON.stringify(name)}:${stringifyJson(member)}`]));
  return `{${members.join(",")}}`;
}
