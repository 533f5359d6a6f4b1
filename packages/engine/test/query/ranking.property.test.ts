import { makeTempDir } from "@omnigraphdb/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import { DEFAULT_TUNING, type QueryTuning } from "../../src/exec/query-tuning.js";
import { cellToJson } from "../../src/result/cell-to-json.js";
import { QueryGraph, type RunOptions, type TestEntity } from "../../test-support/query-graph.js";

/** Enough rows for the vector kernel. */
const DOCUMENTS = 2_000;
const DIMENSION = 11;
const SEED = Number(process.env["OMNIGRAPH_TEST_SEED"] ?? 20_261_121);
const WORDS = ["fox", "dog", "cat", "bird", "moss", "rain"];
const SMALL_BATCHES: QueryTuning = { ...DEFAULT_TUNING, batchRows: 97, pruneRows: 150 };

const SCHEMA = `
node Doc { k: String @key  g: I32  t: String?  v: Vector(${DIMENSION})? }
edge Rel: Doc -> Doc
`;

/** Few distinct distances and scores, so that ties are the rule. */
function documents(): readonly TestEntity[] {
  let state = SEED >>> 0 || 1;
  const below = (max: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % max;
  };
  const id = (i: number): string => `d${(i * 7919) % DOCUMENTS}`;
  const nodes = Array.from({ length: DOCUMENTS }, (_, i): TestEntity => {
    const t = below(10) === 0 ? null : Array.from({ length: below(4) }, () => WORDS[below(WORDS.length)]).join(" ");
    const v = below(10) === 0 ? null : Float32Array.from({ length: DIMENSION }, (_component, axis) => (axis < 3 ? below(3) : 0));
    return { type: "Doc", id: id(i), cells: { k: id(i), g: below(4), t, v } };
  });
  const edges = Array.from({ length: 800 }, (_, i): TestEntity => ({ type: "Rel", id: `r${i}`, from: id(below(DOCUMENTS)), to: id(below(DOCUMENTS)), cells: {} }));
  return [...nodes, ...edges];
}

const matches = fc.constantFrom("$d: Doc", "$d: Doc { g: 1 }", "$d: Doc $d rel $e", "$d: Doc not { $d rel $_ }", '$d: Doc search($d.t, "fox rain")', "$e: Doc { g: 2 } $e rel $d");
const arms = fc.constantFrom(`nearest($d.v, [${[1, 2, ...Array<number>(DIMENSION - 2).fill(0)].join(", ")}])`, 'bm25($d.t, "dog moss")');
const limits = fc.constantFrom(1, 2, 10, 77, 500);

test(`SR-10 SR-13 OR-7 a limit gives the first rows of the whole ranking (seed ${SEED})`, { timeout: 60_000 }, async () => {
  await using directory = await makeTempDir();
  await using graph = await QueryGraph.create(directory.path, SCHEMA, documents());
  const rowsOf = async (match: string, order: string, limit: number, options: RunOptions): Promise<readonly unknown[]> => {
    const { rowCount, columns } = await graph.run(`query q() { match { ${match} } return { $d.k, $d.g, ${order} as s } order { s, $d.g desc } limit ${limit} }`, options);
    return Array.from({ length: rowCount }, (_, row) => columns.map((column) => cellToJson(column, row)));
  };
  await fc.assert(
    fc.asyncProperty(matches, arms, limits, async (match, arm, limit) => {
      const whole = await rowsOf(match, arm, DOCUMENTS * 10, {});
      const expected = whole.slice(0, limit);
      expect(await rowsOf(match, arm, limit, {})).toEqual(expected);
      expect(await rowsOf(match, arm, limit, { tuning: SMALL_BATCHES })).toEqual(expected);
      expect(await rowsOf(match, arm, limit, { caches: new GraphCaches(0) })).toEqual(expected);
    }),
    { seed: SEED, numRuns: 25 },
  );
  await fc.assert(
    // Fusions depend on the limit (SR-26), so they are compared with themselves only.
    fc.asyncProperty(matches, arms, arms, limits, async (match, first, second, limit) => {
      const expected = await rowsOf(match, `rrf(${first}, ${second})`, limit, {});
      expect(await rowsOf(match, `rrf(${first}, ${second})`, limit, { tuning: SMALL_BATCHES })).toEqual(expected);
    }),
    { seed: SEED, numRuns: 15 },
  );
});
