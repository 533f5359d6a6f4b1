import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** What is wrong with a JSON text: not JSON at all, a member named twice, or nested deeper than any request needs. */
export type JsonProblem = "syntax" | "duplicateKey" | "depth" | "encoding";

/** A text is not the JSON that this interface accepts (1.5). */
export class JsonTextError extends OmniError {
  readonly code = "MALFORMED_JSON";
  readonly category: ErrorCategory = "invalid";
  readonly problem: JsonProblem;

  constructor(problem: JsonProblem, message: string) {
    super(message, { hint: "Send one JSON value, encoded as UTF-8." });
    this.problem = problem;
  }
}
