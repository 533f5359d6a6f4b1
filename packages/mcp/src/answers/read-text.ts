import { floatText, objectColumns } from "@omnigraphdb/api-types";
import type { Cell, ReadResult } from "@omnigraphdb/client";

/** The answer of `POST /query` as its text, byte for byte: floats keep a point, integers all their digits. */
export function readText(result: ReadResult): string {
  const { queryName, target, rowCount, columns, graphCommitId } = result;
  const head = JSON.stringify({ query_name: queryName, target: { branch: target.branch, snapshot: target.snapshot }, row_count: rowCount, ...(columns.length === 0 ? {} : { columns }) });
  const unique = objectColumns(columns);
  const names = unique.map((source) => `${JSON.stringify(columns[source])}:`);
  const rows = Array.from({ length: rowCount }, (_, row) => `{${unique.map((source, at) => `${names[at]}${cellText(result.cell(row, source))}`).join(",")}}`);
  const tail = graphCommitId === undefined ? "" : `,"graph_commit_id":${JSON.stringify(graphCommitId)}`;
  return `${head.slice(0, -1)},"rows":[${rows.join(",")}]${tail}}`;
}

function cellText(cell: Cell): string {
  if (typeof cell === "string") return JSON.stringify(cell);
  if (typeof cell === "number") return floatText(cell);
  if (cell !== null && typeof cell === "object") return `[${cell.map(cellText).join(",")}]`;
  return String(cell);
}
