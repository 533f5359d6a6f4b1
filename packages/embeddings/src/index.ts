export { ApiKey } from "./api-key.js";
export { createEmbedder } from "./create-embedder.js";
export type { EmbeddingConfig, HttpProvider, ProviderName, RequestPolicy } from "./embedding-config.js";
export { type EmbeddingEnvironment, type Environment, parseEmbeddingEnvironment } from "./environment.js";

// Failures
export { EmbeddingConfigError, EmbeddingDeadlineError, EmbeddingKeyMissingError, EmbeddingProviderError } from "./errors.js";

// Record files
export { type EmbedContext, embedFile, type EmbedFileRequest, type EmbedMode, type EmbedProgress, type EmbedSummary } from "./offline/embed-file.js";
export { type EmbedSpec, type EmbedType, readEmbedSpec } from "./offline/embed-spec.js";
export { EmbedRecordError, EmbedRunningError, EmbedSpecError } from "./offline/errors.js";
export { parseSeedManifest, type SeedManifest } from "./offline/seed-manifest.js";
export { parseSelector, type Selection, type Selector } from "./offline/selection.js";
