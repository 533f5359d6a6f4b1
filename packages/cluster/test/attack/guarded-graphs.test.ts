import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CLUSTER_FAILPOINT } from "../../src/apply/cluster-failpoints.js";
import type { ClusterNotReadyError } from "../../src/cluster-problem.js";
import { contentDigest } from "../../src/digests.js";
import { readServingSnapshot } from "../../src/serving/read-serving-snapshot.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { changesOf, FIND, PERSON, READERS, type TestCluster, withTestCluster } from "../apply/apply-rig.js";

const OPERATION = "01J00000000000000000000000";
const guarded: DeclaredCluster = { graphs: { a: { schema: PERSON }, b: { schema: PERSON } }, policies: { team: { text: READERS, appliesTo: ["graph.a", "graph.b"] } } };

/** Graphs that a server would serve to everybody with a token, though they are declared with a policy. */
async function openGraphs(cluster: TestCluster): Promise<readonly string[]> {
  const { resources } = await cluster.ledger();
  const bound = new Set([...resources.values()].flatMap(({ applies_to }) => applies_to ?? []));
  return [...resources.keys()].filter((address) => address.startsWith("graph.") && !bound.has(address));
}

describe("decision 0031: no graph is recorded before the policy that it was declared with", () => {
  test("the creation of another graph fails after it", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare(guarded);
      await cluster.import();
      let creations = 0;
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeGraphCreate, () => {
        if (++creations === 2) throw new Error("armed by the test");
      });
      expect(changesOf(await cluster.apply())).toEqual(["create graph.a applied", "create graph.b blocked graph_create_failed", "create policy.team applied", "create schema.a applied", "create schema.b blocked dependency_not_applied"]);
      expect(await openGraphs(cluster)).toEqual([]);
      cluster.failpoints.disarm(CLUSTER_FAILPOINT.beforeGraphCreate);
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
    }));

  test("another graph of that policy waits for a recovery record", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { b: { schema: PERSON } } });
      await cluster.declare(guarded);
      const record = cluster.store.layout.recoverySidecar(OPERATION);
      await cluster.store.objects.writeText(record, JSON.stringify({ schema_version: 1, operation_id: OPERATION, started_at: "2026-01-01T00:00:00Z", kind: "schema_apply", graph_id: "b", desired_schema_digest: contentDigest("other") }));
      // Neither recorded nor wanted, so the record stays.
      {
        await using graph = await cluster.openGraph("b", "rw");
        await graph.applySchema("node Person { name: String @key age: I32? zip: String? }\n");
      }
      expect(changesOf(await cluster.apply())).toEqual(["create graph.a blocked dependency_not_applied", "create policy.team blocked cluster_recovery_pending", "create schema.a blocked dependency_not_applied"]);
      expect(await openGraphs(cluster)).toEqual(["graph.b"]);
      expect(await cluster.store.objects.exists(cluster.store.layout.graphRoot("a"))).toBe(false);
    }));
});

describe("cluster.md §12.4, §14.2: a bundle whose content is lost opens no graph", () => {
  const problemsOf = async (cluster: TestCluster): Promise<unknown> => readServingSnapshot(cluster.store).then(() => "served", (error: unknown) => (error as ClusterNotReadyError).problems.map(({ code, path }) => `${code} ${path}`));

  test("before refresh, after it, and until apply has published it again or found it declared no more", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(guarded);
      await cluster.store.objects.deletePrefix(join(cluster.root, "__cluster/resources/policy"));
      expect(await problemsOf(cluster)).toEqual(["catalog_payload_missing policy.team"]);
      await cluster.refresh();
      expect((await cluster.ledger()).resources.has("policy.team")).toBe(false);
      expect(await problemsOf(cluster)).toEqual(["catalog_payload_missing policy.team"]);
      // Who takes the policy back by an edit says that the graphs are open.
      await cluster.declare({ graphs: { a: { schema: PERSON } } });
      expect(await cluster.apply()).toMatchObject({ isConverged: false });
      expect(await problemsOf(cluster)).toEqual(["catalog_payload_missing policy.team"]);
      await cluster.declare({ graphs: guarded.graphs });
      expect(await cluster.apply()).toMatchObject({ isConverged: true });
      expect(await problemsOf(cluster)).toBe("served");
      await cluster.converge(guarded);
      expect(await problemsOf(cluster)).toBe("served");
    }));
});

describe("cluster.md §11.6: nothing to do is nothing done", () => {
  test("a repeated apply, plan or status leaves every file as it was, to the nanosecond", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ ...guarded, graphs: { ...guarded.graphs, a: { schema: PERSON, queries: { find: FIND } } } });
      const before = await filesBelow(cluster.root);
      expect(await cluster.apply()).toMatchObject({ isStateWritten: false, changes: [] });
      const plans = [await cluster.plan(), await cluster.plan()].map(({ stateObservations: _, ...plan }) => JSON.stringify({ ...plan, resourceDigests: [...plan.resourceDigests] }));
      expect(plans[0]).toBe(plans[1]);
      expect(await filesBelow(cluster.root)).toEqual(before);
    }));
});

/** Path, size and time of change of every file. */
async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map(async (file) => `${file} ${JSON.stringify(await stat(file, { bigint: true }).then(({ size, mtimeNs }) => [String(size), String(mtimeNs)]))}`));
}
