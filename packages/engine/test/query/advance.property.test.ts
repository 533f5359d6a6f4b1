import { join } from "node:path";
import { randomIds, silentLogger } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import { LocalCacheFiles } from "../../src/cache/local-cache-files.js";
import type { AdjacencyRequest } from "../../src/cache/topology-loader.js";
import { Graph } from "../../src/graph.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { Choices } from "../../test-support/reference-evaluator/generated-query.js";
import { sameVersions } from "../../test-support/same-versions.js";

const SCHEMA = `
node Stop { code: String @key  zone: I32 }
node Line { code: String @key }
edge Leads: Stop -> Stop { minutes: I32 }
edge Serves: Line -> Stop
`;

const SEED = Number(process.env["OMNIGRAPH_TEST_SEED"] ?? 20_261_121);
const ROUNDS = 14;

test("CA-5 topology carried from version to version by delta is the one built from the datasets", async () => {
  const choices = new Choices(SEED);
  await using directory = await makeTempDir();
  const root = join(directory.path, "g.omni");
  await using graph = await Graph.init(root, SCHEMA, { settings: { durability: "process" } });
  const storage = openGraphStorage(root);
  const stops = Array.from({ length: 60 }, (_, i) => `s${i}`);
  const stop = (code: string): object => ({ type: "Stop", data: { code, zone: choices.below(9) } });
  const leads = (): object => ({ edge: "Leads", from: choices.pick(stops), to: choices.pick(stops), data: { minutes: choices.below(20) } });
  const serves = (): object => ({ edge: "Serves", from: "l1", to: choices.pick(stops) });
  const load = (records: readonly object[]): Promise<unknown> => graph.load(records.map((record) => JSON.stringify(record)).join("\n"), { mode: "merge" });
  await load([{ type: "Line", data: { code: "l1" } }, ...stops.map(stop), ...Array.from({ length: 200 }, leads), ...Array.from({ length: 20 }, serves)]);

  const files = new LocalCacheFiles(join(directory.path, "cache"), { ids: randomIds, logger: silentLogger, isWritable: true, fingerprint: sameVersions, rowCountMin: 0 });
  const carried = new GraphCaches(1 << 26);
  let advancedFromFiles = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const snapshot = await graph.snapshot();
    const fresh = new GraphCaches(1 << 26);
    const process = new GraphCaches(1 << 26, files);
    for (const edgeType of snapshot.catalog.edgeTypes) {
      for (const direction of edgeType.source === edgeType.target ? (["out", "in", "both"] as const) : (["out", "in"] as const)) {
        for (const keepsEdges of [false, true]) {
          const request: AdjacencyRequest = { edgeType, direction, keepsEdges };
          const expected = await fresh.loadAdjacency(snapshot, request, storage.datasets);
          const label = `seed ${SEED}, round ${round}: ${edgeType.name} ${direction}`;
          expect(await carried.loadAdjacency(snapshot, request, storage.datasets), label).toEqual(expected);
          expect(await process.loadAdjacency(snapshot, request, storage.datasets), `from files, ${label}`).toEqual(expected);
        }
      }
    }
    await process.settle();
    advancedFromFiles += process.advancedCount;
    if (round % 4 === 3) await process.persistTopology(snapshot, storage.datasets);
    switch (round % 5) {
      case 0:
        await load([leads(), leads(), serves()]);
        break;
      case 1:
        // A rewritten node moves to the end of its dataset.
        await load([stop(choices.pick(stops)), leads()]);
        break;
      case 2:
        stops.push(`s${stops.length}`);
        await load([stop(stops.at(-1) ?? ""), leads()]);
        break;
      case 3:
        await graph.mutate(`query q($code: String) { delete Stop where code = $code }`, { params: { code: stops.splice(choices.below(stops.length), 1)[0] } });
        break;
      default:
        await graph.mutate(`query q($to: String) { delete Serves where to = $to }`, { params: { to: choices.pick(stops) } });
        await graph.optimize();
    }
  }
  storage.close();
  expect(carried.advancedCount).toBeGreaterThan(ROUNDS);
  expect(advancedFromFiles).toBeGreaterThan(ROUNDS);
}, 60_000);
