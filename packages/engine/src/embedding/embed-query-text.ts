import { assert, type Embedder } from "@omnigraphdb/common";
import type { Property } from "@omnigraphdb/compiler";
import { checkModel } from "./check-model.js";
import { embedOrCancel } from "./embed-or-cancel.js";
import type { VectorCache } from "./vector-cache.js";

/** A text given to `nearest` and the vector property it is compared with. */
export interface QueryText {
  readonly text: string;
  readonly typeName: string;
  readonly property: Property;
}

interface QueryEmbedding {
  readonly embedder: Embedder;
  readonly vectors: VectorCache;
  readonly signal: AbortSignal | undefined;
}

/** See `GraphEmbeddings.queryVectors`. Texts that are not known yet are embedded together, per dimension (EM-3). */
export async function embedQueryTexts(texts: readonly QueryText[], { embedder, vectors, signal }: QueryEmbedding): Promise<readonly Float32Array[]> {
  for (const { typeName, property } of texts) checkModel(embedder, typeName, property);
  const unknown = new Map<number, Set<string>>();
  const found = texts.map(({ text, property }) => {
    const dimension = dimensionOf(property);
    const vector = vectors.find(embedder.model, dimension, text);
    if (vector === undefined) unknown.set(dimension, (unknown.get(dimension) ?? new Set()).add(text));
    return vector;
  });
  if (unknown.size === 0) return found as Float32Array[];
  const embedded = new Map<string, Float32Array>();
  await Promise.all(
    [...unknown].map(async ([dimension, set]) => {
      const missing = [...set];
      const made = await embedOrCancel("query", embedder, missing, { role: "query", dimension, ...(signal === undefined ? {} : { signal }) });
      for (const [i, text] of missing.entries()) {
        const vector = made[i] as Float32Array;
        embedded.set(`${dimension}\n${text}`, vector);
        vectors.keep(embedder.model, dimension, text, vector);
      }
    }),
  );
  return found.map((vector, i) => {
    const { text, property } = texts[i] as QueryText;
    return vector ?? (embedded.get(`${dimensionOf(property)}\n${text}`) as Float32Array);
  });
}

/** Components that vectors of the property have. */
export function dimensionOf({ type: { base } }: Property): number {
  assert(base.kind === "Vector", "nearest compares vectors");
  return base.dimension;
}
