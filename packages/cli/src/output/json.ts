import { objectColumns } from "@omnigraphdb/api-types";
import { type Json, prettyJson } from "@omnigraphdb/common";
import { prettyCellJson } from "./cell-text.js";
import type { ReadResult } from "@omnigraphdb/client";

/** A document of the command line: two-space indent, one newline at the end (§1.7). */
export function jsonDocument(value: Json | object): string {
  return `${prettyJson(value as Json)}\n`;
}

/** Part of a document, its lines after the first continuing at `indent`. */
export function jsonFragment(value: object, indent: string): string {
  return prettyJson(value as Json, indent);
}

/** The read document of §9.2, written row by row. */
export function* renderJson(result: ReadResult): Iterable<string> {
  const head: Record<string, Json> = {
    query_name: result.queryName,
    target: { branch: result.target.branch, snapshot: result.target.snapshot },
    row_count: result.rowCount,
    ...(result.columns.length === 0 ? {} : { columns: result.columns }),
  };
  // The head is a complete document; its closing brace gives way to the rows.
  yield prettyJson(head).replace(/\n\}$/, ',\n  "rows": [');
  const unique = objectColumns(result.columns);
  const names = unique.map((source) => `      ${JSON.stringify(result.columns[source])}: `);
  for (let row = 0; row < result.rowCount; row++) {
    const members = unique.map((source, at) => `${names[at]}${prettyCellJson(result.cell(row, source), "      ")}`);
    const text = members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n    }`;
    yield `${row === 0 ? "\n" : ",\n"}    ${text}`;
  }
  yield result.rowCount === 0 ? "]" : "\n  ]";
  if (result.graphCommitId !== undefined) yield `,\n  "graph_commit_id": ${JSON.stringify(result.graphCommitId)}`;
  yield "\n}\n";
}
