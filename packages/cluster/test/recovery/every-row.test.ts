/**
 * cluster.md §18.2.7: every row of §10.5, left by a run of apply that was cut short, then `apply`, and the same with `refresh`
 * first. Where a row keeps its sidecar, the remedy that its message names ends it.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { CLUSTER_FAILPOINT, type ClusterFailpoint } from "../../src/apply/cluster-failpoints.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { codesOf, FIND, PERSON, PERSON_WITH_CITY, type TestCluster, withTestCluster } from "../apply/apply-rig.js";

const BASE: DeclaredCluster = { graphs: { g: { schema: PERSON, queries: { find: FIND } }, stays: { schema: PERSON } } };
const MIGRATED: DeclaredCluster = { graphs: { ...BASE.graphs, g: { schema: PERSON_WITH_CITY, queries: { find: FIND } } } };
const WITHOUT: DeclaredCluster = { graphs: { stays: { schema: PERSON } } };
const ELSEWHERE = "node Person { name: String @key age: I32? street: String? }\n";

type Undo = (cluster: TestCluster) => Promise<unknown>;

interface Scene {
  /** Converged before. */
  readonly from: DeclaredCluster;
  readonly to: DeclaredCluster;
  readonly failAt: ClusterFailpoint;
  /** The run is repeated, and then its sidecar put back: as if only its removal had failed. */
  readonly isRecorded?: boolean;
  /** What else happened. @returns the remedy, if it takes a human */
  readonly then?: (cluster: TestCluster) => Promise<Undo | undefined>;
  /** Code and path of what the next run says. */
  readonly says: readonly string[];
  /** What it says when it is a refresh, if that is more. */
  readonly refreshSays?: readonly string[];
  readonly isKept?: boolean;
}

const rootOf = (cluster: TestCluster): string => cluster.store.layout.graphRoot("g");

async function migrateElsewhere(cluster: TestCluster): Promise<Undo> {
  await using graph = await cluster.openGraph("g", "rw");
  await graph.applySchema(ELSEWHERE);
  return () => cluster.refresh();
}

async function leaveRemnant(cluster: TestCluster): Promise<Undo> {
  await mkdir(rootOf(cluster), { recursive: true });
  await writeFile(join(rootOf(cluster), "_schema.pg"), PERSON);
  return () => rm(rootOf(cluster), { recursive: true });
}

async function damage(cluster: TestCluster): Promise<Undo> {
  const file = join(rootOf(cluster), "__schema_state.json");
  const text = await readFile(file);
  await writeFile(file, "{}");
  return () => writeFile(file, text);
}

const ROLLED_FORWARD = ["cluster_recovery_rolled_forward graph.g"];
const PENDING = ["cluster_recovery_pending graph.g"];
const CREATE = { from: WITHOUT, to: BASE };
const MIGRATE = { from: BASE, to: MIGRATED };
const DELETE = { from: BASE, to: WITHOUT };
const { beforeGraphCreate, afterGraphCreate, afterSchemaApply, beforeGraphDelete, afterGraphDelete } = CLUSTER_FAILPOINT;

const SCENES: Readonly<Record<number, Scene>> = {
  1: { ...CREATE, failAt: beforeGraphCreate, says: [] },
  2: { ...CREATE, failAt: afterGraphCreate, isRecorded: true, says: [] },
  3: { ...CREATE, failAt: afterGraphCreate, says: ROLLED_FORWARD },
  4: { ...CREATE, failAt: afterGraphCreate, then: migrateElsewhere, says: PENDING, isKept: true },
  5: { ...CREATE, failAt: beforeGraphCreate, then: leaveRemnant, says: ["graph_create_incomplete graph.g"], refreshSays: ["graph_create_incomplete graph.g", "graph_observation_error graphs"], isKept: true },
  6: { ...MIGRATE, failAt: afterSchemaApply, then: damage, says: PENDING, refreshSays: [...PENDING, "graph_observation_error graphs"], isKept: true },
  7: { ...MIGRATE, failAt: afterSchemaApply, isRecorded: true, says: [] },
  8: { ...MIGRATE, failAt: afterSchemaApply, says: ROLLED_FORWARD },
  9: { ...MIGRATE, failAt: afterSchemaApply, then: migrateElsewhere, says: PENDING, isKept: true },
  10: { ...DELETE, failAt: beforeGraphDelete, says: ["graph_delete_incomplete graph.g"] },
  11: { ...DELETE, failAt: afterGraphDelete, isRecorded: true, says: [] },
  12: { ...DELETE, failAt: afterGraphDelete, says: ROLLED_FORWARD },
};

/** @returns the remedy */
async function leave(cluster: TestCluster, { from, to, failAt, isRecorded, then }: Scene): Promise<Undo | undefined> {
  await cluster.converge(from);
  await cluster.declare(to);
  if (to === WITHOUT) await cluster.approve("graph.g");
  cluster.failAt(failAt);
  await cluster.apply();
  const { operationId } = must((await cluster.sidecars())[0], "the run left a sidecar");
  const { objects, layout } = cluster.store;
  const text = await objects.readText(layout.recoverySidecar(operationId));
  if (isRecorded === true) {
    expect(await cluster.apply()).toMatchObject({ isConverged: true });
    await objects.writeText(layout.recoverySidecar(operationId), text);
  }
  return then?.(cluster);
}

/** Only what sweeps and observations say; what apply says of what it left undone is told in its own tests. */
function ofRecovery(outcome: Parameters<typeof codesOf>[0]): readonly string[] {
  return codesOf(outcome).filter((each) => /^(cluster_recovery|graph_create_inc|graph_delete_inc|graph_observation|invalid|unsupported)/.test(each));
}

describe("cluster.md §18.2.7", () => {
  test.each(Object.entries(SCENES))("cluster.md §10.5 row %s, then apply", (_, scene) =>
    withTestCluster(async (cluster) => {
      const remedy = await leave(cluster, scene);
      const first = await cluster.apply();
      expect(ofRecovery(first)).toEqual(scene.says);
      expect(first.isConverged).toBe(scene.isKept !== true);
      expect(await cluster.sidecars()).toHaveLength(scene.isKept === true ? 1 : 0);
      await remedy?.(cluster);
      await expectConverged(cluster, scene.to);
    }),
  );

  test.each(Object.entries(SCENES))("cluster.md §10.5 row %s, then refresh, then apply", (_, scene) =>
    withTestCluster(async (cluster) => {
      const remedy = await leave(cluster, scene);
      expect(ofRecovery(await cluster.refresh())).toEqual(scene.refreshSays ?? scene.says);
      expect(await cluster.sidecars()).toHaveLength(scene.isKept === true ? 1 : 0);
      // What a refresh can do, it has done.
      if (remedy !== undefined && scene.then !== migrateElsewhere) await remedy(cluster);
      await expectConverged(cluster, scene.to);
    }),
  );

  test("row 6: a graph that is gone for good is created again once the sidecar is removed by hand", () =>
    withTestCluster(async (cluster) => {
      await leave(cluster, { ...MIGRATE, failAt: afterSchemaApply, says: [] });
      await rm(rootOf(cluster), { recursive: true });
      const refreshed = await cluster.refresh();
      const [pending] = refreshed.diagnostics;
      const { operationId } = must((await cluster.sidecars())[0], "it is kept");
      expect(pending).toMatchObject({ code: "cluster_recovery_pending" });
      expect(pending?.message).toContain(`If it is gone for good, remove ${cluster.store.layout.recoverySidecar(operationId)}`);
      expect((await cluster.apply()).isConverged).toBe(false);
      await rm(cluster.store.layout.recoverySidecar(operationId));
      expect(codesOf(await cluster.refresh())).toEqual([]);
      await cluster.apply();
      await expectConverged(cluster, MIGRATED);
    }));

  test("row 5: a refresh keeps saying what is left to do", () =>
    withTestCluster(async (cluster) => {
      await leave(cluster, must(SCENES[5], "there is a row 5"));
      const { resourceStatuses } = await cluster.refresh();
      for (const address of ["graph.g", "schema.g"]) {
        const status = resourceStatuses.get(address);
        expect(status).toMatchObject({ status: "error", conditions: ["graph_create_incomplete", "graph_observation_error"] });
        expect(status?.message).toContain(`remove ${rootOf(cluster)} with everything in it by hand`);
      }
    }));
});

async function expectConverged(cluster: TestCluster, declared: DeclaredCluster): Promise<void> {
  expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
  expect(await cluster.apply()).toMatchObject({ isOk: true, isStateWritten: false, changes: [], diagnostics: [] });
  expect(await cluster.sidecars()).toEqual([]);
  const { resources, statuses } = await cluster.ledger();
  expect([...resources.keys()].filter((address) => address.startsWith("graph."))).toEqual(Object.keys(declared.graphs).map((graphId) => `graph.${graphId}`));
  expect([...statuses].filter(([, { status }]) => status !== "applied")).toEqual([]);
  for (const [graphId, { schema }] of Object.entries(declared.graphs)) {
    await using graph = await cluster.openGraph(graphId);
    expect(graph.schema.source).toBe(schema);
  }
}
