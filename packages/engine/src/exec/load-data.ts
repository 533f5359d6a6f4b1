import { ABSENT, type EntityDictionary } from "../adjacency/entity-dictionary.js";
import { type Adjacency, adjacencyByteCount } from "../adjacency/adjacency.js";
import { ColumnView } from "../cache/column-view.js";
import type { GraphCaches } from "../cache/graph-caches.js";
import { LoadedRows, type RowSpace } from "../cache/row-space.js";
import type { TypeTable } from "../cache/type-table.js";
import { emptyColumnOf } from "../columnar/empty-column.js";
import { hashBytes } from "../hash/entity-hash.js";
import type { Snapshot } from "../manifest/snapshot.js";
import type { DatasetGateway } from "../storage/dataset-gateway.js";
import { ID_COLUMN } from "../storage/dataset-schema.js";
import { encodeUtf8 } from "../value/utf8.js";
import { accessPathOf, chooseScanAccess, idsOfScan, type ScanAccess } from "./choose-access.js";
import type { RequestValues } from "./constant-value.js";
import type { PreparedPlan, PreparedScan, TraversalOperation } from "./prepared-plan.js";
import type { QueryBudget } from "./query-budget.js";
import type { QueryTuning } from "./query-tuning.js";
import { seekTraversals } from "./seek-traversals.js";
import type { ExecutionTrace } from "./trace.js";
import { heldNames, traceColumns, traceFound } from "./trace-reads.js";
import { waitUnlessAborted } from "./wait.js";

/** Where a query's data comes from. */
export interface DataSource {
  readonly snapshot: Snapshot;
  readonly datasets: DatasetGateway;
  readonly caches: GraphCaches;
  readonly tuning: QueryTuning;
  readonly signal?: AbortSignal | undefined;
  readonly trace?: ExecutionTrace | undefined;
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
  const found: LoadedData = { spaces, adjacencies, candidates };
  if (source.trace !== undefined) traceFound(source.trace, prepared, found);
  return found;
}

/**
 * Loads what is missing: whole columns and topology into the caches; or, when that is cheaper, a few rows by a pushed-down filter, and the edges of
 * a few nodes hop by hop.
 */
export async function loadData(prepared: PreparedPlan, request: RequestValues, source: DataSource, budget: QueryBudget): Promise<LoadedData> {
  const { snapshot, datasets, caches, signal } = source;
  const sought = await seekTraversals(prepared, request, source, budget);
  if (sought !== undefined) return sought;
  const candidates = new Map<number, Uint32Array>();
  const adjacencies = new Map<TraversalOperation, Adjacency>();
  const scanBySlot = new Map(prepared.scans.map((scan) => [scan.operation.slot, scan]));
  const topology = prepared.traversals.map(async ({ operation, request: wanted }) => {
    const isHeld = caches.findAdjacency(snapshot, wanted) !== undefined;
    const adjacency = await caches.loadAdjacency(snapshot, wanted, datasets);
    adjacencies.set(operation, adjacency);
    source.trace?.access(operation, { kind: isHeld ? "csr" : "csrBuild" });
    source.trace?.read(operation, { rows: adjacency.neighbors.length, bytes: adjacencyByteCount(adjacency), isCached: isHeld });
  });
  const spaces = prepared.slots.map(async (slot): Promise<RowSpace> => {
    const table = caches.table(snapshot, slot.typeKey, datasets);
    const columns = prepared.columnsBySlot[slot.index] ?? [];
    const scan = scanBySlot.get(slot.index);
    if (scan !== undefined) {
      const all = [...columns, ...(prepared.lateColumnsBySlot[slot.index] ?? [])];
      const access = chooseScanAccess(table, all, scan, request, source.tuning);
      const subset = await readSubset(table, all, scan, access, source, budget);
      if (subset !== undefined) return subset;
      source.trace?.access(slot.index, accessPathOf(access));
      if (scan.keyConditions !== undefined) candidates.set(slot.index, rowsOfIds(idsOfScan(scan, request) ?? [], await table.loadDictionary()));
    }
    const held = heldNames(table, columns);
    const space = new LoadedRows(table.rowCount, await table.loadViews(columns));
    if (source.trace !== undefined) traceColumns(source.trace, slot.index, space, columns, (name) => held.has(name));
    return space;
  });
  const [loaded] = await waitUnlessAborted(Promise.all([Promise.all(spaces), Promise.all(topology)]), signal, "query");
  return { spaces: loaded, adjacencies, candidates };
}

/** The scan's rows alone, if that is how they are to be read. */
async function readSubset(table: TypeTable, columns: readonly string[], scan: PreparedScan, access: ScanAccess, source: DataSource, budget: QueryBudget): Promise<LoadedRows | undefined> {
  const { slot } = scan.operation;
  if (access.kind === "nothing") {
    source.trace?.access(slot, accessPathOf(access));
    return new LoadedRows(0, new Map(columns.map((name) => [name, new ColumnView(emptyColumnOf(scan.nodeType, name))])));
  }
  if (access.kind !== "subset") return undefined;
  const names = columns.length === 0 ? [ID_COLUMN] : columns;
  const rows = await table.readSubset(names, access.filter, access.cost, (byteCount) => budget.admit(byteCount), source.signal);
  source.trace?.access(slot, accessPathOf(access));
  if (source.trace !== undefined) traceColumns(source.trace, slot, rows, names, () => false);
  return rows;
}

const hashWords = new Uint32Array(2);

/** Rows whose id has the hash of one of `ids`: a superset, which the scan's own conditions narrow to the exact rows. */
function rowsOfIds(ids: readonly string[], dictionary: EntityDictionary): Uint32Array {
  const rows = new Set<number>();
  for (const id of ids) {
    const bytes = encodeUtf8(id);
    hashBytes(bytes, 0, bytes.length, hashWords, 0);
    const row = dictionary.find(hashWords[0] as number, hashWords[1] as number);
    if (row !== ABSENT) rows.add(row);
  }
  return Uint32Array.from(rows);
}
