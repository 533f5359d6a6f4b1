export { ApiKey } from "./api-key.js";
export { createEmbedder } from "./create-embedder.js";
export type { EmbeddingConfig, HttpProvider, ProviderName, RequestPolicy } from "./embedding-config.js";
export { type EmbeddingEnvironment, type Environment, parseEmbeddingEnvironment } from "./environment.js";

// Failures
export { EmbeddingConfigError, EmbeddingDeadlineError, EmbeddingKeyMissingError, EmbeddingProviderError } from "./errors.js";
