import { OmniError, type OmniErrorOptions } from "./errors/omni-error.js";
import type { ErrorCategory } from "./errors/error-category.js";

/** The caller asked us to stop, or its deadline passed. Nothing durable was left behind. */
export class CancelledError extends OmniError {
  readonly code = "CANCELLED";
  readonly category: ErrorCategory = "cancelled";
  constructor(operation: string, options: OmniErrorOptions = {}) {
    super(`${operation} was cancelled`, options);
  }
}

/** Throws {@link CancelledError} when `signal` is aborted. Call between units of work that wait. */
export function throwIfAborted(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted) throw new CancelledError(operation, { cause: signal.reason });
}
