import type { Embedder, EmbedOptions } from "./embedder.js";
import { EmbeddingDimensionError, EmbeddingVectorError } from "./errors.js";

/** Distance between 1 and the next 32-bit float: a shorter vector has no direction worth comparing. */
const FLOAT32_EPSILON: number = 2 ** -23;

/**
 * One unit vector per text, in order (EM-5, EM-10).
 *
 * @throws EmbeddingDimensionError, EmbeddingVectorError; whatever the embedder throws
 */
export async function embedTexts(embedder: Embedder, texts: readonly string[], options: EmbedOptions): Promise<readonly Float32Array[]> {
  if (texts.length === 0) return [];
  const { provider } = embedder;
  if (!Number.isSafeInteger(options.dimension) || options.dimension < 1) {
    throw new EmbeddingVectorError(provider, `an embedding of ${options.dimension} dimensions was asked for; it needs at least one`);
  }
  const vectors = await embedder.embed(texts, options);
  if (vectors.length !== texts.length) {
    throw new EmbeddingVectorError(provider, `${texts.length} embeddings were asked for, and ${vectors.length} came back`);
  }
  return vectors.map((vector) => unitVector(provider, vector, options.dimension));
}

/** The norm is summed in 64 bits and narrowed before it divides, so that the same components give the same bits everywhere. */
function unitVector(provider: string, components: ArrayLike<number>, dimension: number): Float32Array {
  if (components.length !== dimension) throw new EmbeddingDimensionError(provider, dimension, components.length);
  const vector = Float32Array.from(components);
  let squares = 0;
  for (const component of vector) squares += component * component;
  const norm = Math.fround(Math.sqrt(squares));
  if (!Number.isFinite(norm)) throw new EmbeddingVectorError(provider, "embedding has a component that is no finite 32-bit number");
  if (norm <= FLOAT32_EPSILON) throw new EmbeddingVectorError(provider, "embedding has zero norm (no direction)");
  for (let i = 0; i < dimension; i++) vector[i] = (vector[i] as number) / norm;
  return vector;
}
