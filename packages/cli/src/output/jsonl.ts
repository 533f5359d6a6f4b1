import { objectColumns } from "@omnigraphdb/api-types";
import { compactJson } from "@omnigraphdb/common";
import { compactCellJson } from "./cell-text.js";
import type { ReadResult } from "@omnigraphdb/client";

/** A metadata line, then one compact object per row (§9.4). */
export function* renderJsonl(result: ReadResult): Iterable<string> {
  const metadata = {
    kind: "metadata",
    query_name: result.queryName,
    target: { branch: result.target.branch, snapshot: result.target.snapshot },
    row_count: result.rowCount,
  };
  yield `${compactJson(metadata)}\n`;
  const unique = objectColumns(result.columns);
  const names = unique.map((source) => `${JSON.stringify(result.columns[source])}:`);
  for (let row = 0; row < result.rowCount; row++) {
    yield `{${unique.map((source, at) => `${names[at]}${compactCellJson(result.cell(row, source))}`).join(",")}}\n`;
  }
}
