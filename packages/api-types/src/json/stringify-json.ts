import { JsonNumber } from "@omnigraphdb/common";
import { isLosslessNumber } from "lossless-json";

/**
 * Compact JSON of plain data: `bigint` prints as an integer, numbers that keep their text print it, members without a value are left
 * out, and -0 keeps its sign. A number that JSON cannot express is an error of the caller.
 */
export function stringifyJson(value: unknown): string {
  return isPlain(value) ? JSON.stringify(value) : print(value);
}

/** Whether the built-in printer, which is quicker, writes the same. */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      return value === null || isPlainObject(value);
    default:
      return false;
  }
}

function isPlainObject(value: object): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const member of Object.values(value) as unknown[]) if (member !== undefined && !isPlain(member)) return false;
  return !("toJSON" in value);
}

function print(value: unknown): string {
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
      return value === null ? "null" : printObject(value);
    default:
      throw new TypeError(`a ${typeof value} has no form in JSON`);
  }
}

function printObject(value: object): string {
  if (value instanceof JsonNumber) return value.text;
  if (isLosslessNumber(value)) return value.value;
  if (Array.isArray(value)) return `[${value.map((item: unknown) => (item === undefined ? "null" : print(item))).join(",")}]`;
  let text = "";
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    if (member !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${print(member)}`;
  }
  return `{${text}}`;
}
