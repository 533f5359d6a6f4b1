import type { ColumnView } from "./column-view.js";

/** Rows of one type that binding columns point into: row numbers below `rowCount`. */
export interface RowSpace {
  readonly rowCount: number;
  /** The column must have been loaded. */
  view(name: string): ColumnView;
}

/** The rows a pushed-down filter fetched, with the columns the query needs. Lives as long as the query. */
export class RowSubset implements RowSpace {
  readonly rowCount: number;
  readonly #views: ReadonlyMap<string, ColumnView>;

  constructor(rowCount: number, views: ReadonlyMap<string, ColumnView>) {
    this.rowCount = rowCount;
    this.#views = views;
  }

  view(name: string): ColumnView {
    const view = this.#views.get(name);
    if (view === undefined) throw new Error(`column ${name} was not fetched`);
    return view;
  }
}
