import type { TableStyle } from "./table-style.js";

/** One value of a result. A `number` is always a float; integers of every width are `bigint`. */
export type Cell = null | boolean | bigint | number | string | readonly Cell[];

/** Rows of a read, whichever way the graph was reached. */
export interface ReadResult {
  readonly queryName: string;
  /** Exactly one is set. */
  readonly target: { readonly branch: string | null; readonly snapshot: string | null };
  readonly graphCommitId: string | undefined;
  readonly rowCount: number;
  /** Projection order; names need not be unique (RS-3). */
  readonly columns: readonly string[];
  cell(row: number, column: number): Cell;
}

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
