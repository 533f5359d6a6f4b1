import { must } from "@omnigraphdb/common";
import type { Bm25Expression, Catalog, Expression, NearestExpression, RrfExpression, TextPredicateExpression, Value } from "@omnigraphdb/compiler";
import type { GraphEmbeddings } from "../../embedding/graph-embeddings.js";
import { constantValue, type RequestValues } from "../constant-value.js";
import { QueryRefusedError } from "../errors.js";
import type { PreparedPlan } from "../prepared-plan.js";

/** `max_edits` of a `fuzzy` without one (SR-3). */
const EDITS_DEFAULT = 2;
/** `k` of an `rrf` without one (SR-25). */
const FUSION_K_DEFAULT = 60;

/** Vectors given to `nearest`, by the name of the call. */
export type QueryVectors = ReadonlyMap<string, Float32Array>;

/** Refuses what only the parameters decide. @throws QueryRefusedError */
export function checkSearchValues({ plan, search }: PreparedPlan, request: RequestValues): void {
  const refuse = (rule: string, message: string): never => {
    throw new QueryRefusedError(plan.name, message, rule);
  };
  for (const call of search.calls) {
    switch (call.kind) {
      case "TextPredicate": {
        const edits = integerOf(call.maxEdits, request);
        if (edits !== undefined && edits < 0) refuse("SR-3", `the distance of 'fuzzy' is ${edits}; it counts edits, so it is 0 or more`);
        break;
      }
      case "Nearest":
        checkNearestQuery(constantValue(call.query, request), refuse);
        break;
      case "Bm25":
        if (constantValue(call.query, request).kind === "null") refuse("SR-22", "the query of 'bm25' is null; it must be a text");
        break;
      case "Rrf": {
        const k = integerOf(call.k, request);
        if (k !== undefined && k <= 0) refuse("SR-25", `k of 'rrf' is ${k}; it must be above 0`);
        break;
      }
    }
  }
}

function checkNearestQuery(query: Value, refuse: (rule: string, message: string) => never): void {
  if (query.kind === "null") refuse("SR-16", "the query of 'nearest' is null; it must be a vector or a text");
  if (query.kind === "string") return;
  const components = vectorOf(query);
  const bad = components.findIndex((component) => !Number.isFinite(component));
  if (bad !== -1) refuse("SR-16", `component ${bad + 1} of the query of 'nearest' is beyond the range of a 32-bit float`);
}

/** Words to look for; null for a null query. */
export function queryTextOf(expression: TextPredicateExpression | Bm25Expression, request: RequestValues): string | null {
  const value = constantValue(expression.query, request);
  if (value.kind === "string") return value.value;
  if (value.kind === "null") return null;
  throw new TypeError(`a ${value.kind} is no text`);
}

export function maxEditsOf({ maxEdits }: TextPredicateExpression, request: RequestValues): number {
  return integerOf(maxEdits, request) ?? EDITS_DEFAULT;
}

export function fusionKOf({ k }: RrfExpression, request: RequestValues): number {
  return integerOf(k, request) ?? FUSION_K_DEFAULT;
}

/** Undefined when it is not given or null. */
function integerOf(expression: Expression | undefined, request: RequestValues): number | undefined {
  if (expression === undefined) return undefined;
  const value = constantValue(expression, request);
  return value.kind === "integer" ? Number(value.value) : undefined;
}

interface EmbeddingContext {
  readonly catalog: Catalog;
  readonly embeddings: GraphEmbeddings;
  readonly signal: AbortSignal | undefined;
}

/**
 * The vector of every `nearest`. Texts are embedded (§10) before anything is read.
 *
 * @returns a promise only if a text is to be embedded
 */
export function queryVectorsOf(prepared: PreparedPlan, request: RequestValues, context: () => EmbeddingContext): QueryVectors | Promise<QueryVectors> {
  const { search } = prepared;
  const vectors = new Map<string, Float32Array>();
  const texts: { readonly expression: NearestExpression; readonly slot: number; readonly text: string }[] = [];
  for (const { expression, slot } of search.nearest) {
    const value = constantValue(expression.query, request);
    if (value.kind === "string") texts.push({ expression, slot, text: value.value });
    else vectors.set(callName(prepared, expression), vectorOf(value));
  }
  return texts.length === 0 ? vectors : embedTexts(prepared, texts, vectors, context());
}

async function embedTexts(
  prepared: PreparedPlan,
  texts: readonly { readonly expression: NearestExpression; readonly slot: number; readonly text: string }[],
  vectors: Map<string, Float32Array>,
  { catalog, embeddings, signal }: EmbeddingContext,
): Promise<QueryVectors> {
  const queries = texts.map(({ expression, slot, text }) => {
    const typeName = must(prepared.slots[slot], "a ranked variable has a slot").variable.type;
    const property = must(catalog.nodeTypeByName.get(typeName)?.propertyByName.get(expression.property), `${typeName} has no ${expression.property}`);
    return { text, typeName, property };
  });
  const embedded = await embeddings.queryVectors(queries, signal);
  texts.forEach(({ expression }, i) => vectors.set(callName(prepared, expression), must(embedded[i], "a vector for every text")));
  return vectors;
}

export function callName({ search }: PreparedPlan, expression: Expression): string {
  return must(search.nameOf.get(expression), "a search function of the plan");
}

function vectorOf(value: Value): Float32Array {
  if (value.kind === "vector") return Float32Array.from(value.values);
  if (value.kind !== "list") throw new TypeError(`a ${value.kind} is no vector`);
  return Float32Array.from(value.items, (item) => (item.kind === "integer" || item.kind === "float" ? Number(item.value) : NaN));
}
