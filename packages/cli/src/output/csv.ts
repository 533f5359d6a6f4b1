import { cellText } from "./cell-text.js";
import type { ReadResult } from "@omnigraphdb/client";

const NEEDS_QUOTES = /[",\r\n]/;

/** Header line of column names, then one line per row (§9.5). */
export function* renderCsv(result: ReadResult): Iterable<string> {
  yield `${result.columns.map(field).join(",")}\n`;
  for (let row = 0; row < result.rowCount; row++) {
    yield `${result.columns.map((_, column) => field(cellText(result.cell(row, column)))).join(",")}\n`;
  }
}

function field(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
