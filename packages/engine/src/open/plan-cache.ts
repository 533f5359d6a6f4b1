import { type Catalog, compileQuery, type CompiledQuery } from "@omnigraphdb/compiler";
import { PLAN_CACHE_ENTRIES_MAX } from "../limits.js";

/** Compiled queries by source text, name and catalog, least recently used first. Refused sources are not kept. */
export class PlanCache {
  readonly #plans = new Map<string, CompiledQuery>();

  /** @throws CompileError, QuerySelectionError */
  compile(source: string, catalog: Catalog, name: string | undefined): CompiledQuery {
    const key = `${catalog.irHash}\n${name ?? ""}\n${source}`;
    const known = this.#plans.get(key);
    if (known !== undefined) {
      this.#plans.delete(key);
      this.#plans.set(key, known);
      return known;
    }
    const compiled = compileQuery(source, catalog, name);
    this.#plans.set(key, compiled);
    if (this.#plans.size > PLAN_CACHE_ENTRIES_MAX) {
      const oldest = this.#plans.keys().next();
      if (!oldest.done) this.#plans.delete(oldest.value);
    }
    return compiled;
  }
}
