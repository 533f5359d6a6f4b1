import { objectColumns } from "@omnigraphdb/api-types";

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
  /** Both count from 0, and are within the result. */
  cell(row: number, column: number): Cell;
}

export interface RowsOptions {
  /**
   * `bigint` (default): every integer. `number`: integers up to 2^53 − 1 in magnitude; those beyond stay `bigint`, so no digit is lost.
   */
  readonly integers?: "bigint" | "number";
}

/** The rows as objects by column name, without prototype: a column may have any name. */
export function resultRows(result: ReadResult, { integers = "bigint" }: RowsOptions = {}): readonly Readonly<Record<string, Cell>>[] {
  const unique = objectColumns(result.columns);
  const convert = integers === "number" ? withSafeNumbers : (cell: Cell): Cell => cell;
  return Array.from({ length: result.rowCount }, (_, row) => {
    const object = Object.create(null) as Record<string, Cell>;
    for (const column of unique) object[result.columns[column] as string] = convert(result.cell(row, column));
    return object;
  });
}

function withSafeNumbers(cell: Cell): Cell {
  if (typeof cell === "bigint") return cell >= -SAFE_MAX && cell <= SAFE_MAX ? Number(cell) : cell;
  return Array.isArray(cell) ? cell.map(withSafeNumbers) : cell;
}

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
