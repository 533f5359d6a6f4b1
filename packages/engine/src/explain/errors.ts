import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** The query changes data: there is no plan of rows to show, and running it to measure would be a write. */
export class MutationNotExplainedError extends OmniError {
  readonly code = "MUTATION_NOT_EXPLAINED";
  readonly category: ErrorCategory = "invalid";
  readonly queryName: string;

  constructor(queryName: string) {
    super(`query '${queryName}' changes data; explain shows reads`, {
      hint: "The types it reads and writes are in its descriptor, as lint shows it with --json. To see how its rows are found, explain a read with the same condition.",
    });
    this.queryName = queryName;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { query: this.queryName };
  }
}
