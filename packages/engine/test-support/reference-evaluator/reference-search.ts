import type { Bm25Expression, Expression, NearestExpression, RankExpression, RrfExpression, TextPredicateExpression } from "@omnigraphdb/compiler";
import type { TestEntity } from "../query-graph.js";
import { compareCodePoints, NULL, type ReferenceValue } from "./reference-values.js";

/** A value of a literal or parameter. */
type ValueOf = (constant: Expression) => ReferenceValue;

/** Place of an entity under a ranking function (smaller is better), and the value that is shown. */
export interface ReferenceRank {
  readonly place: number;
  readonly score: number;
}

export type ReferenceRanking = ReadonlyMap<TestEntity, ReferenceRank>;

/** SR-1 for texts whose words are their own stems and no stop words. */
function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

/** SR-2 … SR-4; undefined for a null field. */
export function referenceMatch(predicate: TextPredicateExpression, entity: TestEntity, valueOf: ValueOf): boolean | undefined {
  const text = textOf(predicate.field, entity);
  if (text === undefined) return undefined;
  const query = valueOf(predicate.query);
  if (query.kind !== "text") return false;
  const maxEdits = predicate.function === "fuzzy" ? numberOf(predicate.maxEdits, valueOf, 2) : 0;
  return wordsOf(query.text).some((wanted) => wordsOf(text).some((word) => editDistance(wanted, word) <= maxEdits));
}

/**
 * SR-15, SR-20, SR-25.
 *
 * @param entities of the ranked variable in the complete match, each once
 * @param all entities of the type in the snapshot
 */
export function referenceRanking(expression: RankExpression, entities: readonly TestEntity[], all: readonly TestEntity[], limit: number, valueOf: ValueOf): ReferenceRanking {
  switch (expression.kind) {
    case "Nearest":
      return nearestRanking(expression, entities, valueOf);
    case "Bm25":
      return bm25Ranking(expression, entities, all, valueOf);
    case "Rrf":
      return fusedRanking(expression, entities, all, limit, valueOf);
  }
}

export function referenceVariable(expression: RankExpression): string {
  if (expression.kind === "Nearest") return expression.variable;
  if (expression.kind === "Rrf") return referenceVariable(expression.first);
  return expression.field.kind === "Property" ? expression.field.variable : "";
}

function nearestRanking({ property, query }: NearestExpression, entities: readonly TestEntity[], valueOf: ValueOf): ReferenceRanking {
  const wanted = valueOf(query);
  const components = wanted.kind === "vector" ? wanted.numbers : wanted.kind === "list" ? wanted.items.map((item) => (item.kind === "number" ? Number(item.number) : NaN)) : [];
  const ranking = new Map<TestEntity, ReferenceRank>();
  for (const entity of entities) {
    const vector = entity.cells[property];
    if (!(vector instanceof Float32Array)) continue;
    const distance = components.reduce((sum, component, i) => sum + (component - (vector[i] as number)) ** 2, 0);
    ranking.set(entity, { place: distance, score: distance });
  }
  return ranking;
}

function bm25Ranking({ field, query }: Bm25Expression, entities: readonly TestEntity[], all: readonly TestEntity[], valueOf: ValueOf): ReferenceRanking {
  const documents = all.flatMap((entity) => {
    const text = textOf(field, entity);
    return text === undefined ? [] : [{ entity, words: wordsOf(text) }];
  });
  const average = documents.reduce((sum, { words }) => sum + words.length, 0) / documents.length;
  const text = valueOf(query);
  const wanted = new Set(text.kind === "text" ? wordsOf(text.text) : []);
  const ranking = new Map<TestEntity, ReferenceRank>();
  for (const { entity, words } of documents) {
    if (!entities.includes(entity)) continue;
    let score = 0;
    for (const word of wanted) {
      const frequency = words.filter((each) => each === word).length;
      if (frequency === 0) continue;
      const df = documents.filter((document) => document.words.includes(word)).length;
      const idf = Math.log(1 + (documents.length - df + 0.5) / (df + 0.5));
      score += (idf * (1.2 + 1) * frequency) / (frequency + 1.2 * (1 - 0.75 + (0.75 * words.length) / average));
    }
    if (score > 0) ranking.set(entity, { place: -rounded(score), score: rounded(score) });
  }
  return ranking;
}

function fusedRanking(expression: RrfExpression, entities: readonly TestEntity[], all: readonly TestEntity[], limit: number, valueOf: ValueOf): ReferenceRanking {
  const k = numberOf(expression.k, valueOf, 60);
  const arms = [expression.first, expression.second].map((arm) => {
    const ranking = [...referenceRanking(arm, entities, all, limit, valueOf)];
    ranking.sort(([a, { place: x }], [b, { place: y }]) => x - y || compareCodePoints(a.id, b.id));
    return ranking.map(([entity]) => entity).slice(0, arm.kind === "Nearest" ? limit : Infinity);
  });
  const scoreOf = (entity: TestEntity): number => arms.reduce((sum, arm) => sum + (arm.includes(entity) ? 1 / (k + arm.indexOf(entity) + 1) : 0), 0);
  const positionIn = (arm: readonly TestEntity[], entity: TestEntity): number => (arm.includes(entity) ? arm.indexOf(entity) : Infinity);
  const fused = [...new Set(arms.flat())].sort(
    (a, b) => scoreOf(b) - scoreOf(a) || arms.map((arm) => positionIn(arm, a) - positionIn(arm, b)).find((difference) => difference !== 0 && !Number.isNaN(difference)) || 0,
  );
  return new Map(fused.map((entity, place) => [entity, { place, score: scoreOf(entity) }]));
}

/** Sums of logarithms differ in their last bits with the order of the operations. */
function rounded(score: number): number {
  return Number(score.toPrecision(12));
}

function textOf(field: Expression, entity: TestEntity): string | undefined {
  const cell = field.kind === "Property" ? entity.cells[field.property] : undefined;
  return typeof cell === "string" ? cell : undefined;
}

function numberOf(constant: Expression | undefined, valueOf: ValueOf, otherwise: number): number {
  const value = constant === undefined ? NULL : valueOf(constant);
  return value.kind === "number" ? Number(value.number) : otherwise;
}

function editDistance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  return Math.min(editDistance(a.slice(1), b) + 1, editDistance(a, b.slice(1)) + 1, editDistance(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1));
}
