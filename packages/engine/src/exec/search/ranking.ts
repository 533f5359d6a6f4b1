import type { Bm25Expression, NearestExpression, RankExpression } from "@omnigraphdb/compiler";
import { ColumnView } from "../../cache/column-view.js";
import { isNull } from "../../columnar/column.js";
import type { Operand } from "../operand.js";
import type { QueryRun } from "../query-run.js";
import { vectorsOf } from "./search-run.js";
import { squaredDistance } from "./vector-distance.js";

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
export class NearestPlaces implements RowPlaces {
  readonly slot: number;
  readonly places: Float64Array;
  readonly #isKnown: Uint8Array;
  readonly #measure: (row: number) => number;
  readonly #stepRows: number;

  constructor(run: QueryRun, expression: NearestExpression) {
    const { field, vector } = run.search.vectorQuery(expression);
    const space = run.spaceOf(field.slot);
    const column = vectorsOf(space.view(field.property).column);
    run.budget.hold(space.rowCount * 9);
    this.slot = field.slot;
    this.places = new Float64Array(space.rowCount);
    this.#isKnown = new Uint8Array(space.rowCount);
    this.#measure = (row) => (isNull(column, row) ? NaN : squaredDistance(column, row, vector));
    this.#stepRows = Math.ceil(STEP_COMPONENTS / Math.max(1, vector.length));
    run.trace?.access(field.slot, { kind: "flatVectors", detail: field.property });
  }

  *prepare(rows: Uint32Array, count: number): Generator<void, void> {
    const { places } = this;
    for (let start = 0; start < count; start += this.#stepRows) {
      if (start > 0) yield;
      const end = Math.min(count, start + this.#stepRows);
      for (let k = start; k < end; k++) {
        const row = rows[k] as number;
        if (this.#isKnown[row] === 1) continue;
        this.#isKnown[row] = 1;
        places[row] = this.#measure(row);
      }
    }
  }
}

/** Places by BM25: the negative score (SR-20). */
export class Bm25Places implements RowPlaces {
  readonly slot: number;
  readonly places: Float64Array;

  constructor(run: QueryRun, expression: Bm25Expression) {
    const scores = run.search.scores(expression);
    run.budget.hold(scores.byteLength);
    this.slot = run.search.fieldOf(expression).slot;
    this.places = scores.map((score) => (score > 0 ? -score : NaN));
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
  return expression.kind === "Nearest" ? new NearestPlaces(run, expression) : new Bm25Places(run, expression);
}

/** Sorts match rows by their places. Compared when the places are known. */
export function placeOperand({ slot, places }: RowPlaces): Operand {
  const view = new ColumnView({ kind: "f64", length: places.length, validity: undefined, values: places });
  return { view, slot, isFloat32Property: false, isUnique: false };
}
