import type { ResultColumn } from "../graph-api.js";
import { type CellJson, cellToJson } from "./cell-to-json.js";

/** A row as a plain object. Of several columns with one name the last one counts (RS-3). */
export type ResultRow = Readonly<Record<string, CellJson>>;

/** The rows of a result in order, one object at a time; 64-bit integers stay `bigint`. */
export function* resultRows(result: { readonly rowCount: number; readonly columns: readonly ResultColumn[] }): Generator<ResultRow, void> {
  for (let row = 0; row < result.rowCount; row++) {
    // `fromEntries` makes own properties, also of a column named `__proto__`.
    yield Object.fromEntries(result.columns.map((column) => [column.name, cellToJson(column, row)]));
  }
}
