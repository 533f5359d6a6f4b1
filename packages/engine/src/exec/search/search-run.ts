import { must } from "@omnigraphdb/common";
import type { Bm25Expression, Expression, NearestExpression, RrfExpression, TextPredicateExpression } from "@omnigraphdb/compiler";
import type { VectorColumn } from "../../columnar/column.js";
import type { ScoredRows, TextIndex } from "../../search/text-index.js";
import type { RequestValues } from "../constant-value.js";
import type { PreparedPlan } from "../prepared-plan.js";
import type { QueryBudget } from "../query-budget.js";
import type { Neighbours, NeighboursByCall } from "./nearest-source.js";
import { fieldName, fieldOf, rankedVariable, type SearchField, type WordExpression } from "./prepared-search.js";
import { callName, maxEditsOf, queryTextOf, type QueryVectors } from "./search-values.js";
import type { TextIndexes } from "./text-source.js";

/** Rows of a type by what a text predicate says of them. */
export const NO_MATCH = 0;
export const MATCH = 1;
/** The field is null: neither a match nor a non-match (SR-8). */
const NULL_FIELD = 2;

/** Squared distances of a vector property to the vector of one call. */
export interface VectorQuery {
  readonly field: SearchField;
  readonly vector: Float32Array;
}

/** The search functions of one execution: every call is evaluated at most once, when it is first asked for. */
export class SearchRun {
  readonly #prepared: PreparedPlan;
  readonly #request: RequestValues;
  readonly #budget: QueryBudget;
  readonly #texts: TextIndexes;
  readonly #vectors: QueryVectors;
  readonly #similarWords = new Map<string, readonly string[]>();
  readonly #matches = new Map<string, Uint8Array>();
  readonly #scores = new Map<string, ScoredRows>();
  readonly #fusions = new Map<string, Float64Array>();
  readonly #neighbours: NeighboursByCall | undefined;
  readonly #checks: (() => boolean)[] = [];

  /** @param neighbours of every `nearest` that ranks, instead of its vectors */
  constructor(prepared: PreparedPlan, request: RequestValues, budget: QueryBudget, texts: TextIndexes, vectors: QueryVectors, neighbours: NeighboursByCall | undefined) {
    this.#prepared = prepared;
    this.#request = request;
    this.#budget = budget;
    this.#texts = texts;
    this.#vectors = vectors;
    this.#neighbours = neighbours;
  }

  get request(): RequestValues {
    return this.#request;
  }

  fieldOf(expression: WordExpression): SearchField {
    return fieldOf(expression, (variable) => this.#slotOf(variable));
  }

  /** What a predicate needs before it is asked for, where that may take long: the words that `fuzzy` compares. Undefined when there is nothing to do. */
  preparationOf(predicate: TextPredicateExpression): Generator<void, void> | undefined {
    if (predicate.function !== "fuzzy" || this.#similarWords.has(callName(this.#prepared, predicate))) return undefined;
    return this.#findSimilarWords(predicate);
  }

  /** By row of the type: {@link MATCH}, {@link NO_MATCH} or {@link NULL_FIELD} (SR-2 … SR-4). */
  matches(predicate: TextPredicateExpression): Uint8Array {
    return this.#once(this.#matches, predicate, () => {
      const index = this.#indexOf(predicate);
      this.#budget.hold(index.rowCount);
      const found = new Uint8Array(index.rowCount);
      for (const row of this.matchingRows(predicate)) found[row] = MATCH;
      if (index.documentCount < index.rowCount) for (let row = 0; row < found.length; row++) if (index.isNull(row)) found[row] = NULL_FIELD;
      return found;
    });
  }

  /** Rows that satisfy the predicate; ascending. */
  matchingRows(predicate: TextPredicateExpression): Uint32Array {
    const index = this.#indexOf(predicate);
    if (predicate.function === "fuzzy") return index.rowsWithAny(must(this.#similarWords.get(callName(this.#prepared, predicate)), "a fuzzy predicate is prepared"));
    return index.rowsWithAny(index.wordsOf(queryTextOf(predicate, this.#request) ?? ""));
  }

  /** Entities that share a word with the query, ascending by row, and their BM25 (SR-20). */
  scores(expression: Bm25Expression): ScoredRows {
    return this.#once(this.#scores, expression, () => {
      const index = this.#indexOf(expression);
      const scored = index.score(index.wordsOf(queryTextOf(expression, this.#request) ?? ""));
      this.#budget.hold(scored.rows.byteLength + scored.scores.byteLength);
      return scored;
    });
  }

  vectorQuery(expression: NearestExpression): VectorQuery {
    const vector = must(this.#vectors.get(callName(this.#prepared, expression)), "the vector of a nearest");
    return { field: { slot: this.#slotOf(expression.variable), property: expression.property }, vector };
  }

  /** What a vector index found for a ranking; undefined when the vectors themselves are compared. */
  neighboursOf(expression: NearestExpression): Neighbours | undefined {
    return this.#neighbours?.get(callName(this.#prepared, expression));
  }

  /** @param isDecided asked at the end of the match */
  addCheck(isDecided: () => boolean): void {
    this.#checks.push(isDecided);
  }

  /** Whether what the vector indexes found decides the result. */
  get isDecided(): boolean {
    return this.#checks.every((isDecided) => isDecided());
  }

  /** Fused scores by row of the type, known once the match is complete; 0 = in no arm. */
  fusion(expression: RrfExpression): { readonly slot: number; readonly scores: Float64Array } {
    const scores = must(this.#fusions.get(callName(this.#prepared, expression)), "a fusion before its match is complete");
    return { slot: this.#slotOf(rankedVariable(expression)), scores };
  }

  keepFusion(expression: RrfExpression, scores: Float64Array): void {
    this.#fusions.set(callName(this.#prepared, expression), scores);
  }

  *#findSimilarWords(predicate: TextPredicateExpression): Generator<void, void> {
    const index = this.#indexOf(predicate);
    const query = queryTextOf(predicate, this.#request);
    const similar = query === null ? [] : yield* index.similarWords(index.wordsOf(query), maxEditsOf(predicate, this.#request));
    this.#similarWords.set(callName(this.#prepared, predicate), similar);
  }

  #indexOf(expression: WordExpression): TextIndex {
    const field = this.fieldOf(expression);
    return must(this.#texts.get(fieldName(field)), `the words of ${field.property} were not loaded`);
  }

  #slotOf(variable: string): number {
    return must(this.#prepared.slotByVariable.get(variable), `no variable ${variable}`).index;
  }

  #once<T>(known: Map<string, T>, expression: Expression, make: () => T): T {
    const name = callName(this.#prepared, expression);
    const found = known.get(name);
    if (found !== undefined) return found;
    const made = make();
    known.set(name, made);
    return made;
  }
}

export function vectorsOf(column: { readonly kind: string }): VectorColumn {
  if (column.kind !== "vector") throw new TypeError(`nearest compares vectors, not ${column.kind}`);
  return column as VectorColumn;
}
