import { cellText, visibleText } from "./cell-text.js";
import { headerLine, type ReadResult } from "./read-result.js";

/** Widest a cell may count, in Unicode scalar values. */
const COLUMN_WIDTH_MAX = 80;

/** Header line, heading row, rule and one padded line per row; over-wide cells end in `…` (§9.7). */
export function* renderTable(result: ReadResult): Iterable<string> {
  yield `${headerLine(result)}\n`;
  if (result.columns.length === 0) {
    yield "(no rows)\n";
    return;
  }
  const headings = result.columns.map(oneLine);
  const widths = headings.map(scalarCount);
  const rows: string[][] = [];
  for (let row = 0; row < result.rowCount; row++) {
    const cells = headings.map((_, column) => oneLine(cellText(result.cell(row, column))));
    for (const [at, cell] of cells.entries()) {
      widths[at] = Math.max(widths[at] as number, Math.min(scalarCount(cell), COLUMN_WIDTH_MAX));
    }
    rows.push(cells);
  }
  const capped = widths.map((width) => Math.min(width, COLUMN_WIDTH_MAX));
  yield tableLine(headings, capped);
  yield `${capped.map((width) => "-".repeat(width)).join("-+-")}\n`;
  for (const cells of rows) yield tableLine(cells, capped);
}

function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return `${cells.map((cell, at) => fit(cell, widths[at] as number)).join(" | ")}\n`;
}

function fit(text: string, width: number): string {
  const count = scalarCount(text);
  if (count <= width) return text + " ".repeat(width - count);
  return `${[...text].slice(0, width - 1).join("")}…`;
}

function oneLine(text: string): string {
  const visible = visibleText(text);
  return visible.includes("\n") ? visible.replaceAll("\n", "\\n") : visible;
}

function scalarCount(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      count--;
      at++;
    }
  }
  return count;
}
