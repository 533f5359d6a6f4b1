import type { ApiKey } from "./api-key.js";

/** How often and how long a provider is asked. All times in milliseconds. */
export interface RequestPolicy {
  /** Per HTTP request. */
  readonly timeoutMs: number;
  /** Per embedding, retries included; 0 = none. */
  readonly deadlineMs: number;
  /** Requests per embedding, the first included. */
  readonly attempts: number;
  /** Before the second request; doubled for each further one. */
  readonly backoffMs: number;
}

export type HttpProvider = "openai-compatible" | "openai" | "gemini";

export type ProviderName = HttpProvider | "mock";

/** One resolved provider: it serves queries, loads and files alike, so that all their vectors share a space (EM-1). */
export type EmbeddingConfig =
  | { readonly provider: "mock"; readonly model: string }
  | {
      readonly provider: HttpProvider;
      readonly model: string;
      /** Without a slash at its end. */
      readonly baseUrl: string;
      readonly apiKey: ApiKey | undefined;
      /** Variables that may hold the key, in order; empty when the endpoint needs none. */
      readonly keyVariables: readonly string[];
      readonly policy: RequestPolicy;
    };
