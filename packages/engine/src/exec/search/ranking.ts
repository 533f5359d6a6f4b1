import type { Bm25Expression, NearestExpression, RankExpression } from "@omnigraphdb/compiler";
import { ColumnView } from "../../cache/column-view.js";
import type { VectorColumn } from "../../columnar/column.js";
import { squaredDistances } from "../../vectors/vector-memory.js";
import type { Operand } from "../operand.js";
import type { QueryRun } from "../query-run.js";
import { type Neighbours, wholeTypeScan } from "./nearest-source.js";
import { vectorsOf } from "./search-run.js";

/** Places of a type's rows under a ranking function: smaller is better, equal places tie, NaN takes no part (SR-10). */
export interface RowPlaces {
  readonly slot: number;
  /** By row; defined for the rows that were given to `prepare`. */
  readonly places: Float64Array;
  /** Finds the places of `rows[0 … count)`; rows may repeat. */
  prepare(rows: Uint32Array, count: number): Generator<void, void> | undefined;
}

/** Components compared between two chances to pause. */
const STEP_COMPONENTS = 8_388_608;

/** Places by distance, each computed when a row is first met (SR-15). */
class NearestPlaces implements RowPlaces {
  readonly slot: number;
  readonly places: Float64Array;
  readonly #isKnown: Uint8Array;
  readonly #column: VectorColumn;
  readonly #query: Float32Array;
  readonly #stepRows: number;

  constructor(run: QueryRun, expression: NearestExpression) {
    const { field, vector } = run.search.vectorQuery(expression);
    const space = run.spaceOf(field.slot);
    run.budget.hold(space.rowCount * 9);
    this.slot = field.slot;
    this.places = new Float64Array(space.rowCount);
    this.#isKnown = new Uint8Array(space.rowCount);
    this.#column = vectorsOf(space.view(field.property).column);
    this.#query = vector;
    this.#stepRows = Math.ceil(STEP_COMPONENTS / Math.max(1, vector.length));
    run.trace?.access(field.slot, { kind: "flatVectors", detail: field.property });
  }

  *prepare(rows: Uint32Array, count: number): Generator<void, void> {
    const unknown = new Uint32Array(Math.min(count, this.places.length));
    let unknownCount = 0;
    for (let k = 0; k < count; k++) {
      const row = rows[k] as number;
      if (this.#isKnown[row] === 1) continue;
      this.#isKnown[row] = 1;
      unknown[unknownCount++] = row;
    }
    for (let start = 0; start < unknownCount; start += this.#stepRows) {
      if (start > 0) yield;
      squaredDistances(this.#column, this.#query, unknown, start, Math.min(unknownCount, start + this.#stepRows), this.places);
    }
  }
}

/**
 * Places by distance for the neighbours that a vector index found; no other row has one. That decides the result if the match has more
 * candidates than are compared one by one, and as many of them as the result has rows are nearer than the farthest neighbour (SR-17).
 */
class NeighbourPlaces implements RowPlaces {
  readonly slot: number;
  readonly places: Float64Array;
  readonly #isSeen: Uint8Array;
  readonly #farthest: number;
  #seenCount = 0;
  #foundCount = 0;

  constructor(run: QueryRun, expression: NearestExpression, { rows, distances }: Neighbours) {
    const { field } = run.search.vectorQuery(expression);
    const { rowCount } = run.spaceOf(field.slot);
    run.budget.hold(rowCount * 9);
    this.slot = field.slot;
    this.places = new Float64Array(rowCount).fill(NaN);
    this.#isSeen = new Uint8Array(rowCount);
    for (let at = 0; at < rows.length; at++) this.places[rows[at] as number] = distances[at] as number;
    this.#farthest = distances.reduce((farthest, distance) => Math.max(farthest, distance), 0);
    if (wholeTypeScan(run.prepared) !== undefined) this.#seenCount = rowCount;
    const limit = Number(run.prepared.plan.limit ?? 0);
    run.search.addCheck(() => this.#seenCount > run.tuning.vectorExactRows && this.#foundCount >= limit);
  }

  prepare(rows: Uint32Array, count: number): undefined {
    for (let k = 0; k < count; k++) {
      const row = rows[k] as number;
      if (this.#isSeen[row] === 1) continue;
      this.#isSeen[row] = 1;
      this.#seenCount++;
      // False for the rows without a place. Others may be as far as the farthest, and come first by their ids.
      if ((this.places[row] as number) < this.#farthest) this.#foundCount++;
    }
  }
}

/** Places by BM25: the negative score (SR-20). */
class Bm25Places implements RowPlaces {
  readonly slot: number;
  readonly places: Float64Array;

  constructor(run: QueryRun, expression: Bm25Expression) {
    const { rows, scores } = run.search.scores(expression);
    this.slot = run.search.fieldOf(expression).slot;
    const { rowCount } = run.spaceOf(this.slot);
    run.budget.hold(rowCount * 8);
    this.places = new Float64Array(rowCount).fill(NaN);
    for (let at = 0; at < rows.length; at++) this.places[rows[at] as number] = -(scores[at] as number);
  }

  prepare(): undefined {
    return undefined;
  }
}

/** Places that are known at the end of the match only: of a fusion (SR-26). */
export class LatePlaces implements RowPlaces {
  readonly slot: number;
  readonly places: Float64Array;

  constructor(run: QueryRun, slot: number) {
    const { rowCount } = run.spaceOf(slot);
    run.budget.hold(rowCount * 8);
    this.slot = slot;
    this.places = new Float64Array(rowCount).fill(NaN);
  }

  prepare(): undefined {
    return undefined;
  }

  /** @param order rows from the best on */
  assign(order: Uint32Array): void {
    for (let place = 0; place < order.length; place++) this.places[order[place] as number] = place;
  }
}

export function makePlaces(run: QueryRun, expression: Exclude<RankExpression, { kind: "Rrf" }>): RowPlaces {
  if (expression.kind === "Bm25") return new Bm25Places(run, expression);
  const neighbours = run.search.neighboursOf(expression);
  return neighbours === undefined ? new NearestPlaces(run, expression) : new NeighbourPlaces(run, expression, neighbours);
}

/** Sorts match rows by their places. Compared when the places are known. */
export function placeOperand({ slot, places }: RowPlaces): Operand {
  const view = new ColumnView({ kind: "f64", length: places.length, validity: undefined, values: places });
  return { view, slot, isFloat32Property: false, isUnique: false };
}
