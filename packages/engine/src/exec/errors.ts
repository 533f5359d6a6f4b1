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
