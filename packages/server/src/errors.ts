import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

export interface BrokenStoredQuery {
  readonly query: string;
  readonly message: string;
}

/** Under the schema to come, stored queries of the graph would no longer type-check (http-api 13.2.2). Nothing was changed. */
export class SchemaBreaksStoredQueriesError extends OmniError {
  readonly code = "SCHEMA_BREAKS_STORED_QUERIES";
  readonly category: ErrorCategory = "invalid";
  readonly broken: readonly BrokenStoredQuery[];

  constructor(broken: readonly BrokenStoredQuery[]) {
    super(`the schema would break ${broken.length} stored ${broken.length === 1 ? "query" : "queries"}: ${broken.map(({ query, message }) => `'${query}': ${message}`).join("; ")}`, {
      hint: "Change the stored queries first, or keep what they use.",
    });
    this.broken = broken;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { broken_queries: this.broken };
  }
}
