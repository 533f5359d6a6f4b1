import { CancelledError, type Embedder, type EmbedOptions, embedTexts } from "@omnigraphdb/common";
import { waitUnlessAborted } from "../exec/wait.js";

/**
 * Unit vectors of the texts, in order. An abort is our error, however the embedder reports it, and even if it goes on.
 *
 * @throws EmbeddingDimensionError, EmbeddingVectorError; whatever the embedder throws; CancelledError
 */
export async function embedOrCancel(operation: string, embedder: Embedder, texts: readonly string[], options: EmbedOptions): Promise<readonly Float32Array[]> {
  const { signal } = options;
  try {
    return await waitUnlessAborted(embedTexts(embedder, texts, options), signal, operation);
  } catch (error) {
    if (signal?.aborted !== true || error instanceof CancelledError) throw error;
    throw new CancelledError(operation, { cause: signal.reason });
  }
}
