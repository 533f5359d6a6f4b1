import { floatText } from "@omnigraphdb/api-types";
import type { Cell } from "@omnigraphdb/client";

/** A cell as it shows in `table`, `kv` and `csv`: text as it is, arrays as compact JSON, null as `null` (§12.5). */
export function cellText(cell: Cell): string {
  return typeof cell === "string" ? cell : compactCellJson(cell);
}

const CONTROL_CHARACTERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text for a person's eyes: control characters but line feeds are spelled `\u001b`. Stored text must not move the cursor, retitle
 * the window or hide itself in the terminal of whoever reads it.
 */
export function visibleText(text: string): string {
  return text.replace(CONTROL_CHARACTERS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A cell as JSON on one line. */
export function compactCellJson(cell: Cell): string {
  if (typeof cell === "string") return JSON.stringify(cell);
  if (typeof cell === "number") return floatText(cell);
  if (cell !== null && typeof cell === "object") return `[${cell.map(compactCellJson).join(",")}]`;
  return String(cell);
}

/** A cell as JSON indented by two spaces per level, continuing at `indent`. */
export function prettyCellJson(cell: Cell, indent: string): string {
  if (cell === null || typeof cell !== "object" || cell.length === 0) return compactCellJson(cell);
  const inner = `${indent}  `;
  return `[\n${cell.map((item) => inner + prettyCellJson(item, inner)).join(",\n")}\n${indent}]`;
}
