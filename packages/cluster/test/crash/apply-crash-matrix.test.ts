/**
 * Every executor of apply × every failpoint of cluster.md 18.1 that it passes × every way to go on. A run that was cut short ends in the
 * declared state, or loudly in one that the table names.
 */
import { cp } from "node:fs/promises";
import { makeScratchDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLUSTER_FAILPOINT, type ClusterFailpoint } from "../../src/apply/cluster-failpoints.js";
import { contentDigest } from "../../src/digests.js";
import { openClusterStore } from "../../src/storage/cluster-store.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { changesOf, codesOf, FIND, FIND_AGED, PERSON, PERSON_WITH_CITY, READERS, TestCluster } from "../apply/apply-rig.js";

const BASE: DeclaredCluster = { graphs: { evolving: { schema: PERSON, queries: { find: FIND } }, old: { schema: PERSON } } };
const { evolving, old } = BASE.graphs as Record<"evolving" | "old", DeclaredCluster["graphs"][string]>;
const team = { text: READERS, appliesTo: ["graph.evolving"] };

const TARGETS = {
  create: { graphs: { ...BASE.graphs, fresh: { schema: PERSON, queries: { find: FIND } } } },
  migrate: { graphs: { evolving: { ...evolving, schema: PERSON_WITH_CITY }, old } },
  delete: { graphs: { evolving } },
  publish: { graphs: { evolving: { ...evolving, queries: { find: FIND_AGED } }, old }, policies: { team } },
  everything: { graphs: { evolving: { schema: PERSON_WITH_CITY, queries: { find: FIND_AGED } }, fresh: { schema: PERSON } }, policies: { team } },
} satisfies Record<string, DeclaredCluster>;

type Executor = keyof typeof TARGETS;

/** What the next run says before it converges. Nothing: the step is simply done again. */
const SETTLED: Readonly<Record<ClusterFailpoint, (executor: Executor) => readonly string[]>> = {
  [CLUSTER_FAILPOINT.beforeGraphCreate]: () => [],
  [CLUSTER_FAILPOINT.afterGraphCreate]: () => ["cluster_recovery_rolled_forward graph.fresh"],
  [CLUSTER_FAILPOINT.beforeSchemaApply]: () => [],
  [CLUSTER_FAILPOINT.afterSchemaApply]: (executor) => [...createdBefore(executor), "cluster_recovery_rolled_forward graph.evolving"],
  [CLUSTER_FAILPOINT.beforeGraphDelete]: () => ["graph_delete_incomplete graph.old"],
  [CLUSTER_FAILPOINT.afterGraphDelete]: (executor) => [...createdBefore(executor), ...migratedBefore(executor), "cluster_recovery_rolled_forward graph.old"],
  [CLUSTER_FAILPOINT.afterPayloadPhase]: (executor) => [...createdBefore(executor), ...migratedBefore(executor)],
  [CLUSTER_FAILPOINT.beforeStateWrite]: (executor) => [...createdBefore(executor), ...migratedBefore(executor), ...deletedBefore(executor)],
};

function createdBefore(executor: Executor): readonly string[] {
  return executor === "create" || executor === "everything" ? ["cluster_recovery_rolled_forward graph.fresh"] : [];
}

function migratedBefore(executor: Executor): readonly string[] {
  return executor === "migrate" || executor === "everything" ? ["cluster_recovery_rolled_forward graph.evolving"] : [];
}

function deletedBefore(executor: Executor): readonly string[] {
  return executor === "delete" || executor === "everything" ? ["cluster_recovery_rolled_forward graph.old"] : [];
}

const EVERYWHERE = [CLUSTER_FAILPOINT.afterPayloadPhase, CLUSTER_FAILPOINT.beforeStateWrite];
const PASSED: Readonly<Record<Executor, readonly ClusterFailpoint[]>> = {
  create: [CLUSTER_FAILPOINT.beforeGraphCreate, CLUSTER_FAILPOINT.afterGraphCreate, ...EVERYWHERE],
  migrate: [CLUSTER_FAILPOINT.beforeSchemaApply, CLUSTER_FAILPOINT.afterSchemaApply, ...EVERYWHERE],
  delete: [CLUSTER_FAILPOINT.beforeGraphDelete, CLUSTER_FAILPOINT.afterGraphDelete, ...EVERYWHERE],
  publish: EVERYWHERE,
  everything: Object.values(CLUSTER_FAILPOINT),
};

/** The step fails and is recorded as failed; all others end the run as a crash would. */
const FAILS_A_STEP: ReadonlySet<ClusterFailpoint> = new Set([CLUSTER_FAILPOINT.beforeGraphCreate, CLUSTER_FAILPOINT.beforeSchemaApply, CLUSTER_FAILPOINT.beforeGraphDelete]);

const WAYS = ["apply again", "refresh, then apply", "apply from another directory"] as const;

let directory: TempDir;
let base: string;
let caseCount = 0;

beforeAll(async () => {
  directory = await makeScratchDir();
  const cluster = await clusterAt("base");
  base = cluster.root;
  await cluster.converge(BASE);
});

afterAll(() => directory[Symbol.asyncDispose]());

async function clusterAt(name: string): Promise<TestCluster> {
  return new TestCluster(`${directory.path}/${name}.config`, await openClusterStore(`${directory.path}/${name}`, { durability: "process" }));
}

/** The base, with a target declared and its deletes approved, after an apply that failed at `point`. */
async function cutShort(executor: Executor, point: ClusterFailpoint): Promise<TestCluster> {
  const name = `case-${caseCount++}`;
  await cp(base, `${directory.path}/${name}`, { recursive: true });
  const cluster = await clusterAt(name);
  await cluster.declare(TARGETS[executor]);
  if (!("old" in TARGETS[executor].graphs)) await cluster.approve("graph.old");
  const { text } = await cluster.readLedger();
  cluster.failAt(point);
  const outcome = await cluster.apply();
  expect(codesOf(outcome)).toContain(`injected_failpoint ${point}`);
  expect(outcome).toMatchObject({ isOk: false, isConverged: false });
  if (!FAILS_A_STEP.has(point)) {
    expect(outcome).toMatchObject({ isStateWritten: false, appliedCount: 0 });
    expect((await cluster.readLedger()).text).toBe(text);
  }
  return cluster;
}

async function expectConverged(cluster: TestCluster, executor: Executor): Promise<void> {
  const target: DeclaredCluster = TARGETS[executor];
  const ledger = await cluster.ledger();
  for (const [address, status] of ledger.statuses) expect([address, status]).toEqual([address, { status: "applied" }]);
  expect([...ledger.resources.keys()].filter((address) => address.startsWith("graph."))).toEqual(Object.keys(target.graphs).map((id) => `graph.${id}`).sort());
  for (const [id, { schema, queries = {} }] of Object.entries(target.graphs)) {
    await using graph = await cluster.openGraph(id);
    expect(graph.schema.source).toBe(schema);
    for (const [name, text] of Object.entries(queries)) expect(await cluster.store.objects.readText(cluster.store.layout.queryObject(id, name, contentDigest(text)))).toBe(text);
  }
  const isDeleted = !("old" in target.graphs);
  expect(await cluster.store.objects.exists(cluster.store.layout.graphRoot("old"))).toBe(!isDeleted);
  expect(ledger.observations.get("graph.old")?.kind === "tombstone").toBe(isDeleted);
  expect(ledger.approvals.size).toBe(isDeleted ? 1 : 0);
  for (const [approvalId, record] of ledger.approvals) {
    expect(JSON.parse(await cluster.store.objects.readText(cluster.store.layout.approval(approvalId)))).toMatchObject(record);
  }
  expect(await cluster.sidecars()).toEqual([]);
  expect(await cluster.apply()).toMatchObject({ changes: [], diagnostics: [], isConverged: true, isStateWritten: false });
}

for (const executor of Object.keys(TARGETS) as Executor[]) {
  describe(`${executor} cut short`, () => {
    const cases = PASSED[executor].flatMap((point) => WAYS.map((way) => ({ point, way })));
    test.each(cases)("cluster.md §10, 18.1 at $point, then $way: converged", async ({ point, way }) => {
      const cluster = await cutShort(executor, point);
      const settled = SETTLED[point](executor);
      if (way === "refresh, then apply") {
        expect(codesOf(await cluster.refresh())).toEqual(settled);
        await cluster.apply();
      } else {
        if (way === "apply from another directory") cluster.configDirectory += ".elsewhere";
        await cluster.declare(TARGETS[executor]);
        expect(codesOf(await cluster.apply())).toEqual(settled);
      }
      await expectConverged(cluster, executor);
    });
  });
}

describe("the configuration went back meanwhile", () => {
  test("cluster.md §10.5 row 3 a graph that was created: recorded, and only an approval removes it", async () => {
    const cluster = await cutShort("create", CLUSTER_FAILPOINT.afterGraphCreate);
    await cluster.declare(BASE);
    const outcome = await cluster.apply();
    expect(codesOf(outcome)).toEqual(["cluster_recovery_rolled_forward graph.fresh", "apply_dependency_blocked graph.fresh", "apply_dependency_blocked schema.fresh"]);
    expect(changesOf(outcome)).toEqual(["delete graph.fresh blocked approval_required", "delete schema.fresh blocked approval_required"]);
    expect(outcome).toMatchObject({ isOk: true, isConverged: false });
    await cluster.approve("graph.fresh");
    expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
  });

  test("cluster.md §10.5 row 8 a migration that landed: recorded, and migrated back", async () => {
    const cluster = await cutShort("migrate", CLUSTER_FAILPOINT.afterSchemaApply);
    await cluster.declare(BASE);
    const outcome = await cluster.apply();
    expect(codesOf(outcome)).toEqual(["cluster_recovery_rolled_forward graph.evolving"]);
    expect(changesOf(outcome)).toEqual(["update graph.evolving derived", "update schema.evolving applied"]);
    expect(outcome).toMatchObject({ isOk: true, isConverged: true });
  });

  test("cluster.md §10.5 row 12 a deletion that ended: entombed, then the graph is created anew", async () => {
    const cluster = await cutShort("delete", CLUSTER_FAILPOINT.afterGraphDelete);
    await cluster.declare(BASE);
    const outcome = await cluster.apply();
    expect(codesOf(outcome)).toEqual(["cluster_recovery_rolled_forward graph.old"]);
    expect(changesOf(outcome)).toEqual(["create graph.old applied", "create schema.old applied"]);
    expect(outcome).toMatchObject({ isOk: true, isConverged: true });
  });
});
