import { cellText, visibleText } from "./cell-text.js";
import type { ReadResult } from "@omnigraphdb/client";
import { headerLine } from "./read-result.js";

/** Header line, then `row <n>` and `<column>: <value>` lines; rows separated by an empty line (§9.6). */
export function* renderKv(result: ReadResult): Iterable<string> {
  yield `${headerLine(result)}\n`;
  if (result.rowCount === 0) yield "(no rows)\n";
  for (let row = 0; row < result.rowCount; row++) {
    if (row > 0) yield "\n";
    yield `row ${row + 1}\n`;
    for (const [column, name] of result.columns.entries()) yield `${name}: ${visibleText(cellText(result.cell(row, column)))}\n`;
  }
}
