import type { ApiKey } from "./api-key.js";
import { type EmbeddingWire, memberOf, numbersOf, WireProblem, type WireRequest } from "./wire.js";

/** `POST {base}/embeddings`, as OpenAI, OpenRouter, Ollama, vLLM and others understand it. */
export const openaiWire: EmbeddingWire = {
  textsMax: 64,
  path: () => "/embeddings",
  headers: (key: ApiKey) => ({ authorization: `Bearer ${key.reveal()}` }),
  body: ({ model, texts, dimension }: WireRequest) => ({ model, input: texts, dimensions: dimension }),
  vectors(reply, textCount) {
    const data = memberOf(reply, "data");
    if (!Array.isArray(data)) throw new WireProblem("the reply has no 'data'");
    const vectors = new Map<number, readonly number[]>();
    for (const [position, datum] of data.entries()) {
      const index = memberOf(datum, "index") ?? position;
      if (typeof index !== "number" || vectors.has(index)) throw new WireProblem(`the reply has no or the same 'index' again at data[${position}]`);
      vectors.set(index, numbersOf(memberOf(datum, "embedding"), `data[${position}].embedding`));
    }
    return Array.from({ length: textCount }, (_, index) => {
      const vector = vectors.get(index);
      if (vector === undefined || vectors.size !== textCount) throw new WireProblem(`${textCount} embeddings were asked for, and the reply has ${vectors.size}`);
      return vector;
    });
  },
};
