import { OmniError, type ErrorCategory } from "@omnigraphdb/common";

/** The query passed the static checks and cannot be executed as written ("refused at execution", query specification §13). */
export class QueryRefusedError extends OmniError {
  readonly code = "QUERY_REFUSED";
  readonly category: ErrorCategory = "invalid";
  readonly queryName: string;
  /** Rule of the query specification that refuses it. */
  readonly rule: string;

  constructor(queryName: string, message: string, rule: string) {
    super(message, { hint: `Change query ${queryName}; the rule is ${rule} of the query language.` });
    this.queryName = queryName;
    this.rule = rule;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { query: this.queryName, rule: this.rule };
  }
}

/** The query uses a search function. */
export class SearchUnavailableError extends OmniError {
  readonly code = "SEARCH_UNAVAILABLE";
  readonly category: ErrorCategory = "invalid";
  readonly searchFunction: string;

  constructor(searchFunction: string) {
    super(`search is not available in this version: the query uses ${searchFunction}`, {
      hint: "Use contains or starts_with for exact text, or run the query with a version that has search.",
    });
    this.searchFunction = searchFunction;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { function: this.searchFunction };
  }
}
