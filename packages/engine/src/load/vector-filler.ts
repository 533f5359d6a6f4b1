import { type Embedder, must } from "@omnigraphdb/common";
import type { EntityType, Property } from "@omnigraphdb/compiler";
import { ByteBudget } from "../cache/byte-budget.js";
import { isNull, type RowBatch } from "../columnar/column.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import { setBit } from "../columnar/validity.js";
import { checkModel } from "../embedding/check-model.js";
import { embedOrCancel } from "../embedding/embed-or-cancel.js";
import { dimensionOf } from "../embedding/embed-query-text.js";
import { VectorCache } from "../embedding/vector-cache.js";
import type { LoadEmbedding } from "../graph-api.js";
import { LoadInputError } from "./errors.js";
import { EMBEDDED_CHARACTERS_MAX, EMBEDDED_TEXTS_MAX, EMBEDDED_VECTOR_BYTES } from "./load-limits.js";

const LOAD_EMBEDDINGS: readonly LoadEmbedding[] = ["missing", "none"];

interface Gap {
  readonly row: number;
  readonly text: string;
}

/**
 * Computes the vectors that records of one load leave out, from their source texts (EM-40, EM-41): into the batches, before anything
 * else reads them. Equal texts are embedded once, as far as their vectors still fit the cache.
 */
export class VectorFiller {
  readonly #makeEmbedder: () => Promise<Embedder>;
  readonly #signal: AbortSignal | undefined;
  readonly #vectors = new VectorCache(new ByteBudget(EMBEDDED_VECTOR_BYTES));
  #waiting: { readonly type: EntityType; readonly batch: RowBatch }[] = [];

  constructor(makeEmbedder: () => Promise<Embedder>, signal: AbortSignal | undefined) {
    this.#makeEmbedder = makeEmbedder;
    this.#signal = signal;
  }

  /** Remembers a batch for the next {@link settle}. Its vectors change then; nobody may have read them. */
  take(type: EntityType, batch: RowBatch): void {
    this.#waiting.push({ type, batch });
  }

  /** @throws EmbeddingModelMismatchError before any request; whatever the embedder throws; CancelledError */
  async settle(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { type, batch } of waiting) {
      for (const property of type.properties) if (property.embed !== null) await this.#fill(type, property, batch);
    }
  }

  async #fill(type: EntityType, property: Property, batch: RowBatch): Promise<void> {
    for (const gaps of gapsOf(property, batch)) {
      const embedder = await this.#makeEmbedder();
      checkModel(embedder, type.name, property);
      const dimension = dimensionOf(property);
      const vectors = await this.#vectorsOf(embedder, dimension, new Set(gaps.map(({ text }) => text)));
      const column = requireColumnOf(batch, property.name, "vector");
      for (const { row, text } of gaps) {
        column.values.set(must(vectors.get(text), "every text has a vector"), row * dimension);
        setBit(must(column.validity, "a column with gaps has validity bits"), row);
      }
    }
  }

  async #vectorsOf(embedder: Embedder, dimension: number, texts: ReadonlySet<string>): Promise<ReadonlyMap<string, Float32Array>> {
    const known = new Map<string, Float32Array>();
    const unknown: string[] = [];
    for (const text of texts) {
      const vector = this.#vectors.find(embedder.model, dimension, text);
      if (vector === undefined) unknown.push(text);
      else known.set(text, vector);
    }
    const signal = this.#signal === undefined ? {} : { signal: this.#signal };
    const made = await embedOrCancel("the load", embedder, unknown, { role: "document", dimension, ...signal });
    for (const [i, text] of unknown.entries()) {
      const vector = must(made[i], "one vector per text");
      known.set(text, vector);
      this.#vectors.keep(embedder.model, dimension, text, vector);
    }
    return known;
  }
}

/** Whether a load computes missing vectors (EM-40): as it says itself, or else as the handle is set. */
export function embedsMissing(given: LoadEmbedding | undefined, embedOnLoad: boolean): boolean {
  // Callers without a type checker: what is none of them would be taken for "none".
  if (given !== undefined && !LOAD_EMBEDDINGS.includes(given)) {
    throw new LoadInputError(`'${given}' is no choice of what a load embeds`, `Use one of ${LOAD_EMBEDDINGS.join(", ")}.`);
  }
  return given === undefined ? embedOnLoad : given === "missing";
}

/** Whether vectors of the type can be computed. */
export function hasEmbeddings(type: EntityType): boolean {
  return type.properties.some(({ embed }) => embed !== null);
}

/** There is nothing to embed (EM-10). */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** Rows without a vector that have a text, in portions for one call of the embedder. */
function* gapsOf({ name, embed }: Property, batch: RowBatch): Generator<readonly Gap[]> {
  const vectors = requireColumnOf(batch, name, "vector");
  if (vectors.validity === undefined || embed === null) return;
  const texts = requireColumnOf(batch, embed.sourceProperty, "utf8");
  let gaps: Gap[] = [];
  let characters = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    if (!isNull(vectors, row) || isNull(texts, row)) continue;
    const text = decodeUtf8(texts.bytes, texts.offsets[row] as number, texts.offsets[row + 1] as number);
    if (isBlank(text)) continue;
    gaps.push({ row, text });
    characters += text.length;
    if (gaps.length < EMBEDDED_TEXTS_MAX && characters < EMBEDDED_CHARACTERS_MAX) continue;
    yield gaps;
    gaps = [];
    characters = 0;
  }
  if (gaps.length > 0) yield gaps;
}
