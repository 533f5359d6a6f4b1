import { must } from "@omnigraphdb/common";
import { makeScratchDir } from "@omnigraphdb/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import { DEFAULT_TUNING, type QueryTuning } from "../../src/exec/query-tuning.js";
import type { AccessPath, ExecutionTrace } from "../../src/exec/trace.js";
import type { Snapshot } from "../../src/manifest/snapshot.js";
import { resultRows } from "../../src/result/result-rows.js";
import { tracePaths } from "../../test-support/access-paths.js";
import { QueryGraph, rowBatchOf, type TestEntity } from "../../test-support/query-graph.js";
import { batchSource } from "../../test-support/row-batches.js";

/** Every search that can ask the full-text index does; or none. */
const PROPOSED: QueryTuning = { ...DEFAULT_TUNING, textRowCost: Infinity };
const OWN_WORDS: QueryTuning = { ...DEFAULT_TUNING, textRowCost: 0 };

const SCHEMA = `
node Note {
  slug: String @key
  text: String?
  code: String?
  size: I32
  @index(text, language="german")
  @index(code, tokenizer="ngram", min=2, max=3)
}
`;

async function withIndexes(graph: QueryGraph, later: readonly TestEntity[], removed: readonly string[]): Promise<Snapshot> {
  const type = must(graph.schema.catalog.nodeTypeByName.get("Note"), "the type");
  const entry = must(graph.snapshot.entries.get(type.typeKey), "its dataset");
  const { datasets } = graph.storage;
  let version = entry.publishedVersion;
  for (const column of ["text", "code"]) {
    const textAnalysis = must(type.propertyByName.get(column), "the property").textAnalysis;
    version = await datasets.applyEffect(entry.location, { kind: "buildIndex", index: { column, kind: "fullText", textAnalysis } }, version);
  }
  if (later.length > 0) version = await datasets.applyEffect(entry.location, { kind: "append", source: batchSource(rowBatchOf(type, later)) }, version);
  if (removed.length > 0) version = await datasets.applyEffect(entry.location, { kind: "deleteByIds", ids: removed }, version);
  return { ...graph.snapshot, entries: new Map(graph.snapshot.entries).set(type.typeKey, { ...entry, publishedVersion: version, entityCount: entry.entityCount + later.length - removed.length }) };
}

const WORDS = ["Häuser", "haus", "der", "läuft", "LAUFEN", "東京", "naïve", "x_y", "größer", "😀", "Straße", "strasse", "12.5", "o'neil"];
const text = fc.oneof({ weight: 9, arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 5 }).map((words) => words.join(" ")) }, { weight: 1, arbitrary: fc.constant(null) });
const note = fc.record({ text, code: text, size: fc.integer({ min: 0, max: 9 }) });

const QUERIES = [
  `query q($q: String) { match { $n: Note search($n.text, $q) } return { $n.slug, $n.text } }`,
  `query q($q: String) { match { $n: Note { size: 3 } match_text($n.code, $q) } return { $n.slug, $n.size } order { $n.size desc } }`,
  `query q($q: String) { match { $n: Note search($n.text, $q) not { search($n.code, $q) } } return { $n.slug, search($n.code, "haus") as h } }`,
  `query q($q: String) { match { $n: Note search($n.text, $q) fuzzy($n.code, $q, 1) search($n.code, "der") = false } return { count($n) as c } }`,
  `query q($q: String) { match { $n: Note { slug: "n3" } search($n.text, $q) } return { $n.slug } }`,
  `query q($q: String) { match { $n: Note $n.size > 4 search($n.text, $q) } return { $n.slug } limit 3 }`,
  `query q($q: String) { match { $n: Note search($n.text, $q) } return { $n.slug, bm25($n.text, $q) as s } order { s } }`,
];

test("SR-9 IX-1 IX-2 which rows a full-text index proposes never changes a result", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(note, { minLength: 20, maxLength: 60 }),
      fc.array(note, { maxLength: 10 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom("H", "ha", "usta", "")), { maxLength: 3 }).map((words) => words.join(" ")),
      async (notes, laterNotes, removals, q) => {
        await using dir = await makeScratchDir();
        const entityOf = (cells: (typeof notes)[number], i: number): TestEntity => ({ type: "Note", id: `n${i}`, cells: { slug: `n${i}`, ...cells } });
        await using graph = await QueryGraph.create(dir.path, SCHEMA, notes.map(entityOf));
        const removed = [...new Set(removals.map((i) => `n${i % notes.length}`))];
        const snapshot = await withIndexes(graph, laterNotes.map((each, i) => entityOf(each, notes.length + i)), removed);
        for (const source of QUERIES) {
          const ask = async (tuning: QueryTuning, trace?: ExecutionTrace): Promise<unknown> => {
            const rows = await graph.run(source, { params: { q }, snapshot, tuning, caches: new GraphCaches(1 << 26), ...(trace === undefined ? {} : { trace }) });
            return JSON.parse(JSON.stringify([...resultRows(rows)], (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value)));
          };
          const paths: AccessPath[] = [];
          expect(await ask(PROPOSED, tracePaths(paths)), source).toEqual(await ask(OWN_WORDS));
          expect(paths.some(({ kind }) => kind === "nativeText"), source).toBe(!source.includes("bm25"));
        }
      },
    ),
    { numRuns: 8 },
  );
});

test("explain foresees that the full-text index is asked, and analyze counts what it led to", async () => {
  await using dir = await makeScratchDir();
  const notes = Array.from({ length: 40 }, (_, i): TestEntity => ({ type: "Note", id: `n${i}`, cells: { slug: `n${i}`, text: i % 4 === 0 ? "Häuser am See" : "nichts", code: "abc", size: i } }));
  await using graph = await QueryGraph.create(dir.path, SCHEMA, notes);
  const snapshot = await withIndexes(graph, [], []);
  const source = `query q() { match { $n: Note search($n.text, "haus") search($n.code, "ab") } return { $n.slug } }`;
  const accessOf = async (isAnalyzed: boolean, caches: GraphCaches, tuning: QueryTuning): Promise<readonly unknown[]> => {
    const { steps, measured } = await graph.explain(source, isAnalyzed, { snapshot, tuning, caches });
    if (isAnalyzed) expect(measured?.bytesRead).toBeGreaterThan(100);
    return steps.flatMap(({ operator, access }) => (access === null ? [] : [[operator, access.kind, access.detail]]));
  };
  const asked = [["scan", "nativeText", "text"], ["textMatch", "nativeText", "text"]];
  for (const isAnalyzed of [false, true]) expect(await accessOf(isAnalyzed, new GraphCaches(1 << 26), PROPOSED)).toEqual(asked);
  const own = [["scan", "columnLoad", expect.any(String)], ["textMatch", "textIndex", "text"], ["textMatch", "textIndex", "code"]];
  for (const isAnalyzed of [false, true]) expect(await accessOf(isAnalyzed, new GraphCaches(1 << 26), { ...OWN_WORDS, loadCellCost: 0 })).toEqual(own);
});

test("IX-4 an index with other settings than the schema's is not asked", async () => {
  await using dir = await makeScratchDir();
  await using graph = await QueryGraph.create(dir.path, SCHEMA, [{ type: "Note", id: "a", cells: { slug: "a", text: "Häuser", size: 1 } }]);
  const type = must(graph.schema.catalog.nodeTypeByName.get("Note"), "the type");
  const entry = must(graph.snapshot.entries.get(type.typeKey), "its dataset");
  const index = { column: "text", kind: "fullText", textAnalysis: { tokenizer: "exact" } } as const;
  const version = await graph.storage.datasets.applyEffect(entry.location, { kind: "buildIndex", index }, entry.publishedVersion);
  const snapshot: Snapshot = { ...graph.snapshot, entries: new Map(graph.snapshot.entries).set(type.typeKey, { ...entry, publishedVersion: version }) };
  const paths: AccessPath[] = [];
  const { rowCount } = await graph.run(QUERIES[0] as string, { params: { q: "haus" }, snapshot, tuning: PROPOSED, trace: tracePaths(paths) });
  expect({ rowCount, paths: paths.map(({ kind }) => kind) }).toEqual({ rowCount: 1, paths: expect.not.arrayContaining(["nativeText"]) });
});
