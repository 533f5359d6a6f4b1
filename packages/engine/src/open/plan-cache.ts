import { type Catalog, compileQuery, type CompiledQuery } from "@omnigraphdb/compiler";
import { PLAN_CACHE_ENTRIES_MAX } from "../limits.js";

interface CachedPlan {
  readonly irHash: string;
  readonly name: string | undefined;
  readonly compiled: CompiledQuery;
}

/** Compiled queries by source text, name and catalog, least recently used first. Refused sources are not kept. */
export class PlanCache {
  /** By source: callers over a network bring the same text as a new string each time, and hashing it once is what a lookup costs. */
  readonly #plans = new Map<string, readonly CachedPlan[]>();
  #planCount = 0;
  #latestSource: string | undefined;

  /** @throws CompileError, QuerySelectionError */
  compile(source: string, catalog: Catalog, name: string | undefined): CompiledQuery {
    const { irHash } = catalog;
    const plans = this.#plans.get(source) ?? [];
    const known = plans.find((plan) => plan.name === name && plan.irHash === irHash);
    if (known !== undefined) {
      this.#touch(source, plans);
      return known.compiled;
    }
    const compiled = compileQuery(source, catalog, name);
    this.#planCount++;
    this.#touch(source, [...plans, { irHash, name, compiled }]);
    while (this.#planCount > PLAN_CACHE_ENTRIES_MAX) this.#evict();
    return compiled;
  }

  #touch(source: string, plans: readonly CachedPlan[]): void {
    if (source !== this.#latestSource) this.#plans.delete(source);
    this.#plans.set(source, plans);
    this.#latestSource = source;
  }

  /** All plans of the source that was not asked for the longest; the oldest one of a source that stands alone. */
  #evict(): void {
    const [oldest] = this.#plans;
    if (oldest === undefined) return;
    const [source, plans] = oldest;
    if (this.#plans.size === 1) {
      this.#plans.set(source, plans.slice(1));
      this.#planCount--;
      return;
    }
    this.#plans.delete(source);
    this.#planCount -= plans.length;
  }
}
