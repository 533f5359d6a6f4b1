import { must } from "@omnigraphdb/common";
import { type EdgeType, findEntityType, nodeTypeKey } from "@omnigraphdb/compiler";
import { type Adjacency, adjacencyByteCount, buildAdjacency, directedPairs, undirectedPairs } from "../adjacency/adjacency.js";
import type { Uint64Column } from "../columnar/column.js";
import { physicalKey, type Snapshot } from "../manifest/snapshot.js";
import type { DatasetGateway } from "../storage/dataset-gateway.js";
import { SOURCE_HASH_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import { ByteBudget } from "./byte-budget.js";
import { SharedLoads } from "./shared-loads.js";
import { TypeTable } from "./type-table.js";

/** Versions of one dataset held at a time: the one being read, and one before it for readers that have not moved on. */
const VERSIONS_HELD_MAX = 2;

export type AdjacencyDirection = "out" | "in" | "both";

/** Which rows of which edges, seen from which side. */
export interface AdjacencyRequest {
  readonly edgeType: EdgeType;
  /** Relative to the stored edge: `out` leads from `src` to `dst`. */
  readonly direction: AdjacencyDirection;
  /** One place per stored edge, for edge variables. */
  readonly keepsEdges: boolean;
}

/**
 * Derived state of one graph handle: dictionaries, topology and hot columns, keyed by the immutable physical state they were read from
 * (CA-1), under one byte budget (CA-2). Affects speed only (CA-4).
 */
export class GraphCaches {
  readonly #budget: ByteBudget;
  readonly #adjacencies: SharedLoads;
  readonly #tables = new Map<string, TypeTable>();
  /** Physical keys in {@link #tables} by dataset, oldest first. */
  readonly #keysByDataset = new Map<string, string[]>();

  constructor(byteCountMax: number) {
    this.#budget = new ByteBudget(byteCountMax);
    this.#adjacencies = new SharedLoads(this.#budget);
  }

  /** Memory held, in bytes. */
  get byteCount(): number {
    return this.#budget.byteCount;
  }

  table(snapshot: Snapshot, typeKey: string, datasets: DatasetGateway): TypeTable {
    const entry = must(snapshot.entries.get(typeKey), `the snapshot has no ${typeKey}`);
    const key = physicalKey(entry);
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const type = must(findEntityType(snapshot.catalog, typeKey), `the catalog has no ${typeKey}`);
    const table = new TypeTable(type, entry, datasets, this.#budget);
    this.#tables.set(key, table);
    this.#dropSuperseded(`${entry.location.directory}@${entry.location.nativeBranch ?? ""}`, key);
    return table;
  }

  findAdjacency(snapshot: Snapshot, request: AdjacencyRequest): Adjacency | undefined {
    return this.#adjacencies.find(adjacencyKey(snapshot, request)) as Adjacency | undefined;
  }

  async loadAdjacency(snapshot: Snapshot, request: AdjacencyRequest, datasets: DatasetGateway): Promise<Adjacency> {
    const key = adjacencyKey(snapshot, request);
    const known = this.#adjacencies.find(key) as Adjacency | undefined;
    if (known !== undefined) return known;
    const loaded = await this.#adjacencies.loadAll([key], async () => {
      const adjacency = await this.#buildAdjacency(snapshot, request, datasets);
      return new Map([[key, this.#adjacencies.put(key, adjacency, adjacencyByteCount(adjacency))]]);
    });
    return loaded.get(key) as Adjacency;
  }

  /** Forgets everything (CA-3). Queries under way keep what they hold. */
  clear(): void {
    for (const table of this.#tables.values()) table.clear();
    this.#tables.clear();
    this.#keysByDataset.clear();
    this.#adjacencies.clear();
  }

  async #buildAdjacency(snapshot: Snapshot, { edgeType, direction, keepsEdges }: AdjacencyRequest, datasets: DatasetGateway): Promise<Adjacency> {
    const edges = this.table(snapshot, edgeType.typeKey, datasets);
    const sourceTable = this.table(snapshot, nodeTypeKey(edgeType.source), datasets);
    const targetTable = this.table(snapshot, nodeTypeKey(edgeType.target), datasets);
    const [columns, sources, targets] = await Promise.all([
      edges.readColumns([SOURCE_HASH_COLUMN, TARGET_HASH_COLUMN]),
      sourceTable.loadDictionary(),
      targetTable.loadDictionary(),
    ]);
    const sourceRows = sources.findAll(columns.get(SOURCE_HASH_COLUMN) as Uint64Column);
    const targetRows = targets.findAll(columns.get(TARGET_HASH_COLUMN) as Uint64Column);
    if (direction === "in") return buildAdjacency(directedPairs(targetRows, sourceRows), targets.rowCount, sources.rowCount, keepsEdges);
    const forward = directedPairs(sourceRows, targetRows);
    const pairs = direction === "out" ? forward : undirectedPairs(forward);
    return buildAdjacency(pairs, sources.rowCount, targets.rowCount, keepsEdges);
  }

  /** Without this a process that writes and reads in turn would fill the whole budget with versions nobody asks for again. */
  #dropSuperseded(dataset: string, addedKey: string): void {
    const keys = this.#keysByDataset.get(dataset) ?? [];
    this.#keysByDataset.set(dataset, keys);
    keys.push(addedKey);
    const dropped = keys.length > VERSIONS_HELD_MAX ? keys.shift() : undefined;
    if (dropped === undefined) return;
    this.#tables.get(dropped)?.clear();
    this.#tables.delete(dropped);
    for (const name of this.#adjacencies.names()) if (name.split("\n").includes(dropped)) this.#adjacencies.delete(name);
  }
}

function adjacencyKey(snapshot: Snapshot, { edgeType, direction, keepsEdges }: AdjacencyRequest): string {
  const keyOf = (typeKey: string): string => physicalKey(must(snapshot.entries.get(typeKey), `the snapshot has no ${typeKey}`));
  return [keyOf(edgeType.typeKey), keyOf(nodeTypeKey(edgeType.source)), keyOf(nodeTypeKey(edgeType.target)), direction, keepsEdges].join("\n");
}
