import { type Clock, type Embedder, systemClock } from "@omnigraphdb/common";
import type { EmbeddingConfig } from "./embedding-config.js";
import { geminiWire } from "./gemini-wire.js";
import { HttpEmbedder } from "./http-embedder.js";
import { MockEmbedder } from "./mock-embedder.js";
import { openaiWire } from "./openai-wire.js";

/** The embedder of a configuration. Makes no request and needs no key until something is embedded. */
export function createEmbedder(config: EmbeddingConfig, clock: Clock = systemClock): Embedder {
  switch (config.provider) {
    case "mock":
      return new MockEmbedder(config.model);
    case "gemini":
      return new HttpEmbedder(config, geminiWire, clock);
    case "openai":
    case "openai-compatible":
      return new HttpEmbedder(config, openaiWire, clock);
  }
}
