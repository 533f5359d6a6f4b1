import type { TextPredicateExpression } from "@omnigraphdb/compiler";
import { type BoolColumn, type Column, type Float64Column, isNull } from "../../columnar/column.js";
import type { ScoredRows } from "../../search/text-index.js";
import type { BindingTable } from "../binding-table.js";
import type { LateColumns } from "../load-late-columns.js";
import type { QueryRun } from "../query-run.js";
import type { SearchExpression } from "./prepared-search.js";
import { MATCH, vectorsOf } from "./search-run.js";
import { squaredDistance } from "../../vectors/squared-distance.js";

/** Whether each row of the type satisfies the predicate: false for a null field (SR-31). */
export function predicateColumn(run: QueryRun, predicate: TextPredicateExpression): BoolColumn {
  const matches = run.search.matches(predicate);
  const bits = new Uint8Array((matches.length + 7) >> 3);
  for (let row = 0; row < matches.length; row++) if (matches[row] === MATCH) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  return { kind: "bool", length: matches.length, validity: undefined, bits };
}

/** Values of a search function for the rows of a result (SR-30). */
export function scoreColumn(run: QueryRun, expression: SearchExpression, table: BindingTable, late: ReadonlyMap<number, LateColumns> | undefined): Column {
  switch (expression.kind) {
    case "TextPredicate": {
      const rows = rowsOf(table, run.search.fieldOf(expression).slot);
      const matches = run.search.matches(expression);
      const bits = new Uint8Array((table.rowCount + 7) >> 3);
      for (let k = 0; k < table.rowCount; k++) if (matches[rows[k] as number] === MATCH) bits[k >> 3] = (bits[k >> 3] as number) | (1 << (k & 7));
      return { kind: "bool", length: table.rowCount, validity: undefined, bits };
    }
    case "Nearest": {
      const { field, vector } = run.search.vectorQuery(expression);
      const lateColumns = late?.get(field.slot);
      const lateView = lateColumns?.views.get(field.property);
      const column = vectorsOf((lateView ?? run.spaceOf(field.slot).view(field.property)).column);
      const rows = lateView === undefined || lateColumns === undefined ? rowsOf(table, field.slot) : lateColumns.rows;
      return nullableFloats(table.rowCount, (k) => (isNull(column, rows[k] as number) ? undefined : squaredDistance(column, rows[k] as number, vector)));
    }
    case "Bm25": {
      const rows = rowsOf(table, run.search.fieldOf(expression).slot);
      const scored = run.search.scores(expression);
      return nullableFloats(table.rowCount, (k) => scoreOf(scored, rows[k] as number));
    }
    case "Rrf": {
      const { slot, scores } = run.search.fusion(expression);
      const rows = rowsOf(table, slot);
      return nullableFloats(table.rowCount, (k) => scores[rows[k] as number] || undefined);
    }
  }
}

function rowsOf(table: BindingTable, slot: number): Uint32Array {
  const rows = table.columns[slot];
  if (rows === undefined) throw new Error(`slot ${slot} is not bound`);
  return rows;
}

/** By binary search; undefined for a row that shares no word. */
function scoreOf({ rows, scores }: ScoredRows, row: number): number | undefined {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as number) < row) low = middle + 1;
    else high = middle;
  }
  return rows[low] === row ? scores[low] : undefined;
}

function nullableFloats(length: number, valueOf: (k: number) => number | undefined): Float64Column {
  const values = new Float64Array(length);
  const validity = new Uint8Array((length + 7) >> 3);
  for (let k = 0; k < length; k++) {
    const value = valueOf(k);
    if (value === undefined) continue;
    values[k] = value;
    validity[k >> 3] = (validity[k >> 3] as number) | (1 << (k & 7));
  }
  return { kind: "f64", length, validity, values };
}
