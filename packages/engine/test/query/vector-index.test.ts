import { must } from "@omnigraphdb/common";
import { makeScratchDir } from "@omnigraphdb/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import type { AccessPath } from "../../src/exec/trace.js";
import { DEFAULT_TUNING, type QueryTuning } from "../../src/exec/query-tuning.js";
import type { QueryRows } from "../../src/exec/execute-query.js";
import type { Snapshot } from "../../src/manifest/snapshot.js";
import { resultRows } from "../../src/result/result-rows.js";
import { tracePaths } from "../../test-support/access-paths.js";
import { QueryGraph, rowBatchOf, type TestEntity } from "../../test-support/query-graph.js";
import { batchSource } from "../../test-support/row-batches.js";
import { englishTexts, translatedTexts } from "../../test-support/text-collection.js";

/** Every search through the index, which then looks into all of its lists. */
const INDEXED: QueryTuning = { ...DEFAULT_TUNING, vectorExactRows: 0, probesPerRootList: 100 };
const FLAT: QueryTuning = { ...DEFAULT_TUNING, vectorExactRows: Infinity };

const SCHEMA = `
node Doc {
  slug: String @key
  text: String?
  size: I32
  place: Vector(4)? @index
}
edge Cites: Doc -> Doc
`;

/** The graph with a vector index over its documents, and then some more of them. */
async function withIndex(graph: QueryGraph, typeName: string, column: string, later: readonly TestEntity[], removed: readonly string[]): Promise<Snapshot> {
  const type = must(graph.schema.catalog.nodeTypeByName.get(typeName), "the type");
  const entry = must(graph.snapshot.entries.get(type.typeKey), "its dataset");
  const { datasets } = graph.storage;
  let version = await datasets.applyEffect(entry.location, { kind: "buildIndex", index: { column, kind: "vector", metric: "l2" } }, entry.publishedVersion);
  if (later.length > 0) version = await datasets.applyEffect(entry.location, { kind: "append", source: batchSource(rowBatchOf(type, later)) }, version);
  if (removed.length > 0) version = await datasets.applyEffect(entry.location, { kind: "deleteByIds", ids: removed }, version);
  const entityCount = entry.entityCount + later.length - removed.length;
  return { ...graph.snapshot, entries: new Map(graph.snapshot.entries).set(type.typeKey, { ...entry, publishedVersion: version, entityCount }) };
}

const plain = (rows: QueryRows): unknown => JSON.parse(JSON.stringify([...resultRows(rows)], (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value)));

describe("a small graph, indexed and not", () => {
  const QUERIES = [
    `query q($v: Vector(4)) { match { $d: Doc } return { $d.slug, nearest($d.place, $v) as d } order { nearest($d.place, $v) } limit 5 }`,
    `query q($v: Vector(4)) { match { $d: Doc $d.size > 40 } return { $d.slug } order { nearest($d.place, $v), $d.size desc } limit 4 }`,
    `query q($v: Vector(4)) { match { $d: Doc $d cites $e } return { $d.slug, $e.slug } order { nearest($d.place, $v) } limit 6 }`,
    `query q($v: Vector(4)) { match { $d: Doc $e cites $d not { $d cites $_ } } return { $d.slug, $e.slug } order { nearest($d.place, $v) } limit 3 }`,
    `query q($v: Vector(4)) { match { $d: Doc } return { $d.slug, rrf(nearest($d.place, $v), bm25($d.text, "stone river")) as s } order { s } limit 7 }`,
    `query q($v: Vector(4)) { match { $d: Doc search($d.text, "stone") } return { $d.slug } order { rrf(nearest($d.place, $v), nearest($d.place, [1, 0, 0, 0])) } limit 2 }`,
    `query q($v: Vector(4)) { match { $d: Doc } return { $d.slug, rrf(nearest($d.place, $v), bm25($d.text, "river")) as s } order { nearest($d.place, $v) } limit 2 }`,
    `query q($v: Vector(4)) { match { $d: Doc } return { $d.size as s, count($d) as n } order { nearest($d.place, $v) } limit 2 }`,
  ];
  const component = fc.constantFrom(-1, -0.5, 0, 0.5, 1);
  const place = fc.oneof({ weight: 8, arbitrary: fc.tuple(component, component, component, component) }, { weight: 1, arbitrary: fc.constant(null) });
  const doc = fc.record({ place, size: fc.integer({ min: 0, max: 99 }), text: fc.constantFrom("stone", "river stone", "river of the valley", "hill", null) });

  test("SR-17 IX-1 IX-2 the index never changes a result", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(doc, { minLength: 1_100, maxLength: 1_200 }),
        fc.array(doc, { maxLength: 20 }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 60 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        fc.tuple(component, component, component, component),
        async (docs, laterDocs, edges, removals, vector) => {
          await using dir = await makeScratchDir();
          const entityOf = ({ place: at, size, text }: (typeof docs)[number], i: number): TestEntity => ({ type: "Doc", id: `d${i}`, cells: { slug: `d${i}`, size, text, place: at === null ? null : Float32Array.from(at) } });
          const nodes = docs.map(entityOf);
          const cites = edges.map(([from, to], i): TestEntity => ({ type: "Cites", id: `c${i}`, from: `d${from % docs.length}`, to: `d${to % docs.length}`, cells: {} }));
          await using graph = await QueryGraph.create(dir.path, SCHEMA, [...nodes, ...cites]);
          const removed = [...new Set(removals.map((i) => `d${i % docs.length}`))];
          const snapshot = await withIndex(graph, "Doc", "place", laterDocs.map((each, i) => entityOf(each, docs.length + i)), removed);
          const params = { v: [...vector] };
          for (const source of QUERIES) {
            const flat = plain(await graph.run(source, { params, snapshot, tuning: FLAT }));
            expect(plain(await graph.run(source, { params, snapshot, tuning: INDEXED })), source).toEqual(flat);
            expect(plain(await graph.run(source, { params, snapshot, tuning: INDEXED, caches: new GraphCaches(1 << 26) })), `${source}, cold`).toEqual(flat);
          }
        },
      ),
      { numRuns: 4 },
    );
  });
});

describe("texts of 13,000 messages and paragraphs", () => {
  const DIMENSION = 64;
  const COUNT_MIN = 10_001;
  let dir: Awaited<ReturnType<typeof makeScratchDir>>;
  let graph: QueryGraph;
  let snapshot: Snapshot;
  let vectors: readonly Float32Array[];

  /** Texts with common runs of three letters are near: a vector of their hashed and damped counts. */
  function vectorOf(text: string): Float32Array {
    const counts = new Float64Array(DIMENSION);
    const letters = [...text.toLowerCase()];
    for (let i = 0; i + 2 < letters.length; i++) {
      let hash = 2_166_136_261;
      for (const letter of letters.slice(i, i + 3)) hash = Math.imul(hash ^ (letter.codePointAt(0) as number), 16_777_619);
      counts[(hash >>> 8) % DIMENSION] = (counts[(hash >>> 8) % DIMENSION] as number) + ((hash & 1) === 0 ? 1 : -1);
    }
    const damped = counts.map((count) => Math.sign(count) * Math.log1p(Math.abs(count)));
    const norm = Math.hypot(...damped) || 1;
    return Float32Array.from(damped, (component) => component / norm);
  }

  beforeAll(async () => {
    const texts = [...new Set([...englishTexts(), ...(["de", "ru", "zh-cn", "ja"] as const).flatMap(translatedTexts)])];
    expect(texts.length).toBeGreaterThan(COUNT_MIN);
    vectors = texts.map(vectorOf);
    dir = await makeScratchDir();
    const schema = `node Text { slug: String @key place: Vector(${DIMENSION})? @index length: I32 }`;
    graph = await QueryGraph.create(dir.path, schema, texts.map((text, i) => ({ type: "Text", id: `t${i}`, cells: { slug: `t${i}`, length: text.length, place: vectors[i] as Float32Array } })));
    snapshot = await withIndex(graph, "Text", "place", [], []);
  }, 60_000);

  afterAll(async () => {
    await graph[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  });

  const NEAR = `query q($v: Vector(${DIMENSION})) { match { $t: Text } return { $t.slug as slug } order { nearest($t.place, $v) } limit 10 }`;
  const LONG_AND_NEAR = NEAR.replace("$t: Text", "$t: Text $t.length > 30");
  const FEW_AND_NEAR = NEAR.replace("$t: Text", "$t: Text $t.length > 400");

  async function slugs(source: string, query: Float32Array, tuning: QueryTuning, paths: AccessPath[] = []): Promise<readonly string[]> {
    const rows = await graph.run(source, { params: { v: [...query] }, snapshot, tuning, trace: tracePaths(paths) });
    return [...resultRows(rows)].map((row) => row["slug"] as string);
  }

  test.each([
    ["all texts", NEAR],
    ["most of them", LONG_AND_NEAR],
  ])("SR-17 recall@10 of the index is at least 0.95: %s", { timeout: 30_000 }, async (_, source) => {
    let hitCount = 0;
    let exactCount = 0;
    for (let i = 0; i < 100; i++) {
      const query = vectors[(i * 131) % vectors.length] as Float32Array;
      const paths: AccessPath[] = [];
      const found = await slugs(source, query, DEFAULT_TUNING, paths);
      expect(paths.some(({ kind }) => kind === "vectorIndex")).toBe(true);
      const exact = await slugs(source, query, FLAT);
      hitCount += exact.filter((slug) => found.includes(slug)).length;
      exactCount += exact.length;
    }
    expect(hitCount / exactCount).toBeGreaterThanOrEqual(0.95);
  });

  test("SR-17 up to 10,000 candidates are compared one by one, whatever the index says", async () => {
    for (let i = 0; i < 20; i++) {
      const query = vectors[(i * 577) % vectors.length] as Float32Array;
      const paths: AccessPath[] = [];
      const found = await slugs(FEW_AND_NEAR, query, DEFAULT_TUNING, paths);
      expect(paths.at(-1)?.kind).toBe("flatVectors");
      expect(found).toEqual(await slugs(FEW_AND_NEAR, query, FLAT));
    }
  });
});
