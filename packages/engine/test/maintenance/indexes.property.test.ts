import { bindParameters, CompileError, compileQuery, type EntityType, findEntityType } from "@omnigraphdb/compiler";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import { QueryRefusedError } from "../../src/exec/errors.js";
import type { QueryRows } from "../../src/exec/execute-query.js";
import { DEFAULT_TUNING, type QueryTuning } from "../../src/exec/query-tuning.js";
import type { Snapshot, SnapshotEntry } from "../../src/manifest/snapshot.js";
import { cellToJson } from "../../src/result/cell-to-json.js";
import type { DatasetEffect } from "../../src/storage/dataset-gateway.js";
import { QueryGraph, rowBatchOf, type TestEntity } from "../../test-support/query-graph.js";
import { comparable } from "../../test-support/reference-evaluator/comparable.js";
import { Choices, GENERATED_SCHEMA, generateEntities, generateQuery } from "../../test-support/reference-evaluator/generated-query.js";
import { evaluateReference } from "../../test-support/reference-evaluator/reference-evaluator.js";
import { batchSource } from "../../test-support/row-batches.js";

const NOW_MS = 1_577_836_800_000;
const SEED = Number(process.env["OMNIGRAPH_TEST_SEED"] ?? 20_261_121);
const GRAPHS = 4;
const QUERIES_PER_GRAPH = 40;
/** Every condition that can be is evaluated by the storage, where the indexes are. */
const ALWAYS_SEEK: QueryTuning = { ...DEFAULT_TUNING, loadCellCost: Infinity };

function rowsOf(result: QueryRows): unknown {
  return Array.from({ length: result.rowCount }, (_, row) => result.columns.map((column) => comparable(cellToJson(column, row))));
}

function ofType(type: EntityType, entities: readonly TestEntity[]): readonly TestEntity[] {
  return entities.filter((entity) => entity.type === type.name && (entity.from !== undefined) === (type.kind === "edge"));
}

/** An ordered index on every property that can have one, built before `later` was appended; and the same after optimize. */
async function indexed(graph: QueryGraph, later: readonly TestEntity[]): Promise<readonly Snapshot[]> {
  const { datasets } = graph.storage;
  const halfCovered = new Map<string, SnapshotEntry>();
  const optimized = new Map<string, SnapshotEntry>();
  for (const [typeKey, entry] of graph.snapshot.entries) {
    const type = findEntityType(graph.schema.catalog, typeKey);
    if (type === undefined) throw new Error(typeKey);
    const rows = ofType(type, later);
    const scalars = type.properties.filter(({ type: { base, isList } }) => !isList && base.kind !== "Vector" && base.kind !== "Blob");
    const builds = scalars.map(({ name }): DatasetEffect => ({ kind: "buildIndex", index: { column: name, kind: "btree" } }));
    const appends: readonly DatasetEffect[] = rows.length === 0 ? [] : [{ kind: "append", source: batchSource(rowBatchOf(type, rows)) }];
    let version = entry.publishedVersion;
    for (const effect of [...builds, ...appends]) version = await datasets.applyEffect(entry.location, effect, version);
    const entityCount = entry.entityCount + rows.length;
    halfCovered.set(typeKey, { ...entry, publishedVersion: version, entityCount });
    for (const effect of [{ kind: "compact" }, { kind: "compact" }] as const) version = await datasets.applyEffect(entry.location, effect, version);
    optimized.set(typeKey, { ...entry, publishedVersion: version, entityCount });
  }
  return [halfCovered, optimized].map((entries) => ({ ...graph.snapshot, entries }));
}

test("IX-1 IX-12 an index that covers nothing, half or all of the rows never changes a result", async () => {
  let compared = 0;
  for (let graphNumber = 0; graphNumber < GRAPHS; graphNumber++) {
    const choices = new Choices(SEED + graphNumber * 104_729);
    const entities = generateEntities(choices);
    const half = entities.filter((_, index) => index % 2 === 0);
    await using directory = await makeTempDir();
    await using graph = await QueryGraph.create(directory.path, GENERATED_SCHEMA, half);
    const snapshots = await indexed(graph, entities.filter((_, index) => index % 2 === 1));
    for (let queryNumber = 0; queryNumber < QUERIES_PER_GRAPH; queryNumber++) {
      const { source, params } = generateQuery(choices);
      const label = `seed ${SEED}, graph ${graphNumber}, query ${queryNumber}: ${source}`;
      try {
        const compiled = compileQuery(source, graph.schema.catalog);
        if (compiled.kind !== "read") throw new TypeError("a read was generated");
        const { plan } = compiled;
        const results: unknown[] = [];
        for (const snapshot of snapshots) {
          results.push(rowsOf(await graph.run(source, { params, nowMs: NOW_MS, snapshot, caches: new GraphCaches(0), tuning: ALWAYS_SEEK })));
        }
        const expected = evaluateReference(plan, bindParameters(plan.parameters, params), NOW_MS, graph.schema.catalog, entities).map(comparable);
        expect(results, label).toEqual([expected, expected]);
        compared++;
      } catch (error) {
        if (!(error instanceof CompileError) && !(error instanceof QueryRefusedError)) throw error;
      }
    }
  }
  expect(compared).toBeGreaterThan((GRAPHS * QUERIES_PER_GRAPH) / 2);
}, 120_000);
