import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** A client stopped sending in the middle of a body, or sends a small one so slowly that it occupies the server. */
export class BodyTimeoutError extends OmniError {
  readonly code = "BODY_TIMEOUT";
  readonly category: ErrorCategory = "invalid";

  constructor(waitedMs: number) {
    super(`the body of the request did not arrive within ${waitedMs} ms`, { hint: "Send the request again, on a connection that delivers its body." });
  }

  override get httpStatus(): number {
    return 408;
  }
}
