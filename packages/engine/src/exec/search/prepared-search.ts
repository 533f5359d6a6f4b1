import { type Bm25Expression, type Expression, isRankExpression, type NearestExpression, type RankExpression, type RrfExpression, type TextPredicateExpression, walkExpression } from "@omnigraphdb/compiler";

/** A property of the entities of one slot. */
export interface SearchField {
  readonly slot: number;
  readonly property: string;
}

export type SearchExpression = TextPredicateExpression | RankExpression;
export type WordExpression = TextPredicateExpression | Bm25Expression;

/** A ranking function and the slot of its variable. */
export interface RankUse<E extends RankExpression = RankExpression> {
  readonly expression: E;
  readonly slot: number;
}

/** What a plan asks of search. Holds no data and no parameter values. */
export interface PreparedSearch {
  /** Every search function, arms of `rrf` included; equal calls once. */
  readonly calls: readonly SearchExpression[];
  /** Equal calls have equal names. */
  readonly nameOf: ReadonlyMap<Expression, string>;
  /** Properties whose words are needed; each once. */
  readonly textFields: readonly SearchField[];
  readonly nearest: readonly RankUse<NearestExpression>[];
  /** The first ordering, if it is a ranking function: it restricts and orders (SR-10). */
  readonly ranking: RankUse | undefined;
  /** Fusions that are ordered by or returned: their values depend on the complete match (SR-26, SR-32). */
  readonly fusions: readonly RankUse<RrfExpression>[];
}

/** Of plans without a search function, and of those that are refused. */
export const NO_SEARCH: PreparedSearch = { calls: [], nameOf: new Map(), textFields: [], nearest: [], ranking: undefined, fusions: [] };

/**
 * @param expressions outermost expressions of the plan
 * @param slotOf of the variables of this plan
 */
export function prepareSearch(expressions: Iterable<Expression>, firstOrdering: Expression | undefined, slotOf: (variable: string) => number): PreparedSearch {
  const callByName = new Map<string, SearchExpression>();
  const nameOf = new Map<Expression, string>();
  const fields = new Map<string, SearchField>();
  for (const outer of expressions) {
    for (const part of walkExpression(outer)) {
      if (part.kind !== "TextPredicate" && !isRankExpression(part)) continue;
      const name = nameOfCall(part);
      nameOf.set(part, name);
      if (!callByName.has(name)) callByName.set(name, part);
      if (part.kind === "TextPredicate" || part.kind === "Bm25") {
        const field = fieldOf(part, slotOf);
        fields.set(fieldName(field), field);
      }
    }
  }
  if (callByName.size === 0) return NO_SEARCH;
  const calls = [...callByName.values()];
  const use = <E extends RankExpression>(expression: E): RankUse<E> => ({ expression, slot: slotOf(rankedVariable(expression)) });
  return {
    calls,
    nameOf,
    textFields: [...fields.values()],
    nearest: calls.filter((call) => call.kind === "Nearest").map(use),
    ranking: firstOrdering !== undefined && isRankExpression(firstOrdering) ? use(firstOrdering) : undefined,
    fusions: calls.filter((call) => call.kind === "Rrf").map(use),
  };
}

/**
 * The calls of `nearest` that order the result, alone or as arms of a fusion: the only ones that may be answered from neighbours, because the
 * best rows decide. Undefined where the whole match decides as well.
 */
export function rankingNearest({ ranking, fusions, nearest }: PreparedSearch): readonly RankUse<NearestExpression>[] | undefined {
  if (ranking === undefined || fusions.some(({ expression }) => nameOfCall(expression) !== nameOfCall(ranking.expression))) return undefined;
  const { expression } = ranking;
  const arms = expression.kind === "Rrf" ? [expression.first, expression.second] : [expression];
  const names = new Set(arms.map(nameOfCall));
  const uses = nearest.filter((use) => names.has(nameOfCall(use.expression)));
  return uses.length === 0 ? undefined : uses;
}

/** The field of a text function. */
export function fieldOf({ field }: WordExpression, slotOf: (variable: string) => number): SearchField {
  if (field.kind !== "Property") throw new TypeError("a field that is no property is refused before a run");
  return { slot: slotOf(field.variable), property: field.property };
}

export function fieldName({ slot, property }: SearchField): string {
  return `${slot}.${property}`;
}

/** The variable whose entities a ranking function ranks; both arms of a fusion rank the same one (SR-25). */
export function rankedVariable(expression: RankExpression): string {
  switch (expression.kind) {
    case "Nearest":
      return expression.variable;
    case "Bm25":
      if (expression.field.kind !== "Property") throw new TypeError("a field that is no property is refused before a run");
      return expression.field.variable;
    case "Rrf":
      return rankedVariable(expression.first);
  }
}

function nameOfCall(expression: Expression): string {
  return JSON.stringify(expression, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}
