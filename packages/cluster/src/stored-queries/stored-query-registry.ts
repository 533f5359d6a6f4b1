import type { StoredQuery } from "./stored-query.js";

/** The stored queries of one graph. Immutable. */
export class StoredQueryRegistry {
  static readonly empty: StoredQueryRegistry = new StoredQueryRegistry([]);
  readonly #byName: ReadonlyMap<string, StoredQuery>;

  constructor(queries: readonly StoredQuery[]) {
    this.#byName = new Map([...queries].sort((a, b) => (a.name < b.name ? -1 : 1)).map((query) => [query.name, query]));
  }

  /** Ascending by name; also those that are not exposed. */
  list(): readonly StoredQuery[] {
    return [...this.#byName.values()];
  }

  find(name: string): StoredQuery | undefined {
    return this.#byName.get(name);
  }
}
