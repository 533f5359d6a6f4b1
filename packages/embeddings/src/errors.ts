import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** The configuration of the embedding provider is unusable: an unknown provider, a malformed address, a number out of range. */
export class EmbeddingConfigError extends OmniError {
  readonly code = "EMBEDDING_CONFIG_INVALID";
  readonly category: ErrorCategory = "internal";
  /** The variable at fault. */
  readonly variable: string;

  constructor(variable: string, message: string, hint: string = `Correct or unset ${variable}.`) {
    super(message, { hint });
    this.variable = variable;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { variable: this.variable };
  }
}

/** Text is to be embedded, and no key for the provider is configured (EM-4, EM-7). */
export class EmbeddingKeyMissingError extends OmniError {
  readonly code = "EMBEDDING_KEY_MISSING";
  readonly category: ErrorCategory = "internal";
  readonly provider: string;
  /** Any of them would do. */
  readonly variables: readonly string[];

  constructor(provider: string, variables: readonly string[]) {
    super(`embedding provider '${provider}' needs a key: ${variables.join(" or ")} is not set`, {
      hint: `Set ${variables.join(" or ")}, choose another provider with OMNIGRAPH_EMBED_PROVIDER, or try things out with OMNIGRAPH_EMBEDDINGS_MOCK=1.`,
    });
    this.provider = provider;
    this.variables = variables;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { provider: this.provider, variables: this.variables };
  }
}

export interface ProviderFailure {
  readonly provider: string;
  /** What happened, in words; the provider's own where it gave some. */
  readonly problem: string;
  /** HTTP status of the last answer; absent when there was none. */
  readonly status?: number;
  /** Requests made. */
  readonly attempts: number;
  /** Whether the same request may succeed later. */
  readonly isTransient: boolean;
  readonly cause?: unknown;
}

/** The embedding provider refused, failed, answered something unreadable, or could not be reached (EM-6, EM-7). */
export class EmbeddingProviderError extends OmniError {
  readonly code = "EMBEDDING_PROVIDER_FAILED";
  readonly category: ErrorCategory = "unavailable";
  readonly provider: string;
  readonly status: number | undefined;
  readonly attempts: number;
  readonly #isTransient: boolean;

  constructor({ provider, problem, status, attempts, isTransient, cause }: ProviderFailure) {
    const tried = attempts > 1 ? ` (${attempts} attempts)` : "";
    super(`embedding provider '${provider}' failed: ${problem}${tried}`, { hint: hintFor(status, isTransient), cause });
    this.provider = provider;
    this.status = status;
    this.attempts = attempts;
    this.#isTransient = isTransient;
  }

  override get retryable(): boolean {
    return this.#isTransient && super.retryable;
  }

  /** EM-6: for a client of a server this is the server's failure, not its own overload. */
  override get httpStatus(): number {
    return 500;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { provider: this.provider, ...(this.status === undefined ? {} : { status: this.status }), attempts: this.attempts };
  }
}

function hintFor(status: number | undefined, isTransient: boolean): string {
  if (status === 401 || status === 403) return "Check the key of the provider and what it is allowed to use.";
  if (status === 404) return "Check OMNIGRAPH_EMBED_BASE_URL and OMNIGRAPH_EMBED_MODEL.";
  if (status === 429) return "Try again later, or raise OMNIGRAPH_EMBED_RETRY_ATTEMPTS and OMNIGRAPH_EMBED_RETRY_BACKOFF_MS.";
  if (isTransient) return "Check that the endpoint is running and reachable, then try again.";
  return "Check OMNIGRAPH_EMBED_BASE_URL, OMNIGRAPH_EMBED_MODEL and the dimension; the endpoint must speak the provider's protocol.";
}

/** An embedding, retries included, took longer than OMNIGRAPH_EMBED_DEADLINE_MS allows (EM-5, EM-6). */
export class EmbeddingDeadlineError extends OmniError {
  readonly code = "EMBEDDING_DEADLINE_EXCEEDED";
  readonly category: ErrorCategory = "unavailable";
  readonly provider: string;
  readonly deadlineMs: number;

  constructor(provider: string, deadlineMs: number, cause: unknown) {
    const last = cause instanceof EmbeddingProviderError ? `; last: ${cause.message}` : "";
    super(`embedding deadline exceeded after ${deadlineMs} ms${last}`, { hint: "Try again, or raise OMNIGRAPH_EMBED_DEADLINE_MS (0 = none).", cause });
    this.provider = provider;
    this.deadlineMs = deadlineMs;
  }

  override get httpStatus(): number {
    return 500;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { provider: this.provider, deadline_ms: this.deadlineMs };
  }
}
