import type { Embedder } from "@omnigraphdb/common";
import type { Io } from "../io.js";
import { warn } from "../notice.js";

/** The embedding provider that the environment describes (§16). Loaded when it is needed: most commands embed nothing. */
export async function configuredEmbedder(io: Io): Promise<Embedder> {
  const { createEmbedder, parseEmbeddingEnvironment } = await import("@omnigraphdb/embeddings");
  const { config, warnings } = parseEmbeddingEnvironment(io.env);
  for (const text of warnings) await warn(io, text);
  return createEmbedder(config);
}
