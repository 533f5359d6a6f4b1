import type { Cell } from "../read-result.js";

/**
 * Which columns hold integers. All numbers of a column are of one type, so one fraction makes it a float column; where all are whole, it
 * is looked up how one of them is written.
 *
 * @param text of the answer that `rows` were parsed from
 * @returns undefined when the text does not tell, as it is laid out otherwise
 */
export function findIntegerColumns(text: string, columns: readonly string[], rows: readonly Readonly<Record<string, Cell>>[]): readonly boolean[] | undefined {
  const isInteger: boolean[] = [];
  for (const name of columns) {
    const numbers = numbersIn(name, rows);
    const spelling = numbers === "whole" ? firstSpelling(text, name) : numbers;
    if (spelling === undefined) return undefined;
    isInteger.push(spelling === "integer");
  }
  return isInteger;
}

function numbersIn(name: string, rows: readonly Readonly<Record<string, Cell>>[]): "none" | "fraction" | "whole" {
  let hasNumbers = false;
  for (const row of rows) {
    const value = row[name];
    for (const item of Array.isArray(value) ? (value as readonly Cell[]) : [value]) {
      if (typeof item !== "number") continue;
      if (!Number.isInteger(item)) return "fraction";
      hasNumbers = true;
    }
  }
  return hasNumbers ? "whole" : "none";
}

/**
 * How the first number of a column is written. A member's name follows a brace or a comma; within a text its closing quote would have a
 * backslash before it.
 */
function firstSpelling(text: string, name: string): "integer" | "float" | undefined {
  const member = JSON.stringify(name).replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const match = new RegExp(`[{,]${member}:\\[?(?:(?:null|"[^"]*"),)*-?[0-9]+([.eE])?`).exec(text);
  return match === null ? undefined : match[1] === undefined ? "integer" : "float";
}
