import { ABSENT, type EntityDictionary } from "../adjacency/entity-dictionary.js";
import type { Adjacency } from "../adjacency/adjacency.js";
import { ColumnView } from "../cache/column-view.js";
import type { GraphCaches } from "../cache/graph-caches.js";
import { LoadedRows, type RowSpace } from "../cache/row-space.js";
import type { TypeTable } from "../cache/type-table.js";
import { emptyColumnOf } from "../columnar/empty-column.js";
import { hashBytes } from "../hash/entity-hash.js";
import type { Snapshot } from "../manifest/snapshot.js";
import type { DatasetGateway } from "../storage/dataset-gateway.js";
import { ID_COLUMN } from "../storage/dataset-schema.js";
import { constantValue, type RequestValues } from "./constant-value.js";
import { idsOfKey } from "./key-lookup.js";
import type { PreparedPlan, PreparedScan, TraversalOperation } from "./prepared-plan.js";
import { idPredicate, pushDown } from "./push-down.js";
import type { QueryBudget } from "./query-budget.js";
import type { QueryTuning } from "./query-tuning.js";
import { waitUnlessAborted } from "./wait.js";

/** Where a query's data comes from. */
export interface DataSource {
  readonly snapshot: Snapshot;
  readonly datasets: DatasetGateway;
  readonly caches: GraphCaches;
  readonly tuning: QueryTuning;
  readonly signal?: AbortSignal | undefined;
}

/** Everything a run reads, in memory. */
export interface LoadedData {
  /** By slot. */
  readonly spaces: readonly RowSpace[];
  readonly adjacencies: ReadonlyMap<TraversalOperation, Adjacency>;
  /** Rows that can satisfy a scan's conditions on the key, by slot. */
  readonly candidates: ReadonlyMap<number, Uint32Array>;
}

/** The data if all of it is in memory already: the warm path, without a single wait. */
export function findData(prepared: PreparedPlan, request: RequestValues, source: DataSource): LoadedData | undefined {
  const { snapshot, datasets, caches } = source;
  const spaces: RowSpace[] = [];
  for (const slot of prepared.slots) {
    const table = caches.table(snapshot, slot.typeKey, datasets);
    const views = new Map<string, ColumnView>();
    for (const name of prepared.columnsBySlot[slot.index] ?? []) {
      const view = table.findView(name);
      if (view === undefined) return undefined;
      views.set(name, view);
    }
    for (const name of prepared.lateColumnsBySlot[slot.index] ?? []) {
      const view = table.findView(name);
      if (view !== undefined) views.set(name, view);
    }
    spaces.push(new LoadedRows(table.rowCount, views));
  }
  const candidates = new Map<number, Uint32Array>();
  for (const scan of prepared.scans) {
    if (scan.keyConditions === undefined) continue;
    const dictionary = caches.table(snapshot, scan.nodeType.typeKey, datasets).findDictionary();
    if (dictionary === undefined) return undefined;
    candidates.set(scan.operation.slot, rowsOfIds(idsOfScan(scan, request) ?? [], dictionary));
  }
  const adjacencies = new Map<TraversalOperation, Adjacency>();
  for (const traversal of prepared.traversals) {
    const adjacency = caches.findAdjacency(snapshot, traversal.request);
    if (adjacency === undefined) return undefined;
    adjacencies.set(traversal.operation, adjacency);
  }
  return { spaces, adjacencies, candidates };
}

/** Loads what is missing: whole columns and topology into the caches, or a few rows by a pushed-down filter when that is cheaper. */
export async function loadData(prepared: PreparedPlan, request: RequestValues, source: DataSource, budget: QueryBudget): Promise<LoadedData> {
  const { snapshot, datasets, caches, signal } = source;
  const candidates = new Map<number, Uint32Array>();
  const adjacencies = new Map<TraversalOperation, Adjacency>();
  const scanBySlot = new Map(prepared.scans.map((scan) => [scan.operation.slot, scan]));
  const topology = prepared.traversals.map(async ({ operation, request: wanted }) => {
    adjacencies.set(operation, await caches.loadAdjacency(snapshot, wanted, datasets));
  });
  const spaces = prepared.slots.map(async (slot): Promise<RowSpace> => {
    const table = caches.table(snapshot, slot.typeKey, datasets);
    const columns = prepared.columnsBySlot[slot.index] ?? [];
    const scan = scanBySlot.get(slot.index);
    if (scan !== undefined) {
      const all = [...columns, ...(prepared.lateColumnsBySlot[slot.index] ?? [])];
      const subset = await readSubset(table, all, scan, request, source, budget);
      if (subset !== undefined) return subset;
      if (scan.keyConditions !== undefined) candidates.set(slot.index, rowsOfIds(idsOfScan(scan, request) ?? [], await table.loadDictionary()));
    }
    return new LoadedRows(table.rowCount, await table.loadViews(columns));
  });
  const [loaded] = await waitUnlessAborted(Promise.all([Promise.all(spaces), Promise.all(topology)]), signal, "query");
  return { spaces: loaded, adjacencies, candidates };
}

/**
 * The scan's rows by a pushed-down filter, as long as all such reads of the table together cost less than loading the columns would:
 * a process that reads once seeks, one that keeps reading loads, and neither pays more than twice its best choice.
 */
async function readSubset(
  table: TypeTable,
  columns: readonly string[],
  scan: PreparedScan,
  request: RequestValues,
  source: DataSource,
  budget: QueryBudget,
): Promise<LoadedRows | undefined> {
  if (scan.isTraversed) return undefined;
  const missing = columns.filter((name) => table.findView(name) === undefined).length;
  const needsDictionary = scan.keyConditions !== undefined && table.findDictionary() === undefined;
  if (missing === 0 && !needsDictionary) return undefined;
  const ids = idsOfScan(scan, request);
  const filter = ids === undefined ? pushDown(scan.operation.conditions, (constant) => constantValue(constant, request)) : ids.length === 0 ? "nothing" : idPredicate(ids);
  if (filter === "nothing") return new LoadedRows(0, new Map(columns.map((name) => [name, new ColumnView(emptyColumnOf(scan.nodeType, name))])));
  if (filter === undefined) return undefined;
  const { seekCost, seekIdCost, filterRowCost, loadCellCost } = source.tuning;
  const cost = seekCost + (ids === undefined ? table.rowCount * filterRowCost : ids.length * seekIdCost);
  const loadCost = table.rowCount * (missing + (needsDictionary ? 1 : 0)) * loadCellCost;
  if (table.pushedCost + cost > loadCost) return undefined;
  const names = columns.length === 0 ? [ID_COLUMN] : columns;
  return table.readSubset(names, filter, cost, (byteCount) => budget.admit(byteCount), source.signal);
}

function idsOfScan(scan: PreparedScan, request: RequestValues): readonly string[] | undefined {
  return scan.keyConditions === undefined ? undefined : idsOfKey(scan.keyConditions, (constant) => constantValue(constant, request));
}

const encoder = new TextEncoder();
const hashWords = new Uint32Array(2);

/** Rows whose id has the hash of one of `ids`: a superset, which the scan's own conditions narrow to the exact rows. */
function rowsOfIds(ids: readonly string[], dictionary: EntityDictionary): Uint32Array {
  const rows = new Set<number>();
  for (const id of ids) {
    const bytes = encoder.encode(id);
    hashBytes(bytes, 0, bytes.length, hashWords, 0);
    const row = dictionary.find(hashWords[0] as number, hashWords[1] as number);
    if (row !== ABSENT) rows.add(row);
  }
  return Uint32Array.from(rows);
}
