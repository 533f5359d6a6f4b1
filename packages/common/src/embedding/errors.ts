import type { ErrorCategory } from "../errors/error-category.js";
import { OmniError } from "../errors/omni-error.js";

/** A vector of an embedding provider has another length than was asked for (EM-5, EM-10). */
export class EmbeddingDimensionError extends OmniError {
  readonly code = "EMBEDDING_DIMENSION_MISMATCH";
  readonly category: ErrorCategory = "internal";
  readonly provider: string;
  readonly expected: number;
  readonly actual: number;
  constructor(provider: string, expected: number, actual: number) {
    super(`embedding dimension mismatch: expected ${expected}, got ${actual} (provider ${provider})`, {
      hint: "Use a model that gives vectors of this length, or declare the property with the length the model gives.",
    });
    this.provider = provider;
    this.expected = expected;
    this.actual = actual;
  }
  override get details(): Readonly<Record<string, unknown>> {
    return { provider: this.provider, expected: this.expected, actual: this.actual };
  }
}

/** An embedding provider answered with something that is no direction: components that are not finite, or all zero (EM-5, EM-10). */
export class EmbeddingVectorError extends OmniError {
  readonly code = "EMBEDDING_VECTOR_INVALID";
  readonly category: ErrorCategory = "internal";
  readonly provider: string;
  constructor(provider: string, problem: string) {
    super(`${problem} (provider ${provider})`, { hint: "Check the model and the endpoint; the same text may embed with another model." });
    this.provider = provider;
  }
  override get details(): Readonly<Record<string, unknown>> {
    return { provider: this.provider };
  }
}
