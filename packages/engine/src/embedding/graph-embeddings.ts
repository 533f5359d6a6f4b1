import type { Embedder } from "@omnigraphdb/common";
import { ByteBudget } from "../cache/byte-budget.js";
import { QUERY_VECTOR_CACHE_BYTES } from "../limits.js";
import type { MakeEmbedder } from "./embedder.js";
import { embedQueryTexts, type QueryText } from "./embed-query-text.js";
import { VectorCache } from "./vector-cache.js";

/** What a graph handle knows about embedding: its embedder, made once, and the vectors of recent query texts. */
export class GraphEmbeddings {
  readonly #makeEmbedder: MakeEmbedder;
  readonly #queryVectors = new VectorCache(new ByteBudget(QUERY_VECTOR_CACHE_BYTES));
  #embedder: Promise<Embedder> | undefined;

  constructor(makeEmbedder: MakeEmbedder) {
    this.#makeEmbedder = makeEmbedder;
  }

  /** The handle's embedder (EM-2). What failed to be made is made anew on the next call. */
  embedder(): Promise<Embedder> {
    if (this.#embedder !== undefined) return this.#embedder;
    const making = (async (): Promise<Embedder> => await this.#makeEmbedder())();
    this.#embedder = making;
    making.catch(() => (this.#embedder = undefined));
    return making;
  }

  /**
   * Unit vectors of texts given to `nearest`, in order (EM-1 … EM-5). Models are checked before any request.
   *
   * @throws EmbeddingModelMismatchError, EmbedderMissingError; EmbeddingDimensionError, EmbeddingVectorError; whatever the embedder
   *   throws; CancelledError
   */
  async queryVectors(texts: readonly QueryText[], signal?: AbortSignal): Promise<readonly Float32Array[]> {
    if (texts.length === 0) return [];
    return embedQueryTexts(texts, { embedder: await this.embedder(), vectors: this.#queryVectors, signal });
  }
}
