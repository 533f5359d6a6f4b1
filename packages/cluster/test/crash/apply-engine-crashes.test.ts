/** Apply, killed within the engine: while it creates a graph, and while it migrates one. The lock stays, as a kill leaves it. */
import { rm } from "node:fs/promises";
import { makeScratchDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { forceUnlock } from "../../src/unlock/force-unlock.js";
import { openClusterStore } from "../../src/storage/cluster-store.js";
import { leaveCrashImage } from "../../test-support/crash-image.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { codesOf, FIND, LIST, PERSON, PERSON_WITH_CITY, TestCluster } from "../apply/apply-rig.js";

const KEPT = { schema: PERSON, queries: { find: FIND } };

/** A cluster with graph `kept` and one row, after an apply of `target` that was killed when the engine passed `point`. */
async function withKilled(target: DeclaredCluster, point: string, run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  await using directory = await makeScratchDir();
  const cluster = new TestCluster(`${directory.path}/config`, await openClusterStore(`${directory.path}/root`, { durability: "process" }));
  await cluster.converge({ graphs: { kept: KEPT } });
  {
    await using graph = await cluster.openGraph("kept", "rw");
    await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
  }
  await cluster.declare(target);
  await leaveCrashImage(cluster.root, point, async (failpoints) => {
    await cluster.apply({ failpoints });
  });
  // The dead process has our number, so its lease would be waited for.
  await rm(`${cluster.store.layout.graphRoot("kept")}/__lease`, { recursive: true, force: true });
  const locked = await cluster.apply();
  expect(codesOf(locked)).toEqual([`state_lock_held ${cluster.store.layout.lock}`]);
  const lockId = locked.stateObservations?.lockId ?? "";
  expect(await forceUnlock({ configDirectory: cluster.configDirectory, environment: cluster.environment(), lockId })).toMatchObject({ isOk: true });
  await run(cluster);
}

async function expectWhole(cluster: TestCluster, schema: string): Promise<void> {
  await using graph = await cluster.openGraph("kept", "rw");
  expect(graph.schema.source).toBe(schema);
  expect((await graph.query(LIST)).rowCount).toBe(1);
  expect(await cluster.sidecars()).toEqual([]);
  expect(await cluster.apply()).toMatchObject({ changes: [], isConverged: true, isStateWritten: false, diagnostics: [] });
}

describe("killed while a graph is created", () => {
  const target: DeclaredCluster = { graphs: { kept: KEPT, fresh: { schema: PERSON } } };

  test.each(["init.after_schema_pg_written", "init.after_schema_contract_written"])("cluster.md §10.5 row 5 %s: loud, and repaired by removing the root that the message names", async (point) =>
    withKilled(target, point, async (cluster) => {
      const loud = await cluster.apply();
      expect(codesOf(loud)[0]).toBe("graph_create_incomplete graph.fresh");
      expect(loud.diagnostics[0]?.message).toContain(cluster.store.layout.graphRoot("fresh"));
      expect(loud).toMatchObject({ isOk: false, isConverged: false });
      await cluster.store.objects.deletePrefix(cluster.store.layout.graphRoot("fresh"));
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      await expectWhole(cluster, PERSON);
    }),
  );

  test("cluster.md §10.5 row 3 init.after_coordinator_init: the graph is complete and is recorded", async () =>
    withKilled(target, "init.after_coordinator_init", async (cluster) => {
      const outcome = await cluster.apply();
      expect(codesOf(outcome)).toEqual(["cluster_recovery_rolled_forward graph.fresh"]);
      expect(outcome).toMatchObject({ isOk: true, isConverged: true });
      await expectWhole(cluster, PERSON);
    }));
});

describe("killed while a schema is applied", () => {
  const target: DeclaredCluster = { graphs: { kept: { ...KEPT, schema: PERSON_WITH_CITY } } };
  const POINTS = [
    "recovery.sidecar_write",
    "schema_apply.post_table_commit",
    "schema_apply.before_staging_write",
    "schema_apply.between_staging_writes",
    "schema_apply.after_staging_write",
    "graph_publish.before_commit",
    "graph_publish.after_commit",
    "schema_apply.after_manifest_commit",
    "schema_apply.before_promotion_rename",
    "recovery.sidecar_delete",
  ];

  test.each(POINTS)("cluster.md §10.5 rows 7 and 8 %s: converged, no row lost", async (point) =>
    withKilled(target, point, async (cluster) => {
      const outcome = await cluster.apply();
      expect([[], ["cluster_recovery_rolled_forward graph.kept"]]).toContainEqual(codesOf(outcome));
      expect(outcome).toMatchObject({ isOk: true, isConverged: true });
      await expectWhole(cluster, PERSON_WITH_CITY);
    }),
  );

  test.each(["schema_apply.after_staging_write", "schema_apply.after_manifest_commit"])("%s, then the configuration goes back: the old schema again", async (point) =>
    withKilled(target, point, async (cluster) => {
      await cluster.declare({ graphs: { kept: KEPT } });
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      await expectWhole(cluster, PERSON);
    }),
  );
});
