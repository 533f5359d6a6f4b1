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

/** An adjacency in memory that a later one of the same lineages may be made from. */
export interface EarlierTopology {
  readonly state: TopologyState;
  readonly adjacency: Adjacency;
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

  /** Writes the file if one is worth having, and deletes those of versions long past. */
  async write(state: TopologyState, request: AdjacencyRequest, adjacency: Adjacency): Promise<void> {
    if (!this.#files.isWritable || !this.isWorthwhile(state)) return;
    await this.#files.write(fileNameOf(state, request), encodeAdjacency(topologyKey(state, request), adjacency));
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
  async advance(earlier: EarlierTopology, earlierDictionaries: Dictionaries, state: TopologyState, tables: TopologyTables, request: AdjacencyRequest): Promise<Adjacency | undefined> {
    const addedCount = state.edges.entityCount - earlier.state.edges.entityCount;
    if (request.keepsEdges || !earlier.adjacency.isComplete || addedCount < 0 || addedCount > state.edges.entityCount * ADVANCE_SHARE_MAX) return undefined;
    const [sources, targets] = await Promise.all([tables.sources.loadDictionary(), tables.targets.loadDictionary()]);
    const sourceRows = new Uint32Array(addedCount);
    const targetRows = new Uint32Array(addedCount);
    if (state.edges.publishedVersion !== earlier.state.edges.publishedVersion) {
      const newer: Predicate = { kind: "compare", column: REVISION_COLUMN, operator: ">", value: { kind: "integer", value: BigInt(earlier.state.edges.publishedVersion) } };
      // Deleted edges and rewritten ones make the counts differ: later = earlier − deleted + new, and the revision finds new + rewritten.
      const count = await resolveEdges(tables.edges, newer, sources, targets, (at, batchRows) => (at + batchRows > addedCount ? undefined : { sources: sourceRows, targets: targetRows, at }));
      if (count !== addedCount) return undefined;
    } else if (addedCount > 0) {
      return undefined;
    }
    const sourceMoves = movesBetween(earlierDictionaries.sources, sources);
    const targetMoves = earlierDictionaries.sources === earlierDictionaries.targets ? sourceMoves : movesBetween(earlierDictionaries.targets, targets);
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

export interface Dictionaries {
  readonly sources: EntityDictionary;
  readonly targets: EntityDictionary;
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

function suffixOf({ direction, keepsEdges }: AdjacencyRequest): string {
  return `.${direction}${keepsEdges ? "-edges" : ""}`;
}

function fileNameOf(state: TopologyState, request: AdjacencyRequest): string {
  const nodes = hashText(`${physicalKey(state.sources)}\n${physicalKey(state.targets)}`).toString(16).padStart(16, "0");
  return `${datasetFolder("topology", state.edges)}${versionStem(state.edges)}-${nodes}${suffixOf(request)}`;
}
