import { CancelledError, type Embedder, type EmbedOptions, embedTexts } from "@omnigraphdb/common";

/**
 * Unit vectors of the texts, in order. An abort is our error, however the embedder reports it.
 *
 * @throws EmbeddingDimensionError, EmbeddingVectorError; whatever the embedder throws; CancelledError
 */
export async function embedOrCancel(operation: string, embedder: Embedder, texts: readonly string[], options: EmbedOptions): Promise<readonly Float32Array[]> {
  try {
    return await embedTexts(embedder, texts, options);
  } catch (error) {
    const { signal } = options;
    if (signal?.aborted !== true) throw error;
    throw new CancelledError(operation, { cause: signal.reason });
  }
}
