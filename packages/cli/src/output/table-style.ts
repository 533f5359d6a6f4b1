/** How a cell is shown that is wider than its column: cut off, or continued on further lines. */
export type TableCellLayout = "truncate" | "wrap";

export const TABLE_CELL_LAYOUTS: readonly TableCellLayout[] = ["truncate", "wrap"];

export interface TableStyle {
  /** Widest a column may be, in Unicode scalar values; at least {@link COLUMN_WIDTH_MIN} is given. */
  readonly columnWidthMax: number;
  readonly cellLayout: TableCellLayout;
}

export const DEFAULT_TABLE_STYLE: TableStyle = { columnWidthMax: 80, cellLayout: "truncate" };

/** A column that is narrower shows nothing worth reading. */
export const COLUMN_WIDTH_MIN = 8;
