import { embedTexts } from "@omnigraphdb/common";
import { createEmbedder, parseEmbeddingEnvironment } from "@omnigraphdb/embeddings";
import { expect, test } from "vitest";

const mock = createEmbedder(parseEmbeddingEnvironment({ OMNIGRAPH_EMBEDDINGS_MOCK: "1" }).config);

async function vectorOf(text: string, dimension: number): Promise<readonly number[]> {
  const [vector] = await embedTexts(mock, [text], { role: "query", dimension });
  return [...(vector ?? [])];
}

test.each([
  { text: "alpha", vector: [-0.542049, -0.471799, 0.160905, 0.676534] },
  { text: "", vector: [-0.492891, -0.870091] },
])("EM-8 EM-12 the mock vector of '$text' has the specified components", async ({ text, vector }) => {
  const rounded = (await vectorOf(text, vector.length)).map((component) => Number(component.toFixed(6)));
  expect(rounded).toEqual(vector);
});

test("EM-8 the mock gives the same bits for the same text, and others for another", async () => {
  expect(await vectorOf("straße 東京 🚀", 64)).toEqual(await vectorOf("straße 東京 🚀", 64));
  expect(await vectorOf("a", 8)).not.toEqual(await vectorOf("b", 8));
});

test("EM-5 a mock vector has length one", async () => {
  const vector = await vectorOf("norm", 768);
  expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
});
