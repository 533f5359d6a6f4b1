import { type Clock, type Embedder, type EmbedOptions, throwIfAborted } from "@omnigraphdb/common";
import type { EmbeddingConfig } from "./embedding-config.js";
import { EmbeddingKeyMissingError, EmbeddingProviderError } from "./errors.js";
import { either } from "./either.js";
import { exchange } from "./exchange.js";
import { type EmbeddingWire, WireProblem } from "./wire.js";

/** Requests on their way at a time (EM-41). */
const REQUESTS_MAX = 8;

/** Characters of the texts of one request, apart from its last text: well inside what providers take at once. */
const REQUEST_CHARACTERS_MAX = 200_000;

export type HttpConfig = Exclude<EmbeddingConfig, { readonly provider: "mock" }>;

/** A provider reached over HTTP. Any number of texts at a time; equal ones are sent once. */
export class HttpEmbedder implements Embedder {
  readonly provider: string;
  readonly model: string;
  readonly #config: HttpConfig;
  readonly #wire: EmbeddingWire;
  readonly #clock: Clock;

  constructor(config: HttpConfig, wire: EmbeddingWire, clock: Clock) {
    this.provider = config.provider;
    this.model = config.model;
    this.#config = config;
    this.#wire = wire;
    this.#clock = clock;
  }

  /**
   * The first request that fails ends the others.
   *
   * @throws EmbeddingKeyMissingError before any request; EmbeddingProviderError, EmbeddingDeadlineError, CancelledError
   */
  async embed(texts: readonly string[], options: EmbedOptions): Promise<readonly (readonly number[])[]> {
    const { apiKey, keyVariables } = this.#config;
    if (apiKey === undefined && keyVariables.length > 0) throw new EmbeddingKeyMissingError(this.provider, keyVariables);
    throwIfAborted(options.signal, "the embedding");
    const vectors = new Map<string, readonly number[]>();
    const waiting = cutBatches([...new Set(texts)], this.#wire.textsMax);
    const failing = new AbortController();
    using ending = either(failing.signal, options.signal);
    const { signal } = ending;
    let failure: unknown;
    const work = async (): Promise<void> => {
      for (let batch = waiting.next(); batch.done !== true && !signal.aborted; batch = waiting.next()) {
        try {
          const made = await this.#request(batch.value, { ...options, signal });
          for (const [i, text] of batch.value.entries()) vectors.set(text, made[i] as readonly number[]);
        } catch (error) {
          // The others fail because of this one.
          if (!failing.signal.aborted) failure = error;
          failing.abort();
        }
      }
    };
    await Promise.all(Array.from({ length: REQUESTS_MAX }, work));
    if (failing.signal.aborted) throw failure;
    throwIfAborted(options.signal, "the embedding");
    return texts.map((text) => vectors.get(text) as readonly number[]);
  }

  async #request(texts: readonly string[], { role, dimension, signal }: EmbedOptions): Promise<readonly (readonly number[])[]> {
    const { apiKey, baseUrl, policy } = this.#config;
    const { provider, model } = this;
    const reply = await exchange({
      provider,
      url: baseUrl + this.#wire.path(model),
      headers: apiKey === undefined ? {} : this.#wire.headers(apiKey),
      body: this.#wire.body({ model, texts, role, dimension }),
      policy,
      clock: this.#clock,
      signal,
      redact: (text) => apiKey?.redact(text) ?? text,
    });
    try {
      return this.#wire.vectors(reply, texts.length);
    } catch (error) {
      if (!(error instanceof WireProblem)) throw error;
      throw new EmbeddingProviderError({ provider, problem: error.message, attempts: 1, isTransient: false });
    }
  }
}

function* cutBatches(texts: readonly string[], textsMax: number): Generator<readonly string[], undefined> {
  let batch: string[] = [];
  let characters = 0;
  for (const text of texts) {
    batch.push(text);
    characters += text.length;
    if (batch.length < textsMax && characters < REQUEST_CHARACTERS_MAX) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}
