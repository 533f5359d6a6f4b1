/** What a text is embedded for: providers may place a search and what it looks for differently. */
export type EmbeddingRole = "query" | "document";

export interface EmbedOptions {
  readonly role: EmbeddingRole;
  /** Components of each vector. */
  readonly dimension: number;
  readonly signal?: AbortSignal;
}

/**
 * Port for turning text into vectors. Callers use {@link embedTexts}, which checks what comes back and gives every vector length
 * one; an implementation passes on what its model answered.
 */
export interface Embedder {
  /** Who answers, for messages: `openai`, `mock`. */
  readonly provider: string;
  /** As schemas record it in `@embed(…, model="…")`. */
  readonly model: string;
  /** One vector per text, in order. Called with at least one text. */
  embed(texts: readonly string[], options: EmbedOptions): Promise<readonly ArrayLike<number>[]>;
}
