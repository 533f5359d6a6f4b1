import { CATEGORY_DEFAULTS, type ErrorCategory } from "./error-category.js";

/** What the failed call may have left behind in durable storage. */
export type Effects = "none" | "possible";

export interface OmniErrorOptions {
  readonly effects?: Effects;
  /** What the caller should do next, as one imperative sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

const BRAND: symbol = Symbol.for("omnigraph.error");

/**
 * Base of every failure a caller can meet. `code` and `category` are contract, message text is not.
 *
 * Subclasses are small, one per failure a caller could tell apart; they carry typed fields and compose
 * their message from them.
 */
export abstract class OmniError extends Error {
  /** Stable machine-readable identifier, `SCREAMING_SNAKE_CASE`. Listed in `docs/reference/errors.md`. */
  abstract readonly code: string;
  abstract readonly category: ErrorCategory;
  readonly effects: Effects;
  /** What to do next. */
  readonly hint: string | undefined;

  constructor(message: string, options: OmniErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.effects = options.effects ?? "none";
    this.hint = options.hint;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Starting the whole call again, from preparation, is safe and may succeed. */
  get retryable(): boolean {
    return this.effects === "none" && CATEGORY_DEFAULTS[this.category].mayRetry;
  }

  get httpStatus(): number {
    return CATEGORY_DEFAULTS[this.category].httpStatus;
  }

  /** Facts for machines; they go on the wire: no secrets, no physical paths. */
  get details(): Readonly<Record<string, unknown>> {
    return {};
  }
}

/** Recognises our errors also across copies of this package. */
export function isOmniError(value: unknown): value is OmniError {
  return value instanceof Error && (value as { [BRAND]?: unknown } & Error)[BRAND as never] === true;
}
