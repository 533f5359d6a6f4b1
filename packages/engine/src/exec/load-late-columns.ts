import { must } from "@omnigraphdb/common";
import type { ColumnView } from "../cache/column-view.js";
import type { TypeTable } from "../cache/type-table.js";
import { columnByteCount } from "../columnar/column-bytes.js";
import { type Utf8Column } from "../columnar/column.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { ID_COLUMN } from "../storage/dataset-schema.js";
import type { BindingTable } from "./binding-table.js";
import type { DataSource } from "./load-data.js";
import { idPredicate } from "./push-down.js";
import type { QueryRun } from "./query-run.js";
import { waitUnlessAborted } from "./wait.js";

/** Longest id list worth a native read; beyond it a scan is as good (lancedb.md §7). */
const LATE_IDS_MAX = 10_000;

/** Columns of one slot that arrived after the rows were known, and for each row of the result its row in them. */
export interface LateColumns {
  readonly views: ReadonlyMap<string, ColumnView>;
  readonly rows: Uint32Array;
}

/**
 * Columns that only the result shows and that are not in memory yet, by slot: for few rows they are read by id, so that ten rows of a large
 * table cost ten rows; otherwise, and once such reads add up, they are loaded whole and kept.
 */
export async function loadLateColumns(run: QueryRun, table: BindingTable, source: DataSource): Promise<ReadonlyMap<number, LateColumns>> {
  const { prepared } = run;
  const loaded = new Map<number, LateColumns>();
  const loads = prepared.slots.map(async ({ index, typeKey }) => {
    const missing = (prepared.lateColumnsBySlot[index] ?? []).filter((name) => run.spaceOf(index).findView(name) === undefined);
    if (missing.length === 0) return;
    const owner = source.caches.table(source.snapshot, typeKey, source.datasets);
    const rows = must(table.columns[index], "a projected variable is bound");
    const late = (await readByIds(owner, missing, rows, run, index, source)) ?? { views: await owner.loadViews(missing), rows };
    loaded.set(index, late);
    for (const { column } of late.views.values()) source.trace?.read(index, { rows: column.length, bytes: columnByteCount(column), isCached: false });
  });
  await waitUnlessAborted(Promise.all(loads), source.signal, "query");
  return loaded;
}

/** Whether some column of the result is not in memory. */
export function lacksLateColumns(run: QueryRun): boolean {
  return run.prepared.lateColumnsBySlot.some((names, slot) => names.some((name) => run.spaceOf(slot).findView(name) === undefined));
}

async function readByIds(owner: TypeTable, names: readonly string[], rows: Uint32Array, run: QueryRun, slot: number, source: DataSource): Promise<LateColumns | undefined> {
  const distinct = [...new Set(rows)];
  const { seekCost, seekIdCost, loadCellCost } = source.tuning;
  const cost = seekCost + distinct.length * seekIdCost;
  if (distinct.length > LATE_IDS_MAX || owner.pushedCost + cost > owner.rowCount * names.length * loadCellCost) return undefined;
  const idColumn = run.idOperand(slot).view.column as Utf8Column;
  const idOf = (column: Utf8Column, row: number): string => decodeUtf8(column.bytes, column.offsets[row] as number, column.offsets[row + 1] as number);
  const fetched = await owner.readSubset([ID_COLUMN, ...names], idPredicate(distinct.map((row) => idOf(idColumn, row))), cost, (byteCount) => run.budget.admit(byteCount), source.signal);
  const fetchedIds = fetched.view(ID_COLUMN).column as Utf8Column;
  const fetchedRowById = new Map(Array.from({ length: fetched.rowCount }, (_, row) => [idOf(fetchedIds, row), row]));
  const fetchedRow = new Map(distinct.map((row) => [row, must(fetchedRowById.get(idOf(idColumn, row)), "a row that was found is still there")]));
  return {
    views: new Map(names.map((name) => [name, fetched.view(name)])),
    rows: rows.map((row) => fetchedRow.get(row) as number),
  };
}
