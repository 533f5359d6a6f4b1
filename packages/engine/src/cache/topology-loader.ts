import { must } from "@omnigraphdb/common";
import { type EdgeType, nodeTypeKey } from "@omnigraphdb/compiler";
import { advanceAdjacency, rowMoves, type RowMoves } from "../adjacency/advance-adjacency.js";
import { type Adjacency, buildAdjacency, directedPairs, type EdgePairs, undirectedPairs } from "../adjacency/adjacency.js";
import type { EntityDictionary } from "../adjacency/entity-dictionary.js";
import type { Uint64Column } from "../columnar/column.js";
import { hashText } from "../hash/entity-hash.js";
import { physicalKey, type Snapshot, type SnapshotEntry } from "../manifest/snapshot.js";
import { REVISION_COLUMN, SOURCE_HASH_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import type { Predicate } from "../storage/predicate.js";
import type { CacheFiles } from "./cache-files.js";
import { datasetFolder, pruneFiles, versionStem } from "./cache-file-names.js";
import { readDictionaryAt, writeDictionaryFile } from "./dictionary-file.js";
import { decodeAdjacency, encodeAdjacency } from "./topology-file.js";
import type { TypeTable } from "./type-table.js";

export type AdjacencyDirection = "out" | "in" | "both";

/** Which rows of which edges, seen from which side. */
export interface AdjacencyRequest {
  readonly edgeType: EdgeType;
  /** Relative to the stored edge: `out` leads from `src` to `dst`. */
  readonly direction: AdjacencyDirection;
  /** One place per stored edge, for edge variables. */
  readonly keepsEdges: boolean;
}

/** The three datasets an adjacency is made from, at their versions. */
export interface TopologyState {
  readonly edges: SnapshotEntry;
  readonly sources: SnapshotEntry;
  readonly targets: SnapshotEntry;
}

export function topologyStateOf(snapshot: Snapshot, { edgeType }: AdjacencyRequest): TopologyState {
  const entryOf = (typeKey: string): SnapshotEntry => must(snapshot.entries.get(typeKey), `the snapshot has no ${typeKey}`);
  return { edges: entryOf(edgeType.typeKey), sources: entryOf(nodeTypeKey(edgeType.source)), targets: entryOf(nodeTypeKey(edgeType.target)) };
}

export function topologyKey(state: TopologyState, { direction, keepsEdges }: AdjacencyRequest): string {
  return [physicalKey(state.edges), physicalKey(state.sources), physicalKey(state.targets), direction, keepsEdges].join("\n");
}

/** An adjacency of earlier versions on the same lineages, that a later one may be made from. */
export interface EarlierTopology {
  readonly edgesVersion: number;
  /** Rows of the edge dataset. */
  readonly edgeCount: number;
  readonly adjacency: Adjacency;
  /** Of the versions that the adjacency was made from. */
  readonly dictionaries: Dictionaries;
}

export interface Dictionaries {
  readonly sources: EntityDictionary;
  readonly targets: EntityDictionary;
}

export interface TopologyTables {
  readonly edges: TypeTable;
  readonly sources: TypeTable;
  readonly targets: TypeTable;
}

/** Changes above this share of the edges are built anew. */
const ADVANCE_SHARE_MAX = 0.1;

/** An adjacency as it was made before, or from the datasets. */
export class TopologyLoader {
  readonly #files: CacheFiles;

  constructor(files: CacheFiles) {
    this.#files = files;
  }

  /** From its file; undefined when there is none that fits. */
  async read(state: TopologyState, request: AdjacencyRequest): Promise<Adjacency | undefined> {
    if (!this.isWorthwhile(state)) return undefined;
    const payload = await this.#files.read(fileNameOf(state, request));
    const decoded = payload === undefined ? undefined : decodeAdjacency(payload);
    if (decoded?.identity !== topologyKey(state, request)) return undefined;
    const { adjacency } = decoded;
    const [origins, neighbors] = request.direction === "in" ? [state.targets, state.sources] : [state.sources, state.targets];
    return adjacency.offsets.length === origins.entityCount + 1 && adjacency.neighborRowCount === neighbors.entityCount ? adjacency : undefined;
  }

  async has(state: TopologyState, request: AdjacencyRequest): Promise<boolean> {
    const name = fileNameOf(state, request);
    return (await this.#files.list(name)).includes(name);
  }

  /** Whether there are edges enough for a file. */
  isWorthwhile({ edges }: TopologyState): boolean {
    return edges.entityCount >= this.#files.rowCountMin;
  }

  /** Of the newest earlier versions that have files; undefined when there are none. */
  async readEarlier(state: TopologyState, request: AdjacencyRequest): Promise<EarlierTopology | undefined> {
    if (!this.isWorthwhile(state) || request.keepsEdges) return undefined;
    const suffix = suffixOf(request);
    const names = (await this.#files.list(datasetFolder("topology", state.edges))).filter((name) => name.endsWith(suffix));
    const newest = names.filter((name) => name < `${datasetFolder("topology", state.edges)}${versionStem(state.edges)}~`).at(-1);
    const payload = newest === undefined ? undefined : await this.#files.read(newest);
    const stored = payload === undefined ? undefined : decodeAdjacency(payload);
    if (stored === undefined) return undefined;
    const keys = stored.identity.split("\n");
    const versions = [state.edges, state.sources, state.targets].map((entry, i) => versionOn(entry, keys[i] ?? ""));
    const [edgesVersion, sourcesVersion, targetsVersion] = versions;
    if (edgesVersion === undefined || sourcesVersion === undefined || targetsVersion === undefined) return undefined;
    const sources = await readDictionaryAt(this.#files, state.sources, sourcesVersion);
    const targets = keys[1] === keys[2] ? sources : await readDictionaryAt(this.#files, state.targets, targetsVersion);
    if (sources === undefined || targets === undefined) return undefined;
    const { adjacency, edgeCount } = stored;
    const fits = adjacency.offsets.length - 1 === originsOf(request, sources, targets) && adjacency.neighborRowCount === neighborsOf(request, sources, targets);
    return fits ? { edgesVersion, edgeCount, adjacency, dictionaries: { sources, targets } } : undefined;
  }

  /** Writes the file if one is worth having, with the dictionaries that a later version is made with, and deletes those of versions long past. */
  async write(state: TopologyState, request: AdjacencyRequest, adjacency: Adjacency, dictionaries: Dictionaries): Promise<void> {
    if (!this.#files.isWritable || !this.isWorthwhile(state)) return;
    await writeDictionaryFile(this.#files, state.sources, dictionaries.sources);
    await writeDictionaryFile(this.#files, state.targets, dictionaries.targets);
    const stored = { identity: topologyKey(state, request), edgeCount: state.edges.entityCount, adjacency };
    await this.#files.write(fileNameOf(state, request), encodeAdjacency(stored), [state.edges, state.sources, state.targets]);
    await pruneFiles(this.#files, datasetFolder("topology", state.edges), suffixOf(request));
  }

  async build(tables: TopologyTables, request: AdjacencyRequest): Promise<Adjacency> {
    const [sources, targets] = await Promise.all([tables.sources.loadDictionary(), tables.targets.loadDictionary()]);
    const rowCount = tables.edges.rowCount;
    const sourceRows = new Uint32Array(rowCount);
    const targetRows = new Uint32Array(rowCount);
    // Batch by batch: the hashes are four times as large as the rows.
    const count = await resolveEdges(tables.edges, undefined, sources, targets, (at) => ({ sources: sourceRows, targets: targetRows, at }));
    tables.edges.checkRowCount(count);
    return buildAdjacency(pairsOf(sourceRows, targetRows, request), originsOf(request, sources, targets), neighborsOf(request, sources, targets), request.keepsEdges);
  }

  /**
   * From an adjacency of earlier versions on the same lineages, if no edge went away or was written anew and few came: then the earlier edges are
   * exactly the later ones but for those with a newer revision. Undefined otherwise.
   */
  async advance(earlier: EarlierTopology, state: TopologyState, tables: TopologyTables, request: AdjacencyRequest): Promise<Adjacency | undefined> {
    const addedCount = state.edges.entityCount - earlier.edgeCount;
    if (request.keepsEdges || !earlier.adjacency.isComplete || addedCount < 0 || addedCount > state.edges.entityCount * ADVANCE_SHARE_MAX) return undefined;
    const [sources, targets] = await Promise.all([tables.sources.loadDictionary(), tables.targets.loadDictionary()]);
    const sourceRows = new Uint32Array(addedCount);
    const targetRows = new Uint32Array(addedCount);
    if (state.edges.publishedVersion !== earlier.edgesVersion) {
      const newer: Predicate = { kind: "compare", column: REVISION_COLUMN, operator: ">", value: { kind: "integer", value: BigInt(earlier.edgesVersion) } };
      // Deleted edges and rewritten ones make the counts differ: later = earlier − deleted + new, and the revision finds new + rewritten.
      const count = await resolveEdges(tables.edges, newer, sources, targets, (at, batchRows) => (at + batchRows > addedCount ? undefined : { sources: sourceRows, targets: targetRows, at }));
      if (count !== addedCount) return undefined;
    } else if (addedCount > 0) {
      return undefined;
    }
    const { dictionaries } = earlier;
    const sourceMoves = movesBetween(dictionaries.sources, sources);
    const targetMoves = dictionaries.sources === dictionaries.targets ? sourceMoves : movesBetween(dictionaries.targets, targets);
    const [originMoves, neighborMoves] = request.direction === "in" ? [targetMoves, sourceMoves] : [sourceMoves, targetMoves];
    return advanceAdjacency(earlier.adjacency, {
      originMoves,
      neighborMoves,
      added: pairsOf(sourceRows, targetRows, request),
      originRowCount: originsOf(request, sources, targets),
      neighborRowCount: neighborsOf(request, sources, targets),
    });
  }
}

interface EdgeRows {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  /** Where the batch's rows go. */
  readonly at: number;
}

/** @param room where the next batch goes; undefined to stop @returns edges seen */
async function resolveEdges(
  edges: TypeTable,
  filter: Predicate | undefined,
  sources: EntityDictionary,
  targets: EntityDictionary,
  room: (at: number, batchRows: number) => EdgeRows | undefined,
): Promise<number> {
  let count = 0;
  for await (const batch of edges.batches([SOURCE_HASH_COLUMN, TARGET_HASH_COLUMN], filter)) {
    const rows = room(count, batch.rowCount);
    count += batch.rowCount;
    if (rows === undefined) break;
    sources.findAll(batch.columns.get(SOURCE_HASH_COLUMN) as Uint64Column, rows.sources, rows.at);
    targets.findAll(batch.columns.get(TARGET_HASH_COLUMN) as Uint64Column, rows.targets, rows.at);
  }
  return count;
}

function pairsOf(sourceRows: Uint32Array, targetRows: Uint32Array, { direction }: AdjacencyRequest): EdgePairs {
  if (direction === "in") return directedPairs(targetRows, sourceRows);
  const forward = directedPairs(sourceRows, targetRows);
  return direction === "out" ? forward : undirectedPairs(forward);
}

function originsOf({ direction }: AdjacencyRequest, sources: EntityDictionary, targets: EntityDictionary): number {
  return direction === "in" ? targets.rowCount : sources.rowCount;
}

function neighborsOf({ direction }: AdjacencyRequest, sources: EntityDictionary, targets: EntityDictionary): number {
  return direction === "in" ? sources.rowCount : targets.rowCount;
}

function movesBetween(earlier: EntityDictionary, later: EntityDictionary): RowMoves | undefined {
  if (earlier === later) return undefined;
  const words = later.hashWords;
  if (earlier.isPrefixOf(words)) return undefined;
  return rowMoves(earlier.rowCount, later.rowCount, (row) => earlier.find(words[2 * row] as number, words[2 * row + 1] as number));
}

/** The version in a physical key of the same lineage, if it is not a later one. */
function versionOn(entry: SnapshotEntry, key: string): number | undefined {
  const at = key.lastIndexOf("#");
  const version = Number(key.slice(at + 1));
  return key === physicalKey({ ...entry, publishedVersion: version }) && version <= entry.publishedVersion ? version : undefined;
}

function suffixOf({ direction, keepsEdges }: AdjacencyRequest): string {
  return `.${direction}${keepsEdges ? "-edges" : ""}`;
}

function fileNameOf(state: TopologyState, request: AdjacencyRequest): string {
  const nodes = hashText(`${physicalKey(state.sources)}\n${physicalKey(state.targets)}`).toString(16).padStart(16, "0");
  return `${datasetFolder("topology", state.edges)}${versionStem(state.edges)}-${nodes}${suffixOf(request)}`;
}
