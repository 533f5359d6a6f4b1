import { CancelledError } from "@omnigraphdb/common";
import { createAcceptedSchema, type Property } from "@omnigraphdb/compiler";
import { describe, expect, test } from "vitest";
import { missingEmbedder } from "../../src/embedding/embedder.js";
import type { QueryText } from "../../src/embedding/embed-query-text.js";
import { GraphEmbeddings } from "../../src/embedding/graph-embeddings.js";
import { recordedVector, RecordingEmbedder } from "../../test-support/recording-embedder.js";

const { catalog } = createAcceptedSchema(
  `node Doc { t: String  small: Vector(3) @embed("t")  large: Vector(5) @embed("t", model="recorded")  bare: Vector(3) }`,
  { identityDomain: "test" },
);

function given(text: string, property: string): QueryText {
  return { text, typeName: "Doc", property: catalog.nodeTypeByName.get("Doc")?.propertyByName.get(property) as Property };
}

function arrays(vectors: readonly Float32Array[]): readonly (readonly number[])[] {
  return vectors.map((vector) => [...vector]);
}

describe("vectors of query texts", () => {
  test("EM-3 are asked for in the dimension of their property, as queries, equal ones once", async () => {
    const embedder = new RecordingEmbedder();
    const embeddings = new GraphEmbeddings(() => embedder);
    const vectors = await embeddings.queryVectors([given("a", "small"), given("bb", "large"), given("a", "small"), given("a", "large"), given("", "bare")]);
    expect(arrays(vectors)).toEqual([recordedVector("a", 3), recordedVector("bb", 5), recordedVector("a", 3), recordedVector("a", 5), recordedVector("", 3)]);
    expect(embedder.calls).toEqual([
      { texts: ["a", ""], options: { role: "query", dimension: 3 } },
      { texts: ["bb", "a"], options: { role: "query", dimension: 5 } },
    ]);
  });

  test("are remembered by dimension and text", async () => {
    const embedder = new RecordingEmbedder();
    const embeddings = new GraphEmbeddings(() => embedder);
    const first = await embeddings.queryVectors([given("a", "small")]);
    const second = await embeddings.queryVectors([given("a", "small"), given("a", "large")]);
    expect(second[0]).toBe(first[0]);
    expect(embedder.calls.map(({ options }) => options.dimension)).toEqual([3, 5]);
  });

  test("EM-2 come from one embedder, made on first need, and anew after it failed to be made", async () => {
    let made = 0;
    const embeddings = new GraphEmbeddings(() => {
      made++;
      if (made === 1) throw new Error("no key yet");
      return new RecordingEmbedder();
    });
    expect(await embeddings.queryVectors([])).toEqual([]);
    expect(made).toBe(0);
    await expect(embeddings.queryVectors([given("a", "small")])).rejects.toThrow("no key yet");
    await embeddings.queryVectors([given("a", "small")]);
    await embeddings.queryVectors([given("b", "small")]);
    expect(made).toBe(2);
  });

  test("EM-4 EM-20 of another model than the recorded one are refused before any request", async () => {
    const embedder = new RecordingEmbedder("newer");
    const embeddings = new GraphEmbeddings(() => embedder);
    await expect(embeddings.queryVectors([given("a", "small"), given("a", "large")])).rejects.toMatchObject({
      code: "EMBEDDING_MODEL_MISMATCH",
      message: "vectors of Doc.large are recorded as of model 'recorded', and the configured embedding model is 'newer'",
      httpStatus: 400,
    });
    expect(embedder.calls).toEqual([]);
    expect(await embeddings.queryVectors([given("a", "small")])).toHaveLength(1);
  });

  test("EM-1 need a provider", async () => {
    await expect(new GraphEmbeddings(missingEmbedder).queryVectors([given("a", "small")])).rejects.toMatchObject({ code: "EMBEDDER_MISSING", httpStatus: 500 });
  });

  test("EM-5 have the length that was asked for, finite components, and a direction", async () => {
    const answering = (vector: readonly number[]): GraphEmbeddings => new GraphEmbeddings(() => ({ provider: "p", model: "", embed: () => Promise.resolve([vector]) }));
    const unit = await answering([3, 0, 4]).queryVectors([given("a", "small")]);
    expect(arrays(unit)).toEqual([[0.6, 0, 0.8].map(Math.fround)]);
    await expect(answering([1, 2]).queryVectors([given("a", "small")])).rejects.toMatchObject({ code: "EMBEDDING_DIMENSION_MISMATCH" });
    for (const bad of [[NaN, 1, 1], [Infinity, 1, 1], [0, 0, 0], [1e39, 0, 0], [3e38, 3e38, 3e38]]) {
      await expect(answering(bad).queryVectors([given("a", "small")])).rejects.toMatchObject({ code: "EMBEDDING_VECTOR_INVALID" });
    }
  });

  test("an abort is a cancelled query", async () => {
    const controller = new AbortController();
    const embedder = new RecordingEmbedder();
    embedder.onCall = () => {
      controller.abort();
      throw new Error("stopped");
    };
    const embeddings = new GraphEmbeddings(() => embedder);
    await expect(embeddings.queryVectors([given("a", "small")], controller.signal)).rejects.toBeInstanceOf(CancelledError);
  });

  test("an abort does not wait for an embedder that goes on", async () => {
    const embeddings = new GraphEmbeddings(() => ({ provider: "deaf", model: "", embed: () => new Promise(() => undefined) }));
    await expect(embeddings.queryVectors([given("a", "small")], AbortSignal.timeout(5))).rejects.toBeInstanceOf(CancelledError);
  });
});
