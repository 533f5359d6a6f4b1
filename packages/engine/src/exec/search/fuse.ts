import type { RrfExpression } from "@omnigraphdb/compiler";
import { type BindingTable, gather } from "../binding-table.js";
import { rowComparer, sortedPositions } from "../operators/sort.js";
import type { QueryRun } from "../query-run.js";
import { makePlaces } from "./ranking.js";
import { fusionKOf } from "./search-values.js";
import { CUT_ROWS_MAX, SmallestValues } from "./smallest-values.js";

/** Reciprocal rank fusion over the entities of a match. */
export interface Fusion {
  /** By row of the type; 0 = in no arm. */
  readonly scores: Float64Array;
  /** Entities that some arm contains, best first: a total order (SR-28). */
  readonly order: Uint32Array;
}

/**
 * Fuses two rankings of `entities` (SR-25 … SR-28).
 *
 * @param entities rows of the slot in the complete match, each once
 * @param limit entities that a `nearest` arm contributes at most (SR-26)
 */
export function* fuse(run: QueryRun, expression: RrfExpression, slot: number, entities: Uint32Array, limit: number): Generator<void, Fusion> {
  const { rowCount } = run.spaceOf(slot);
  run.budget.hold(rowCount * 16);
  const k = fusionKOf(expression, run.search.request);
  const scores = new Float64Array(rowCount);
  const arms: Uint32Array[] = [];
  for (const arm of [expression.first, expression.second]) {
    const ranked = yield* rankEntities(run, arm, slot, entities, arm.kind === "Nearest" ? limit : Infinity);
    const positions = new Uint32Array(rowCount);
    for (let at = 0; at < ranked.length; at++) {
      const row = ranked[at] as number;
      positions[row] = at + 1;
      scores[row] = (scores[row] as number) + 1 / (k + at + 1);
    }
    arms.push(positions);
  }
  const fused = entities.filter((row) => (scores[row] as number) > 0);
  const [first, second] = arms as [Uint32Array, Uint32Array];
  const order = yield* sortedPositions(
    fused.length,
    (a, b) => {
      const x = fused[a] as number;
      const y = fused[b] as number;
      return (scores[y] as number) - (scores[x] as number) || comparePositions(first, x, y) || comparePositions(second, x, y);
    },
    Infinity,
  );
  return { scores, order: gather(fused, order, order.length) };
}

/** Position 0 is none: behind all others. */
function comparePositions(positions: Uint32Array, x: number, y: number): number {
  const a = positions[x] as number;
  const b = positions[y] as number;
  if (a === 0 || b === 0) return a === b ? 0 : a === 0 ? 1 : -1;
  return a - b;
}

/** Entities with a place, without those that are certainly behind the best `limit`. */
function bestEntities(entities: Uint32Array, places: Float64Array, limit: number): Uint32Array {
  const cut = limit <= CUT_ROWS_MAX ? new SmallestValues(limit) : undefined;
  const best = new Uint32Array(entities.length);
  let count = 0;
  for (const row of entities) {
    const place = places[row] as number;
    if (!Number.isNaN(place) && (cut === undefined || cut.offer(place))) best[count++] = row;
  }
  return best.subarray(0, count);
}

/** Entities with a rank, best first; equal ones by id. */
function* rankEntities(run: QueryRun, arm: RrfExpression["first"], slot: number, entities: Uint32Array, limit: number): Generator<void, Uint32Array> {
  const ranking = makePlaces(run, arm);
  yield* ranking.prepare(entities, entities.length) ?? [];
  const ranked = bestEntities(entities, ranking.places, limit);
  const columns = new Array<Uint32Array | undefined>(run.prepared.slotCount).fill(undefined);
  columns[slot] = ranked;
  const table: BindingTable = { rowCount: ranked.length, columns };
  const { places } = ranking;
  const compareIds = rowComparer([{ operand: run.idOperand(slot), isDescending: false }], table);
  const compare = (a: number, b: number): number => (places[ranked[a] as number] as number) - (places[ranked[b] as number] as number) || compareIds(a, b);
  const positions = yield* sortedPositions(ranked.length, compare, limit);
  return gather(ranked, positions, positions.length);
}
