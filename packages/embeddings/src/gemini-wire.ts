import type { ApiKey } from "./api-key.js";
import { type EmbeddingWire, memberOf, numbersOf, type WireRequest } from "./wire.js";

/** `POST {base}/models/{model}:embedContent`: one text per request. */
export const geminiWire: EmbeddingWire = {
  textsMax: 1,
  path: (model) => `/models/${model.split("/").map(encodeURIComponent).join("/")}:embedContent`,
  headers: (key: ApiKey) => ({ "x-goog-api-key": key.reveal() }),
  body: ({ model, texts, role, dimension }: WireRequest) => ({
    model: `models/${model}`,
    content: { parts: texts.map((text) => ({ text })) },
    taskType: role === "query" ? "RETRIEVAL_QUERY" : "RETRIEVAL_DOCUMENT",
    outputDimensionality: dimension,
  }),
  vectors: (reply) => [numbersOf(memberOf(memberOf(reply, "embedding"), "values"), "embedding.values")],
};
