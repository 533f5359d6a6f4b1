import { parseSeedManifest, parseSelector, readEmbedSpec } from "@omnigraphdb/embeddings";
import { describe, expect, test } from "vitest";

describe("EM-30 a spec", () => {
  test("names dimension, types, targets and fields", () => {
    expect(readEmbedSpec({ dimension: 3, types: { Doc: { target: "vec", fields: ["a", "b"] } } }, "spec")).toEqual({
      dimension: 3,
      model: undefined,
      types: new Map([["Doc", { target: "vec", fields: ["a", "b"] }]]),
    });
  });

  test.each([
    [null, "spec must be an object"],
    [{ types: {} }, "spec.dimension must be a whole number from 1"],
    [{ dimension: 0, types: {} }, "spec.dimension must be a whole number from 1"],
    [{ dimension: 1.5, types: {} }, "spec.dimension must be a whole number from 1"],
    [{ dimension: 2 }, "spec.types must be an object, and is missing"],
    [{ dimension: 2, types: {} }, "spec.types names no type"],
    [{ dimension: 2, types: { D: [] } }, "spec.types.D must be an object"],
    [{ dimension: 2, types: { D: { fields: ["a"] } } }, "spec.types.D.target must be the name of a property"],
    [{ dimension: 2, types: { D: { target: "v", fields: [] } } }, "spec.types.D.fields must be a list of property names"],
    [{ dimension: 2, types: { D: { target: "v", fields: ["a", 1] } } }, "spec.types.D.fields must be a list of property names"],
    [{ dimension: 2, types: { D: { target: "v", field: "a", fields: ["a"] } } }, "spec.types.D has an unknown member 'field'; it knows target, fields"],
    [{ dimension: 2, typs: {} }, "spec has an unknown member 'typs'; it knows dimension, model, types"],
    [{ dimension: 2, model: 3, types: {} }, "spec.model must be a text"],
  ])("%j: %s", (value, message) => {
    expect(() => readEmbedSpec(value, "spec")).toThrow(message);
  });
});

describe("EM-30 a seed manifest", () => {
  const embeddings = "embeddings: {dimension: 2, types: {Doc: {target: vec, fields: [title]}}}";

  test("names its files relative to itself", async () => {
    const manifest = await parseSeedManifest(`name: demo\nsources:\n  raw_seed: raw/seed.jsonl\nartifacts:\n  embedded_seed: ../out.jsonl\n${embeddings}`, "/seeds/demo/seed.yaml");
    expect(manifest).toMatchObject({ input: "/seeds/demo/raw/seed.jsonl", output: "/seeds/out.jsonl", spec: { dimension: 2 } });
  });

  test("seed.data is the older spelling, and the output has a default", async () => {
    expect(await parseSeedManifest(`seed: {data: seed.jsonl}\n${embeddings}`, "/s/seed.yaml")).toMatchObject({ input: "/s/seed.jsonl", output: "/s/build/seed.embedded.jsonl" });
  });

  test.each([
    ["[1]", "the manifest must be an object"],
    ["a: [", "the manifest is not YAML"],
    [embeddings, "the manifest names no records"],
    ["sources: {raw_seed: x}", "embeddings must be an object, and is missing"],
    [`sources: {raw_seed: 3}\n${embeddings}`, "sources.raw_seed must be a path"],
    [`sources: text\n${embeddings}`, "sources must be an object"],
  ])("%s: %s", async (text, message) => {
    await expect(parseSeedManifest(text, "/s/seed.yaml")).rejects.toThrow(message);
  });
});

test.each([
  ["title=Deep=Water", { type: undefined, field: "title", value: "Deep=Water" }],
  ["Doc:title=a:b", { type: "Doc", field: "title", value: "a:b" }],
  ["url=http://x", { type: undefined, field: "url", value: "http://x" }],
  ["title=", { type: undefined, field: "title", value: "" }],
])("EM-31 selector %s", (text, selector) => {
  expect(parseSelector(text)).toEqual(selector);
});

test.each(["title", "=x", "Doc:=x", ":title=x", ""])("EM-31 '%s' is no selector", (text) => {
  expect(() => parseSelector(text)).toThrow(`'${text}' is no selector`);
});
