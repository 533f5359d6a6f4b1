import type { ReadResult } from "@omnigraphdb/client";
import type { TableStyle } from "./table-style.js";

export type ReadFormat = "table" | "kv" | "csv" | "jsonl" | "json";

export const READ_FORMATS: readonly ReadFormat[] = ["table", "kv", "csv", "jsonl", "json"];

/** Renders to text chunks that concatenate to whole lines. */
export type ReadRenderer = (result: ReadResult, tableStyle: TableStyle) => Iterable<string>;

/** First line of `table` and `kv` (§9.7). */
export function headerLine(result: ReadResult): string {
  const { branch, snapshot } = result.target;
  const target = snapshot === null ? `branch ${branch ?? "main"}` : `snapshot ${snapshot}`;
  return `${result.rowCount} rows from ${target} via ${result.queryName}`;
}
