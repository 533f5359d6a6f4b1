import { must } from "@omnigraphdb/common";
import type { NearestExpression, QueryPlan } from "@omnigraphdb/compiler";
import { ABSENT } from "../../adjacency/entity-dictionary.js";
import type { Uint64Column } from "../../columnar/column.js";
import { vectorListCount } from "../../storage/dataset-gateway.js";
import { HASH_COLUMN } from "../../storage/dataset-schema.js";
import type { DataSource, LoadedData } from "../load-data.js";
import type { PreparedPlan, ScanOperation } from "../prepared-plan.js";
import { squaredDistance } from "../../vectors/squared-distance.js";
import { waitUnlessAborted } from "../wait.js";
import { type RankUse, rankingNearest } from "./prepared-search.js";
import { vectorsOf } from "./search-run.js";
import { callName, type QueryVectors } from "./search-values.js";

/** Rows of a type near the vector of one `nearest`, from its vector index. */
export interface Neighbours {
  /** Row numbers of the whole dataset, each once; in no order. */
  readonly rows: Uint32Array;
  /** Squared, computed as everywhere else: what decides a rank does not depend on where it was found. */
  readonly distances: Float64Array;
}

/** By the name of the call of `nearest`. */
export type NeighboursByCall = ReadonlyMap<string, Neighbours>;

/** Neighbours asked for per row of the result: conditions of the match drop some. */
const NEIGHBOURS_PER_ROW = 4;
/** And beyond: rows may be as near as the last one. */
const NEIGHBOURS_MORE = 24;
/** Above this share of the rows, comparing all of them costs no more. */
const NEIGHBOURS_SHARE_MAX = 0.1;

/** Runs of a plan that the index decided, and such whose conditions dropped too many neighbours. */
interface Experience {
  decidedCount: number;
  missedCount: number;
}

const experiences = new WeakMap<QueryPlan, Experience>();
/** Runs that one run in vain is worth: it costs about as much as the index saves in them. */
const DECIDED_PER_MISSED = 4;

/** Whether the index led to the result of `plan`: one whose conditions often drop too much compares all vectors at once. */
export function rememberOutcome(plan: QueryPlan, isDecided: boolean): void {
  const known = experiences.get(plan) ?? { decidedCount: 0, missedCount: 0 };
  if (isDecided) known.decidedCount++;
  else known.missedCount++;
  experiences.set(plan, known);
}

function isUnsuitable(plan: QueryPlan): boolean {
  const known = experiences.get(plan);
  return known !== undefined && known.missedCount * DECIDED_PER_MISSED > known.decidedCount;
}

/**
 * Neighbours for every `nearest` that ranks; undefined when some of them is better compared with all vectors: there is no index, the type is
 * small (SR-17), or the limit takes too large a part of it. Whether they are enough shows at the end of the match
 * (`SearchRun.isDecided`).
 */
export async function findNeighbours(prepared: PreparedPlan, vectors: QueryVectors, source: DataSource): Promise<NeighboursByCall | undefined> {
  const asked = await planNeighbours(prepared, source);
  if (asked === undefined) return undefined;
  const { uses, wantedCount } = asked;
  const found = uses.map(async (use): Promise<[string, Neighbours]> => {
    const name = callName(prepared, use.expression);
    return [name, await searchIndex(prepared, use, must(vectors.get(name), "the vector of a nearest"), wantedCount, source)];
  });
  return new Map(await waitUnlessAborted(Promise.all(found), source.signal, "query"));
}

/** The searches that {@link findNeighbours} would make; looks at the list of indexes only. */
export async function planNeighbours(prepared: PreparedPlan, source: DataSource): Promise<{ readonly uses: readonly RankUse<NearestExpression>[]; readonly wantedCount: number } | undefined> {
  const { plan, viaVectorIndex } = prepared;
  const uses = viaVectorIndex === undefined || isUnsuitable(plan) ? undefined : rankingNearest(prepared.search);
  if (uses === undefined || plan.limit === undefined) return undefined;
  const wantedCount = Number(plan.limit) * (unconditionalScan(prepared) === undefined ? NEIGHBOURS_PER_ROW : 1) + NEIGHBOURS_MORE;
  const { snapshot, caches, datasets, tuning } = source;
  for (const use of uses) {
    const table = caches.table(snapshot, typeKeyOf(prepared, use), datasets);
    if (table.rowCount <= tuning.vectorExactRows || wantedCount > table.rowCount * NEIGHBOURS_SHARE_MAX) return undefined;
    const indexes = table.findIndexes() ?? (await table.loadIndexes());
    if (!indexes.some(({ column, kind }) => kind === "vector" && column === use.expression.property)) return undefined;
  }
  return { uses, wantedCount };
}

/** Where the match is one whole type, the neighbours are all that has to be looked at. */
export function onlyNeighbours(prepared: PreparedPlan, data: LoadedData, neighbours: NeighboursByCall): LoadedData {
  const scan = wholeTypeScan(prepared);
  const [found] = neighbours.values();
  return scan === undefined || found === undefined ? data : { ...data, candidates: new Map([[scan.slot, found.rows]]) };
}

/** The only step of a plan whose whole match is one type. */
function unconditionalScan({ operations }: PreparedPlan): ScanOperation | undefined {
  const [scan, ...others] = operations;
  return scan?.kind === "scan" && scan.conditions.length === 0 && others.length === 0 ? scan : undefined;
}

/** The same where a `nearest` alone ranks: then its neighbours are all that has to be looked at. */
export function wholeTypeScan(prepared: PreparedPlan): ScanOperation | undefined {
  return prepared.search.ranking?.expression.kind === "Nearest" ? unconditionalScan(prepared) : undefined;
}

async function searchIndex(prepared: PreparedPlan, use: RankUse<NearestExpression>, vector: Float32Array, rowCountMax: number, source: DataSource): Promise<Neighbours> {
  const { property } = use.expression;
  const { snapshot, caches, datasets, signal, trace, tuning } = source;
  const table = caches.table(snapshot, typeKeyOf(prepared, use), datasets);
  const held = table.findView(property)?.column;
  const probeCount = Math.ceil(Math.sqrt(vectorListCount(table.rowCount)) * tuning.probesPerRootList);
  const columns = held === undefined ? [HASH_COLUMN, property] : [HASH_COLUMN];
  const [batch, dictionary] = await Promise.all([table.nearest({ column: property, vector, rowCountMax, probeCount, columns, signal }), table.findDictionary() ?? table.loadDictionary()]);
  trace?.access(use.slot, { kind: "vectorIndex", detail: property });
  const rows = new Uint32Array(batch.rowCount);
  const distances = new Float64Array(batch.rowCount);
  if (batch.rowCount === 0) return { rows, distances };
  dictionary.findAll(must(batch.columns.get(HASH_COLUMN), "the hashes of a search") as Uint64Column, rows, 0);
  const fetched = held === undefined ? vectorsOf(must(batch.columns.get(property), "the vectors of a search")) : undefined;
  const known = vectorsOf(held ?? must(fetched, "vectors"));
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number;
    if (row === ABSENT) throw new Error("a search found a row that is not in its dataset");
    distances[at] = squaredDistance(known, fetched === undefined ? row : at, vector);
  }
  return { rows, distances };
}

function typeKeyOf({ slots }: PreparedPlan, { slot }: RankUse): string {
  return must(slots[slot], "a ranked variable has a slot").typeKey;
}
