import { cellText, visibleText } from "./cell-text.js";
import type { ReadResult } from "@omnigraphdb/client";
import { headerLine } from "./read-result.js";
import { COLUMN_WIDTH_MIN, type TableStyle } from "./table-style.js";

/** Header line, heading row, rule and the padded lines of each row; over-wide cells end in `…` or wrap (§9.7). */
export function* renderTable(result: ReadResult, { columnWidthMax, cellLayout }: TableStyle): Iterable<string> {
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
      widths[at] = Math.max(widths[at] as number, Math.min(scalarCount(cell), columnWidthMax));
    }
    rows.push(cells);
  }
  const capped = widths.map((width) => Math.min(width, Math.max(columnWidthMax, COLUMN_WIDTH_MIN)));
  const lines = cellLayout === "wrap" ? wrappedLines : cutLines;
  yield* lines(headings, capped);
  yield `${capped.map((width) => "-".repeat(width)).join("-+-")}\n`;
  for (const cells of rows) yield* lines(cells, capped);
}

function cutLines(cells: readonly string[], widths: readonly number[]): readonly string[] {
  return [tableLine(cells.map((cell, at) => cut(cell, widths[at] as number)), widths)];
}

function wrappedLines(cells: readonly string[], widths: readonly number[]): readonly string[] {
  const pieces = cells.map((cell, at) => wrapped(cell, widths[at] as number));
  const height = Math.max(...pieces.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => tableLine(pieces.map((cell) => cell[line] ?? ""), widths));
}

/** Cells that fit their columns. */
function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return `${cells.map((cell, at) => cell + " ".repeat((widths[at] as number) - scalarCount(cell))).join(" | ")}\n`;
}

function cut(text: string, width: number): string {
  return scalarCount(text) <= width ? text : `${[...text].slice(0, width - 1).join("")}…`;
}

function wrapped(text: string, width: number): readonly string[] {
  if (scalarCount(text) <= width) return [text];
  const scalars = [...text];
  return Array.from({ length: Math.ceil(scalars.length / width) }, (_, piece) => scalars.slice(piece * width, (piece + 1) * width).join(""));
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
