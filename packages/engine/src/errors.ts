import { OmniError, type ErrorCategory } from "@omnigraphdb/common";

/** A budget of one call was crossed; nothing was returned or written (EX-5, GAP-8). */
export class ResourceLimitExceededError extends OmniError {
  readonly code = "RESOURCE_LIMIT_EXCEEDED";
  readonly category: ErrorCategory = "limit";
  readonly resource: string;
  readonly limit: number;
  readonly actual: number;

  constructor(resource: string, limit: number, actual: number, hint: string) {
    super(`${resource}: ${actual} needed, ${limit} allowed`, { hint });
    this.resource = resource;
    this.limit = limit;
    this.actual = actual;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { resource: this.resource, limit: this.limit, actual: this.actual };
  }
}
