import { join } from "node:path";
import { randomIds, silentLogger } from "@omnigraphdb/common";
import { bindParameters, CompileError, compileQuery } from "@omnigraphdb/compiler";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import { LocalCacheFiles } from "../../src/cache/local-cache-files.js";
import { QueryRefusedError } from "../../src/exec/errors.js";
import type { QueryRows } from "../../src/exec/execute-query.js";
import { DEFAULT_TUNING, type QueryTuning } from "../../src/exec/query-tuning.js";
import { cellToJson } from "../../src/result/cell-to-json.js";
import { QueryGraph, type RunOptions } from "../../test-support/query-graph.js";
import { Choices, GENERATED_SCHEMA, generateEntities, generateQuery } from "../../test-support/reference-evaluator/generated-query.js";
import { comparable } from "../../test-support/reference-evaluator/comparable.js";
import { evaluateReference } from "../../test-support/reference-evaluator/reference-evaluator.js";
import { sameVersions } from "../../test-support/same-versions.js";

const NOW_MS = 1_577_836_800_000;
const GRAPHS = Number(process.env["OMNIGRAPH_TEST_GRAPHS"] ?? 14);
const QUERIES_PER_GRAPH = 50;
const SEED = Number(process.env["OMNIGRAPH_TEST_SEED"] ?? 20_261_121);

/** Extreme values of everything that may only change speed. */
const SMALL_BATCHES: QueryTuning = { ...DEFAULT_TUNING, batchRows: 2, outerRows: 2, pruneRows: 3 };
const ALWAYS_SEEK: QueryTuning = { ...DEFAULT_TUNING, loadCellCost: Infinity };
const INDEXED: QueryTuning = { ...DEFAULT_TUNING, traversalMode: "indexed" };
const CSR: QueryTuning = { ...DEFAULT_TUNING, traversalMode: "csr" };

function rowsOf(result: QueryRows): unknown[][] {
  return Array.from({ length: result.rowCount }, (_, row) => result.columns.map((column) => cellToJson(column, row)));
}

test("EX-39 CA-4 SR-7 SR-10 SR-31 generated queries give the rows of the specification, whatever is cached, seeked or batched", async () => {
  let compared = 0;
  let nonEmpty = 0;
  let rejected = 0;
  const found = { predicates: 0, rankings: 0, scores: 0 };
  for (let graphNumber = 0; graphNumber < GRAPHS; graphNumber++) {
    const choices = new Choices(SEED + graphNumber * 7919);
    const entities = generateEntities(choices);
    await using directory = await makeTempDir();
    await using graph = await QueryGraph.create(directory.path, GENERATED_SCHEMA, entities);
    for (let queryNumber = 0; queryNumber < QUERIES_PER_GRAPH; queryNumber++) {
      const { source, params } = generateQuery(choices);
      const label = `seed ${SEED}, graph ${graphNumber}, query ${queryNumber}: ${source} with ${JSON.stringify(params, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value))}`;
      let compiled;
      try {
        compiled = compileQuery(source, graph.schema.catalog);
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        rejected++;
        continue;
      }
      if (compiled.kind !== "read") throw new TypeError("a read was generated");
      const { plan } = compiled;
      const run = (options: RunOptions): Promise<QueryRows> => graph.run(source, { params, nowMs: NOW_MS, ...options });
      let warm: unknown;
      try {
        warm = comparable(rowsOf(await run({})));
      } catch (error) {
        if (!(error instanceof QueryRefusedError)) throw new Error(label, { cause: error });
        rejected++;
        continue;
      }
      const expected = evaluateReference(plan, bindParameters(plan.parameters, params), NOW_MS, graph.schema.catalog, entities).map(comparable);
      expect(warm, label).toEqual(expected);
      expect(comparable(rowsOf(await run({ tuning: SMALL_BATCHES }))), `small batches, ${label}`).toEqual(expected);
      if (queryNumber % 3 === 0) {
        const files = new LocalCacheFiles(join(directory.path, "__cache"), { ids: randomIds, logger: silentLogger, isWritable: true, fingerprint: sameVersions, rowCountMin: 0 });
        const cold = (): GraphCaches => new GraphCaches(256 * 1024 * 1024, files);
        expect(comparable(rowsOf(await run({ caches: cold(), tuning: INDEXED }))), `indexed traversals, ${label}`).toEqual(expected);
        const builder = cold();
        expect(comparable(rowsOf(await run({ caches: builder, tuning: CSR }))), `cold topology, ${label}`).toEqual(expected);
        await builder.settle();
        expect(comparable(rowsOf(await run({ caches: cold(), tuning: CSR }))), `topology from files, ${label}`).toEqual(expected);
      }
      if (queryNumber % 2 === 0) {
        expect(comparable(rowsOf(await run({ caches: new GraphCaches(0), tuning: ALWAYS_SEEK }))), `no cache, seeks, ${label}`).toEqual(expected);
      }
      compared++;
      if (expected.length === 0) continue;
      nonEmpty++;
      if (/search|fuzzy|match_text/.test(source)) found.predicates++;
      if (/order \{ (nearest|bm25|rrf)/.test(source)) found.rankings++;
      if (/(nearest|bm25|rrf)\S.* as score/.test(source)) found.scores++;
    }
  }
  expect(rejected).toBeLessThan(compared / 2);
  expect(nonEmpty).toBeGreaterThan(compared * 0.33);
  if (GRAPHS < 14) return;
  expect(compared).toBeGreaterThanOrEqual(500);
  expect(Math.min(...Object.values(found)), JSON.stringify(found)).toBeGreaterThanOrEqual(20);
}, 120_000);
