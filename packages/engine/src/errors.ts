import { type ErrorCategory, OmniError, type OmniErrorOptions } from "@omnigraphdb/common";

/** A budget of one call was crossed; nothing was returned or written (EX-5, GAP-8). */
export class ResourceLimitExceededError extends OmniError {
  readonly code = "RESOURCE_LIMIT_EXCEEDED";
  readonly category: ErrorCategory = "limit";
  readonly resource: string;
  readonly limit: number;
  readonly actual: number;

  constructor(resource: string, limit: number, actual: number, hint: string, message = `${resource}: ${actual} needed, ${limit} allowed`) {
    super(message, { hint });
    this.resource = resource;
    this.limit = limit;
    this.actual = actual;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { resource: this.resource, limit: this.limit, actual: this.actual };
  }
}

/** An interrupted operation has to be settled before the call can succeed (RC-84, OCC-21). */
export class RecoveryRequiredError extends OmniError {
  readonly code = "RECOVERY_REQUIRED";
  readonly category: ErrorCategory = "unavailable";
  readonly operationId: string;

  constructor(operationId: string, reason: string, options: OmniErrorOptions = {}) {
    super(`recovery required for operation ${operationId}: ${reason}; reopen the graph read-write`, {
      hint: "Reopen the graph read-write; recovery then finishes or undoes the operation.",
      ...options,
    });
    this.operationId = operationId;
  }

  override get retryable(): boolean {
    return false;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { recovery_required: { operation_id: this.operationId } };
  }
}

/** A variable of the environment holds something unusable. */
export class EnvironmentError extends OmniError {
  readonly code = "BAD_ENVIRONMENT";
  readonly category: ErrorCategory = "invalid";

  constructor(variable: string, value: string, expected: string) {
    super(`environment variable ${variable} is '${value}'; expected ${expected}`, { hint: `Correct or unset ${variable}.` });
  }
}
