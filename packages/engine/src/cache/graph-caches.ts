import { must, systemPacer } from "@omnigraphdb/common";
import { findEntityType, nodeTypeKey } from "@omnigraphdb/compiler";
import { type Adjacency, adjacencyByteCount } from "../adjacency/adjacency.js";
import type { EntityDictionary } from "../adjacency/entity-dictionary.js";
import { physicalKey, type Snapshot, type SnapshotEntry } from "../manifest/snapshot.js";
import type { DatasetGateway } from "../storage/dataset-gateway.js";
import { ByteBudget } from "./byte-budget.js";
import { type CacheFiles, noCacheFiles } from "./cache-files.js";
import { SharedLoads } from "./shared-loads.js";
import { type AdjacencyRequest, type EarlierTopology, topologyKey, TopologyLoader, type TopologyState, topologyStateOf, type TopologyTables } from "./topology-loader.js";
import { TypeTable } from "./type-table.js";

/** Versions of one dataset held at a time: the one being read, and one before it for readers that have not moved on. */
const VERSIONS_HELD_MAX = 2;

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

  readonly #states = new Map<string, TopologyState>();
  readonly #files: CacheFiles;
  readonly #topology: TopologyLoader;
  #advancedCount = 0;
  readonly #background = new Set<Promise<void>>();

  /** @param files derived state that outlives the process; by default there is none */
  constructor(byteCountMax: number, files: CacheFiles = noCacheFiles) {
    this.#budget = new ByteBudget(byteCountMax);
    this.#adjacencies = new SharedLoads(this.#budget);
    this.#files = files;
    this.#topology = new TopologyLoader(files);
  }

  /** Memory held, in bytes. */
  get byteCount(): number {
    return this.#budget.byteCount;
  }

  /** Whether what is derived outlives the process. */
  get keepsFiles(): boolean {
    return this.#files.isWritable;
  }

  /** Topologies that were carried over from an earlier version instead of being built. */
  get advancedCount(): number {
    return this.#advancedCount;
  }

  table(snapshot: Snapshot, typeKey: string, datasets: DatasetGateway): TypeTable {
    const entry = must(snapshot.entries.get(typeKey), `the snapshot has no ${typeKey}`);
    const key = physicalKey(entry);
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const type = must(findEntityType(snapshot.catalog, typeKey), `the catalog has no ${typeKey}`);
    const dataset = lineageOf(entry);
    const table = new TypeTable(type, entry, datasets, this.#budget, {
      files: this.#files,
      later: (work) => this.#later(work),
      findEarlierDictionary: () => this.#findEarlierDictionary(dataset, key),
      findEarlierTable: () => this.#findEarlierTable(dataset, entry.publishedVersion),
    });
    this.#tables.set(key, table);
    this.#dropSuperseded(dataset, key);
    return table;
  }

  findAdjacency(snapshot: Snapshot, request: AdjacencyRequest): Adjacency | undefined {
    return this.#adjacencies.find(topologyKey(topologyStateOf(snapshot, request), request)) as Adjacency | undefined;
  }

  async loadAdjacency(snapshot: Snapshot, request: AdjacencyRequest, datasets: DatasetGateway): Promise<Adjacency> {
    const state = topologyStateOf(snapshot, request);
    const key = topologyKey(state, request);
    const known = this.#adjacencies.find(key) as Adjacency | undefined;
    if (known !== undefined) return known;
    const loaded = await this.#adjacencies.loadAll([key], async () => {
      const adjacency = await this.#makeAdjacency(snapshot, state, request, datasets);
      this.#states.set(key, state);
      return new Map([[key, this.#adjacencies.put(key, adjacency, adjacencyByteCount(adjacency))]]);
    });
    return loaded.get(key) as Adjacency;
  }

  /** Whether the topology can be read from a file instead of being made. */
  hasTopologyFile(snapshot: Snapshot, request: AdjacencyRequest): Promise<boolean> {
    return this.#topology.has(topologyStateOf(snapshot, request), request);
  }

  /** Writes the topology of all edge types, seen from both sides, that has no file yet (CA-5). */
  async persistTopology(snapshot: Snapshot, datasets: DatasetGateway): Promise<void> {
    if (!this.#files.isWritable) return;
    for (const edgeType of snapshot.catalog.edgeTypes) {
      for (const direction of ["out", "in"] as const) {
        const request: AdjacencyRequest = { edgeType, direction, keepsEdges: false };
        const state = topologyStateOf(snapshot, request);
        if (!this.#topology.isWorthwhile(state) || (await this.#topology.has(state, request))) continue;
        const adjacency = await this.loadAdjacency(snapshot, request, datasets);
        await this.settle();
        // One that was built just now wrote itself.
        if (!(await this.#topology.has(state, request))) await this.#writeTopology(state, request, adjacency, this.#tablesOf(snapshot, request, datasets));
      }
    }
  }

  /** Waits for what is written in the background. */
  async settle(): Promise<void> {
    await Promise.all(this.#background);
  }

  /** Forgets everything (CA-3). Queries under way keep what they hold. */
  clear(): void {
    for (const table of this.#tables.values()) table.clear();
    this.#tables.clear();
    this.#keysByDataset.clear();
    this.#adjacencies.clear();
    this.#states.clear();
  }

  /** From a file, or carried over from earlier versions, or built; what was built becomes a file. */
  async #makeAdjacency(snapshot: Snapshot, state: TopologyState, request: AdjacencyRequest, datasets: DatasetGateway): Promise<Adjacency> {
    const persisted = await this.#topology.read(state, request);
    if (persisted !== undefined) return persisted;
    const tables = this.#tablesOf(snapshot, request, datasets);
    const earlier = this.#findEarlierTopology(state, request) ?? (await this.#topology.readEarlier(state, request));
    const advanced = earlier === undefined ? undefined : await this.#topology.advance(earlier, state, tables, request);
    if (advanced !== undefined) {
      // The file it goes back to serves the next process as well: it is not written anew for every small change.
      this.#advancedCount++;
      return advanced;
    }
    const adjacency = await this.#topology.build(tables, request);
    this.#later(() => this.#writeTopology(state, request, adjacency, tables));
    return adjacency;
  }

  async #writeTopology(state: TopologyState, request: AdjacencyRequest, adjacency: Adjacency, tables: TopologyTables): Promise<void> {
    const [sources, targets] = await Promise.all([tables.sources.loadDictionary(), tables.targets.loadDictionary()]);
    await this.#topology.write(state, request, adjacency, { sources, targets });
  }

  #tablesOf(snapshot: Snapshot, { edgeType }: AdjacencyRequest, datasets: DatasetGateway): TopologyTables {
    const table = (typeKey: string): TypeTable => this.table(snapshot, typeKey, datasets);
    return { edges: table(edgeType.typeKey), sources: table(nodeTypeKey(edgeType.source)), targets: table(nodeTypeKey(edgeType.target)) };
  }

  /** The newest adjacency of the same kind on the same lineages at no later versions, if it is in memory with its dictionaries. */
  #findEarlierTopology(state: TopologyState, request: AdjacencyRequest): EarlierTopology | undefined {
    let newest: EarlierTopology | undefined;
    for (const [key, { edges, sources, targets }] of this.#states) {
      if (key !== topologyKey({ edges, sources, targets }, request) || !isEarlier(edges, state.edges) || !isEarlier(sources, state.sources) || !isEarlier(targets, state.targets)) continue;
      if (newest !== undefined && newest.edgesVersion > edges.publishedVersion) continue;
      const adjacency = this.#adjacencies.find(key) as Adjacency | undefined;
      const [source, target] = [sources, targets].map((entry) => this.#tables.get(physicalKey(entry))?.findDictionary());
      if (adjacency === undefined || source === undefined || target === undefined) continue;
      newest = { edgesVersion: edges.publishedVersion, edgeCount: edges.entityCount, adjacency, dictionaries: { sources: source, targets: target } };
    }
    return newest;
  }

  #findEarlierDictionary(dataset: string, key: string): EntityDictionary | undefined {
    const keys = this.#keysByDataset.get(dataset) ?? [];
    const earlier = keys.slice(0, Math.max(0, keys.indexOf(key))).at(-1);
    return earlier === undefined ? undefined : this.#tables.get(earlier)?.findDictionary();
  }

  #findEarlierTable(dataset: string, version: number): TypeTable | undefined {
    let newest: TypeTable | undefined;
    for (const key of this.#keysByDataset.get(dataset) ?? []) {
      const table = this.#tables.get(key);
      if (table !== undefined && table.version < version && table.version > (newest?.version ?? -1)) newest = table;
    }
    return newest;
  }

  #later(work: () => Promise<void>): void {
    // What fails here is made by whoever needs it next, who is told then.
    const running = systemPacer.turn().then(work).catch(() => undefined);
    this.#background.add(running);
    void running.finally(() => this.#background.delete(running));
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
    for (const name of this.#states.keys()) {
      if (!name.split("\n").includes(dropped)) continue;
      this.#adjacencies.delete(name);
      this.#states.delete(name);
    }
  }
}

function lineageOf({ location }: SnapshotEntry): string {
  return `${location.directory}@${location.nativeBranch ?? ""}`;
}

function isEarlier(earlier: SnapshotEntry, later: SnapshotEntry): boolean {
  return lineageOf(earlier) === lineageOf(later) && earlier.publishedVersion <= later.publishedVersion;
}
