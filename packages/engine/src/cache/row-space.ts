import { must } from "@omnigraphdb/common";
import type { ColumnView } from "./column-view.js";

/** Rows of one type that binding columns point into: row numbers below `rowCount`. */
export interface RowSpace {
  readonly rowCount: number;
  /** The column must have been loaded. */
  view(name: string): ColumnView;
  findView(name: string): ColumnView | undefined;
}

/** Rows with the columns one query needs: a whole dataset, or what a pushed-down filter fetched. Holds them while the query runs. */
export class LoadedRows implements RowSpace {
  readonly rowCount: number;
  readonly #views: ReadonlyMap<string, ColumnView>;

  constructor(rowCount: number, views: ReadonlyMap<string, ColumnView>) {
    this.rowCount = rowCount;
    this.#views = views;
  }

  view(name: string): ColumnView {
    return must(this.#views.get(name), `column ${name} was not loaded`);
  }

  findView(name: string): ColumnView | undefined {
    return this.#views.get(name);
  }
}
