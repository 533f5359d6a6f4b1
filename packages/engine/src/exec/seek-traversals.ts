import { must } from "@omnigraphdb/common";
import { type EntityType, findEntityType, nodeTypeKey, type TypeKey } from "@omnigraphdb/compiler";
import { type Adjacency, buildAdjacency } from "../adjacency/adjacency.js";
import type { LoadedRows, RowSpace } from "../cache/row-space.js";
import type { AdjacencyDirection, AdjacencyRequest } from "../cache/topology-loader.js";
import type { TypeTable } from "../cache/type-table.js";
import { columnByteCount } from "../columnar/column-bytes.js";
import type { Uint64Column } from "../columnar/column.js";
import { uint64ToHashPairs } from "../hash/entity-hash.js";
import { HASH_COLUMN, SOURCE_HASH_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import type { Predicate } from "../storage/predicate.js";
import { idsOfScan, keysText } from "./choose-access.js";
import { constantValue, type RequestValues } from "./constant-value.js";
import type { DataSource, LoadedData } from "./load-data.js";
import { PartialRows } from "./partial-rows.js";
import type { Operation, PreparedPlan, PreparedTraversal, ScanOperation, TraversalOperation } from "./prepared-plan.js";
import { idPredicate, pushDown } from "./push-down.js";
import type { QueryBudget } from "./query-budget.js";

/** Hashes looked up by one native read: beyond, parsing the list costs more than another read. */
const HASHES_PER_READ = 2_000;

/** Making the lists of an edge, in cells that are loaded. */
const BUILD_CELLS_PER_EDGE = 1.5;
/** A process that asked before will ask again: what it spent on seeks counts so many times. */
const REPEATED_SEEK_WEIGHT = 8;

/**
 * The data of a query whose traversals read the edges of their origins through the indexes of the endpoints, hop by hop, instead of the whole topology: the
 * rows a query can reach, and no others. Operators run over them as over whole types, so rows do not depend on the choice (EX-39).
 *
 * Filters between hops are not applied here, so what is read may exceed what is matched, never fall short of it.
 *
 * @returns undefined when seeking is not worth it, which may turn out at any hop: then what was read is given up
 */
export async function seekTraversals(prepared: PreparedPlan, request: RequestValues, source: DataSource, budget: QueryBudget): Promise<LoadedData | undefined> {
  if (!(await wantsSeeks(prepared, request, source))) return undefined;
  const seek = new TraversalSeek(prepared, request, source, budget);
  return (await seek.run(prepared.operations)) ? seek.data() : undefined;
}

/** Whether to begin at all: a few keys are given, the hops are few, and some topology is not in memory. */
async function wantsSeeks(prepared: PreparedPlan, request: RequestValues, { tuning, caches, snapshot }: DataSource): Promise<boolean> {
  const { traversals, scans } = prepared;
  if (tuning.traversalMode === "csr" || traversals.length === 0) return false;
  // Words and vectors are indexed by rows of whole types.
  if (prepared.search.calls.length > 0) return false;
  if (tuning.traversalMode === "indexed") return true;
  if (traversals.some(({ operation }) => operation.maxHops > tuning.indexedHopsMax)) return false;
  if (scans.some((scan) => (idsOfScan(scan, request)?.length ?? Infinity) > tuning.indexedFrontierMax)) return false;
  const absent = traversals.filter((traversal) => caches.findAdjacency(snapshot, traversal.request) === undefined);
  if (absent.length === 0) return false;
  const persisted = await Promise.all(absent.map((traversal) => caches.hasTopologyFile(snapshot, traversal.request)));
  // One hop from a key costs less than even a file; several do not.
  return persisted.includes(false) || traversals.reduce((hops, { operation }) => hops + operation.maxHops, 0) === 1;
}

/** Whether a run would begin with seeks, as far as is known before the first of them; later hops decide again. */
export async function beginsWithSeeks(prepared: PreparedPlan, request: RequestValues, source: DataSource): Promise<boolean> {
  if (!(await wantsSeeks(prepared, request, source))) return false;
  const keyCounts = prepared.scans.map((scan) => idsOfScan(scan, request)?.length ?? 0);
  const [first] = prepared.traversals;
  return first !== undefined && isSeekWorthwhile(first, Math.max(1, ...keyCounts), source);
}

/**
 * The cost of the next seek against that of the topology (query specification §16). What earlier queries spent on seeks counts too, so that a process that keeps
 * asking builds it.
 */
function isSeekWorthwhile({ request }: PreparedTraversal, frontier: number, { tuning, caches, snapshot, datasets }: DataSource): boolean {
  if (tuning.traversalMode === "indexed") return true;
  if (frontier > tuning.indexedFrontierMax) return false;
  const edges = caches.table(snapshot, request.edgeType.typeKey, datasets);
  const [origin] = endTypes(request);
  const degree = edges.rowCount / Math.max(1, caches.table(snapshot, origin, datasets).rowCount);
  const seekCost = 2 * tuning.seekCost + frontier * (1 + degree) * tuning.seekIdCost;
  return edges.pushedCost * REPEATED_SEEK_WEIGHT + seekCost <= edges.rowCount * BUILD_CELLS_PER_EDGE * tuning.loadCellCost;
}

class TraversalSeek {
  readonly #prepared: PreparedPlan;
  readonly #request: RequestValues;
  readonly #source: DataSource;
  readonly #budget: QueryBudget;
  readonly #nodes = new Map<TypeKey, PartialRows>();
  /** Rows found for each slot: all it can be bound to, perhaps more. */
  readonly #rowsBySlot = new Map<number, Uint32Array>();
  readonly #edgeSpaces = new Map<number, PartialRows>();
  readonly #pairs = new Map<TraversalOperation, PairList>();
  readonly #scanned = new Set<number>();
  /** Read and not reported yet; counted for a trace only. */
  #byteCount = 0;

  constructor(prepared: PreparedPlan, request: RequestValues, source: DataSource, budget: QueryBudget) {
    this.#prepared = prepared;
    this.#request = request;
    this.#source = source;
    this.#budget = budget;
  }

  /** @returns false when it became clear that loading the topology costs less */
  async run(operations: readonly Operation[]): Promise<boolean> {
    for (const operation of operations) {
      switch (operation.kind) {
        case "scan":
          await this.#scan(operation);
          break;
        case "expand":
        case "close":
          if (!(await this.#traverse(operation))) return false;
          break;
        case "antiJoin":
        case "cross":
          if (!(await this.run(operation.operations))) return false;
          break;
        case "filter":
        case "textMatch":
          break;
      }
    }
    return true;
  }

  data(): LoadedData {
    const spaceByType = new Map([...this.#nodes].map(([typeKey, rows]) => [typeKey, rows.space()]));
    const spaces = this.#prepared.slots.map(({ index, typeKey }): RowSpace => this.#edgeSpaces.get(index)?.space() ?? spaceByType.get(typeKey) ?? this.#nodesOf(typeKey).space());
    const adjacencies = new Map<TraversalOperation, Adjacency>();
    for (const { operation, request } of this.#prepared.traversals) {
      const [origin, neighbor] = endTypes(request);
      const pairs = this.#pairs.get(operation) ?? new PairList();
      adjacencies.set(operation, buildAdjacency(pairs.freeze(), this.#nodesOf(origin).rowCount, this.#nodesOf(neighbor).rowCount, request.keepsEdges));
    }
    const candidates = new Map([...this.#scanned].map((slot) => [slot, this.#rowsBySlot.get(slot) ?? new Uint32Array(0)]));
    return { spaces, adjacencies, candidates };
  }

  async #scan(operation: ScanOperation): Promise<void> {
    const { slot, conditions } = operation;
    this.#scanned.add(slot);
    const scan = must(
      this.#prepared.scans.find((candidate) => candidate.operation === operation),
      "a scan is prepared",
    );
    const rows = this.#nodesOf(this.#typeKeyOf(slot));
    const ids = idsOfScan(scan, this.#request);
    const filter = ids === undefined ? pushDown(conditions, (constant) => constantValue(constant, this.#request)) : ids.length === 0 ? "nothing" : idPredicate(ids);
    const fetched = filter === "nothing" ? undefined : await this.#read(this.#table(rows.type), rows.columns, filter, ids?.length ?? 0);
    const found = fetched === undefined ? new Uint32Array(0) : rows.add(fetched);
    this.#rowsBySlot.set(slot, found);
    this.#source.trace?.access(slot, ids === undefined ? { kind: "pushedFilter" } : { kind: "keySeek", detail: keysText(ids.length) });
    this.#source.trace?.read(slot, { rows: found.length, bytes: this.#takeBytes(), isCached: false });
  }

  async #traverse(operation: TraversalOperation): Promise<boolean> {
    const prepared = must(
      this.#prepared.traversals.find((candidate) => candidate.operation === operation),
      "a traversal is prepared",
    );
    const origins = this.#rowsBySlot.get(operation.origin) ?? new Uint32Array(0);
    const pairs = new PairList();
    this.#pairs.set(operation, pairs);
    const visited = new Set<number>(origins);
    const reached = new Set<number>();
    let frontier: readonly number[] = [...visited];
    let seekCount = 0;
    for (let hop = 1; hop <= operation.maxHops && frontier.length > 0; hop++) {
      if (!isSeekWorthwhile(prepared, frontier.length, this.#source)) return false;
      seekCount += frontier.length;
      const neighbors = await this.#hop(prepared, frontier, pairs);
      frontier = [...new Set(neighbors)].filter((row) => !visited.has(row));
      for (const row of frontier) visited.add(row);
      for (const row of neighbors) reached.add(row);
    }
    if (operation.kind === "expand") this.#rowsBySlot.set(operation.target, Uint32Array.from(reached));
    this.#source.trace?.access(operation, { kind: "indexedSeek", detail: `${seekCount} origins` });
    this.#source.trace?.read(operation, { rows: pairs.count, bytes: this.#takeBytes(), isCached: false });
    return true;
  }

  /** Reads the edges of `frontier` and the nodes they lead to. @returns rows of the neighbours, as often as edges lead there */
  async #hop({ operation, request }: PreparedTraversal, frontier: readonly number[], pairs: PairList): Promise<readonly number[]> {
    const [origin, neighbor] = endTypes(request);
    const origins = this.#nodesOf(origin);
    const neighbors = this.#nodesOf(neighbor);
    const hashes = frontier.map((row) => origins.hashOf(row));
    const reached: number[] = [];
    for (const side of SIDES[request.direction]) {
      const fetched = await this.#readByHash(this.#table(request.edgeType), this.#edgeColumns(operation), side.from, hashes);
      for (const edges of fetched) {
        await this.#fetchNodes(neighbors, edges.view(side.to).column as Uint64Column);
        const edgeRows = operation.edge === undefined ? undefined : this.#edgeRowsOf(operation.edge, request.edgeType).add(edges);
        const fromWords = wordsOf(edges, side.from);
        const toWords = wordsOf(edges, side.to);
        for (let i = 0; i < edges.rowCount; i++) {
          const originRow = must(origins.find(fromWords[2 * i] as number, fromWords[2 * i + 1] as number), "an edge of the frontier");
          const neighborRow = neighbors.find(toWords[2 * i] as number, toWords[2 * i + 1] as number);
          // EX-31: an edge to nowhere. EX-37: a self-loop is found from both sides and counts once.
          if (neighborRow === undefined || (side.isSecond && originRow === neighborRow)) continue;
          pairs.add(originRow, neighborRow, edgeRows?.[i] ?? 0);
          reached.push(neighborRow);
        }
      }
    }
    return reached;
  }

  async #fetchNodes(rows: PartialRows, hashes: Uint64Column): Promise<void> {
    const words = uint64ToHashPairs(hashes.values, hashes.length);
    const missing = new Set<bigint>();
    for (let i = 0; i < hashes.length; i++) if (rows.find(words[2 * i] as number, words[2 * i + 1] as number) === undefined) missing.add(hashes.values[i] as bigint);
    for (const fetched of await this.#readByHash(this.#table(rows.type), rows.columns, HASH_COLUMN, [...missing])) rows.add(fetched);
  }

  async #readByHash(table: TypeTable, columns: readonly string[], hashColumn: string, hashes: readonly bigint[]): Promise<readonly LoadedRows[]> {
    const fetched: LoadedRows[] = [];
    for (let start = 0; start < hashes.length; start += HASHES_PER_READ) {
      const values = hashes.slice(start, start + HASHES_PER_READ).map((value) => ({ kind: "integer", value }) as const);
      fetched.push(await this.#read(table, columns, { kind: "in", column: hashColumn, values }, values.length));
    }
    return fetched;
  }

  async #read(table: TypeTable, columns: readonly string[], filter: Predicate | undefined, keyCount: number): Promise<LoadedRows> {
    const { seekCost, seekIdCost } = this.#source.tuning;
    const admit = (byteCount: number): void => this.#budget.admit(byteCount);
    const rows = await table.readSubset(columns, filter, seekCost + keyCount * seekIdCost, admit, this.#source.signal);
    if (this.#source.trace !== undefined) for (const name of columns) this.#byteCount += columnByteCount(rows.view(name).column);
    return rows;
  }

  /** What was read since this was last asked; steps are read one after the other. */
  #takeBytes(): number {
    const byteCount = this.#byteCount;
    this.#byteCount = 0;
    return byteCount;
  }

  /** Every node type has one space for all variables, so that rows of equal entities are equal. */
  #nodesOf(typeKey: TypeKey): PartialRows {
    let rows = this.#nodes.get(typeKey);
    if (rows === undefined) {
      const { slots, columnsBySlot, lateColumnsBySlot } = this.#prepared;
      const columns = slots.filter((slot) => slot.typeKey === typeKey).flatMap(({ index }) => [...(columnsBySlot[index] ?? []), ...(lateColumnsBySlot[index] ?? [])]);
      rows = new PartialRows(this.#typeOf(typeKey), columns);
      this.#nodes.set(typeKey, rows);
    }
    return rows;
  }

  #edgeRowsOf(slot: number, type: EntityType): PartialRows {
    let rows = this.#edgeSpaces.get(slot);
    if (rows === undefined) {
      const { columnsBySlot, lateColumnsBySlot } = this.#prepared;
      rows = new PartialRows(type, [...(columnsBySlot[slot] ?? []), ...(lateColumnsBySlot[slot] ?? [])]);
      this.#edgeSpaces.set(slot, rows);
    }
    return rows;
  }

  #edgeColumns({ edge }: TraversalOperation): readonly string[] {
    const { columnsBySlot, lateColumnsBySlot } = this.#prepared;
    const own = edge === undefined ? [] : [HASH_COLUMN, ...(columnsBySlot[edge] ?? []), ...(lateColumnsBySlot[edge] ?? [])];
    return [...new Set([SOURCE_HASH_COLUMN, TARGET_HASH_COLUMN, ...own])];
  }

  #typeKeyOf(slot: number): TypeKey {
    return must(this.#prepared.slots[slot], "a scan binds a variable").typeKey;
  }

  #typeOf(typeKey: TypeKey): EntityType {
    return must(findEntityType(this.#source.snapshot.catalog, typeKey), `the catalog has no ${typeKey}`);
  }

  #table(type: EntityType): TypeTable {
    return this.#tableOf(type.typeKey);
  }

  #tableOf(typeKey: TypeKey): TypeTable {
    const { caches, snapshot, datasets } = this.#source;
    return caches.table(snapshot, typeKey, datasets);
  }
}

interface Side {
  /** Hash column of the end that the frontier is at. */
  readonly from: string;
  readonly to: string;
  /** The other direction was read before. */
  readonly isSecond: boolean;
}

const OUT: Side = { from: SOURCE_HASH_COLUMN, to: TARGET_HASH_COLUMN, isSecond: false };
const IN: Side = { from: TARGET_HASH_COLUMN, to: SOURCE_HASH_COLUMN, isSecond: false };
const SIDES: Readonly<Record<AdjacencyDirection, readonly Side[]>> = { out: [OUT], in: [IN], both: [OUT, { ...IN, isSecond: true }] };

function endTypes({ edgeType, direction }: AdjacencyRequest): readonly [origin: TypeKey, neighbor: TypeKey] {
  const ends = [nodeTypeKey(edgeType.source), nodeTypeKey(edgeType.target)] as const;
  return direction === "in" ? [ends[1], ends[0]] : ends;
}

function wordsOf(rows: LoadedRows, column: string): Uint32Array {
  return uint64ToHashPairs((rows.view(column).column as Uint64Column).values, rows.rowCount);
}

/** Edges found so far, as pairs of rows. */
class PairList {
  readonly #origins: number[] = [];
  readonly #neighbors: number[] = [];
  readonly #edges: number[] = [];

  get count(): number {
    return this.#origins.length;
  }

  add(origin: number, neighbor: number, edge: number): void {
    this.#origins.push(origin);
    this.#neighbors.push(neighbor);
    this.#edges.push(edge);
  }

  freeze(): Parameters<typeof buildAdjacency>[0] {
    const [origins, neighbors, edges] = [this.#origins, this.#neighbors, this.#edges].map((values) => Uint32Array.from(values)) as [Uint32Array, Uint32Array, Uint32Array];
    return { origins, neighbors, edges, count: origins.length, isComplete: true };
  }
}
