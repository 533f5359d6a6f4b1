import { CancelledError } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { readLoad } from "../../src/load/read-load.js";
import type { LoadOptions } from "../../src/graph-api.js";
import { randomIds, systemClock } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { readCell } from "../../src/columnar/read-cell.js";
import { requireColumn } from "../../src/columnar/row-batch.js";
import { recordedVector, RecordingEmbedder } from "../../test-support/recording-embedder.js";
import { contentOf, createGraph, failureOf, ndjson, type TestGraph } from "../load/load-fixture.js";

const SCHEMA = `
node Doc {
  slug: String @key
  title: String?
  vec: Vector(4)? @embed("title", model="recorded")
}
node Strict {
  slug: String @key
  kind: enum(red, green)?
  vec: Vector(3) @embed("kind")
}
node Plain { slug: String @key  vec: Vector(4)? }
`;

const MISSING: LoadOptions = { mode: "merge", embed: "missing" };

async function graphWith(embedder: RecordingEmbedder, settings: { readonly embedOnLoad?: boolean } = {}): Promise<TestGraph> {
  return createGraph(SCHEMA, { components: { embedder: () => embedder }, settings });
}

function doc(slug: string, data: object): object {
  return { type: "Doc", data: { slug, ...data } };
}

async function vectorsOf({ graph }: TestGraph, typeName = "Doc"): Promise<Readonly<Record<string, unknown>>> {
  const lines = (await contentOf(graph)).split("\n").filter((line) => line !== "");
  const records = lines.map((line) => JSON.parse(line) as { readonly type: string; readonly data: { readonly slug: string; readonly vec?: unknown } });
  return Object.fromEntries(records.filter(({ type }) => type === typeName).map(({ data }) => [data.slug, data.vec ?? null]));
}

describe("EM-40 a load that embeds", () => {
  test("fills vectors that are absent or null from their text, and leaves given ones alone", async () => {
    const embedder = new RecordingEmbedder();
    await using test = await graphWith(embedder);
    const given = [0.5, 0.5, 0.5, 0.5];
    await test.graph.load(ndjson(doc("absent", { title: "a" }), doc("null", { title: "bb", vec: null }), doc("given", { title: "ccc", vec: given })), MISSING);
    expect(await vectorsOf(test)).toEqual({ absent: recordedVector("a", 4), null: recordedVector("bb", 4), given });
    expect(embedder.calls).toEqual([{ texts: ["a", "bb"], options: { role: "document", dimension: 4 } }]);
  });

  test("EM-10 leaves records without text without a vector", async () => {
    const embedder = new RecordingEmbedder();
    await using test = await graphWith(embedder);
    await test.graph.load(ndjson(doc("none", {}), doc("null", { title: null }), doc("blank", { title: " \n\t " })), MISSING);
    expect(await vectorsOf(test)).toEqual({ none: null, null: null, blank: null });
    expect(embedder.calls).toEqual([]);
  });

  test("computes required vectors, and refuses a record whose required vector has no text", async () => {
    const embedder = new RecordingEmbedder();
    await using test = await graphWith(embedder);
    const strict = (slug: string, data: object): object => ({ type: "Strict", data: { slug, ...data } });
    await test.graph.load(ndjson(strict("r", { kind: "red" }), strict("g", { kind: "green", vec: [1, 0, 0] }), strict("h", { kind: "green", vec: null })), MISSING);
    expect(await vectorsOf(test, "Strict")).toEqual({ r: recordedVector("red", 3), g: [1, 0, 0], h: recordedVector("green", 3) });
    const error = await failureOf(test.graph.load(ndjson(strict("x", { kind: "red" }), strict("y", {})), MISSING));
    expect(error).toMatchObject({ code: "LOAD_RECORD_INVALID", message: "record 2: non-nullable vector property 'vec' has null values (line 2)" });
    expect(Object.keys(await vectorsOf(test, "Strict"))).toEqual(["g", "h", "r"]);
  });

  test.each([
    { name: "it is not asked to", options: { mode: "merge" }, settings: {} },
    { name: "it says none", options: { mode: "merge", embed: "none" }, settings: { embedOnLoad: true } },
  ] as const)("EM-42 embeds nothing when $name", async ({ options, settings }) => {
    const embedder = new RecordingEmbedder();
    await using test = await graphWith(embedder, settings);
    await test.graph.load(ndjson(doc("a", { title: "a" })), options);
    expect(await vectorsOf(test)).toEqual({ a: null });
    expect(embedder.calls).toEqual([]);
    const required = await failureOf(test.graph.load(ndjson({ type: "Strict", data: { slug: "r", kind: "red" } }), options));
    expect(required.message).toContain("non-nullable vector property 'vec' has null values");
  });

  test("the setting of the handle makes it the default", async () => {
    const embedder = new RecordingEmbedder();
    await using test = await graphWith(embedder, { embedOnLoad: true });
    await test.graph.load(ndjson(doc("a", { title: "a" })), { mode: "append" });
    expect(await vectorsOf(test)).toEqual({ a: recordedVector("a", 4) });
  });

  test("needs no embedder while nothing is missing", async () => {
    await using test = await createGraph(SCHEMA);
    await test.graph.load(ndjson(doc("a", { title: "a", vec: [1, 0, 0, 0] }), { type: "Plain", data: { slug: "p" } }), MISSING);
    const error = await failureOf(test.graph.load(ndjson(doc("b", { title: "b" })), MISSING));
    expect(error).toMatchObject({ code: "EMBEDDER_MISSING", effects: "none" });
    expect(await vectorsOf(test)).toEqual({ a: [1, 0, 0, 0] });
  });

  test("refuses a choice that is none", async () => {
    await using test = await createGraph(SCHEMA);
    const error = await failureOf(test.graph.load("", { mode: "merge", embed: "all" as "none" }));
    expect(error).toMatchObject({ code: "LOAD_INPUT_INVALID", message: "'all' is no choice of what a load embeds" });
  });

  test("EM-41 a recorded model that is not the active one refuses the load before any request", async () => {
    const embedder = new RecordingEmbedder("other");
    await using test = await graphWith(embedder);
    const error = await failureOf(test.graph.load(ndjson(doc("a", { title: "a" })), MISSING));
    expect(error).toMatchObject({ code: "EMBEDDING_MODEL_MISMATCH", category: "invalid", details: { type: "Doc", property: "vec", recorded_model: "recorded", active_model: "other" } });
    expect(embedder.calls).toEqual([]);
    expect(await contentOf(test.graph)).toBe("");
  });

  test("a failing embedding fails the load and leaves everything as it was", async () => {
    const embedder = new RecordingEmbedder();
    embedder.onCall = () => {
      throw new RangeError("no quota");
    };
    await using test = await graphWith(embedder);
    const before = await test.graph.headCommitId();
    await expect(test.graph.load(ndjson(doc("a", { title: "a" })), MISSING)).rejects.toThrow("no quota");
    expect(await test.graph.headCommitId()).toBe(before);
    expect(await contentOf(test.graph)).toBe("");
  });

  test("an abort while the embedder works ends the load", async () => {
    const controller = new AbortController();
    const embedder = new RecordingEmbedder();
    embedder.onCall = () => {
      controller.abort();
      throw new Error("aborted somehow");
    };
    await using test = await graphWith(embedder);
    const error = await failureOf(test.graph.load(ndjson(doc("a", { title: "a" })), { ...MISSING, signal: controller.signal }));
    expect(error).toBeInstanceOf(CancelledError);
    expect(await contentOf(test.graph)).toBe("");
  });
});

test("EM-41 equal texts are embedded once, whether their batches stay in memory or not", async () => {
  for (const stagedMemoryBytes of [undefined, 0]) {
    const embedder = new RecordingEmbedder();
    await using test = await graphWith(embedder);
    await using staging = await makeTempDir();
    const records = Array.from({ length: 6000 }, (_, i) => doc(`d${i}`, { title: `title ${i % 2500}` }));
    const context = { clock: systemClock, ids: randomIds, stagingDirectory: staging.path, embedder: () => Promise.resolve(embedder), ...(stagedMemoryBytes === undefined ? {} : { stagedMemoryBytes }) };
    await using load = await readLoad(ndjson(...records), test.graph.schema, { mode: "append" }, context);
    expect(embedder.texts).toHaveLength(2500);
    expect(new Set(embedder.texts).size).toBe(2500);
    for await (const { firstOrdinal, batch } of load.types.get("node:Doc")!.rows.batches()) {
      for (let row = 0; row < batch.rowCount; row += 501) {
        const vector = readCell(requireColumn(batch, "vec"), row) as Float32Array;
        expect([...vector]).toEqual(recordedVector(`title ${(firstOrdinal + row) % 2500}`, 4));
      }
    }
  }
});
