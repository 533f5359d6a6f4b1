import { type BindingTable, boundByteCount, takeBindings } from "../binding-table.js";
import type { Work } from "../operators/operator.js";
import type { Operand } from "../operand.js";
import type { QueryRun } from "../query-run.js";
import { fuse } from "./fuse.js";
import type { RankUse } from "./prepared-search.js";
import { LatePlaces, makePlaces, placeOperand, type RowPlaces } from "./ranking.js";
import { CUT_ROWS_MAX, SmallestValues } from "./smallest-values.js";

/** Takes in the rows of a match in batches. */
export interface RowSink<T> {
  accept(batch: BindingTable): Work<void>;
  finish(): Work<T>;
}

/**
 * What the ranking functions of a query need of the match on its way to the result (SR-10 … SR-14): entities without rank are dropped, and
 * fusions see the complete match before the first row goes on.
 */
export class RankedRows {
  readonly #run: QueryRun;
  readonly #places: RowPlaces | undefined;
  readonly #latePlaces: LatePlaces | undefined;
  readonly #seen = new Map<number, Uint8Array>();
  readonly #cut: SmallestValues | undefined;
  readonly #limit: number;

  /** Undefined when the query neither ranks nor fuses. */
  static of(run: QueryRun, limit: number): RankedRows | undefined {
    const { ranking, fusions } = run.prepared.search;
    return ranking === undefined && fusions.length === 0 ? undefined : new RankedRows(run, limit);
  }

  private constructor(run: QueryRun, limit: number) {
    const { plan, search } = run.prepared;
    this.#run = run;
    this.#limit = limit;
    for (const { slot } of search.fusions) this.#seen.set(slot, new Uint8Array(run.spaceOf(slot).rowCount));
    const { ranking } = search;
    if (ranking === undefined) return;
    const { expression, slot } = ranking;
    if (expression.kind === "Rrf") this.#places = this.#latePlaces = new LatePlaces(run, slot);
    else this.#places = makePlaces(run, expression);
    if (this.#latePlaces === undefined && !plan.isAggregating && limit <= CUT_ROWS_MAX) this.#cut = new SmallestValues(limit);
  }

  /** Sorts by rank, best first; undefined when the query does not rank. */
  get operand(): Operand | undefined {
    return this.#places === undefined ? undefined : placeOperand(this.#places);
  }

  /** Sends the rows that take part to `sink`. */
  into<T>(sink: RowSink<T>): RowSink<T> {
    if (this.#latePlaces !== undefined) return this.#intoAtEnd(sink, this.#latePlaces);
    return {
      accept: (batch) => this.#sendRanked(batch, sink),
      finish: () => this.#finish(sink),
    };
  }

  /** The order of a fusion depends on all rows, so they wait for the last one. */
  #intoAtEnd<T>(sink: RowSink<T>, latePlaces: LatePlaces): RowSink<T> {
    const batches: BindingTable[] = [];
    const { budget } = this.#run;
    return {
      accept: (batch) => {
        budget.hold(boundByteCount(batch));
        this.#mark(batch);
        batches.push(batch);
      },
      finish: () => this.#finishLate(sink, latePlaces, batches),
    };
  }

  *#finishLate<T>(sink: RowSink<T>, latePlaces: LatePlaces, batches: readonly BindingTable[]): Generator<void, T> {
    yield* this.#fuseAll(latePlaces);
    for (const batch of batches) {
      yield* running(sink.accept(this.#ranked(batch, latePlaces)));
      this.#run.budget.release(boundByteCount(batch));
    }
    return yield* running(sink.finish());
  }

  *#sendRanked<T>(batch: BindingTable, sink: RowSink<T>): Generator<void, void> {
    this.#mark(batch);
    const places = this.#places;
    if (places === undefined) {
      yield* running(sink.accept(batch));
      return;
    }
    yield* places.prepare(batch.columns[places.slot] as Uint32Array, batch.rowCount) ?? [];
    const ranked = this.#ranked(batch, places);
    if (ranked.rowCount > 0) yield* running(sink.accept(ranked));
  }

  *#finish<T>(sink: RowSink<T>): Generator<void, T> {
    yield* this.#fuseAll(undefined);
    return yield* running(sink.finish());
  }

  /** Remembers the entities of the complete match. */
  #mark(batch: BindingTable): void {
    for (const [slot, seen] of this.#seen) {
      const rows = batch.columns[slot] as Uint32Array;
      for (let k = 0; k < batch.rowCount; k++) seen[rows[k] as number] = 1;
    }
  }

  *#fuseAll(latePlaces: LatePlaces | undefined): Generator<void, void> {
    const { search } = this.#run.prepared;
    for (const use of search.fusions) {
      const fusion = yield* fuse(this.#run, use.expression, use.slot, this.#entitiesOf(use), this.#limit);
      this.#run.search.keepFusion(use.expression, fusion.scores);
      if (this.#isRanking(use)) latePlaces?.assign(fusion.order);
    }
  }

  #isRanking({ expression }: RankUse): boolean {
    const { ranking, nameOf } = this.#run.prepared.search;
    return ranking !== undefined && nameOf.get(expression) === nameOf.get(ranking.expression);
  }

  #entitiesOf({ slot }: RankUse): Uint32Array {
    const seen = this.#seen.get(slot) ?? new Uint8Array(0);
    let count = 0;
    for (const mark of seen) count += mark;
    const entities = new Uint32Array(count);
    let at = 0;
    for (let row = 0; row < seen.length; row++) if (seen[row] === 1) entities[at++] = row;
    return entities;
  }

  /** Rows with a rank; under a limit, without those that are certainly behind it. */
  #ranked(batch: BindingTable, { slot, places }: RowPlaces): BindingTable {
    const rows = batch.columns[slot] as Uint32Array;
    const positions = new Uint32Array(batch.rowCount);
    const cut = this.#cut;
    let kept = 0;
    for (let k = 0; k < batch.rowCount; k++) {
      const place = places[rows[k] as number] as number;
      if (Number.isNaN(place) || (cut !== undefined && !cut.offer(place))) continue;
      positions[kept++] = k;
    }
    if (kept === batch.rowCount) return batch;
    return takeBindings(batch, positions, kept, batch.columns.flatMap((column, each) => (column === undefined ? [] : [each])));
  }
}

function* running<T>(work: Work<T>): Generator<void, T> {
  return typeof work === "object" && work !== null && "next" in work ? yield* work : work;
}
