import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Graph } from "@omnigraphdb/engine";
import { describe, expect, test } from "vitest";
import { CLUSTER_FAILPOINT } from "../../src/apply/cluster-failpoints.js";
import { contentDigest } from "../../src/digests.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { changesOf, codesOf, FIND, LIST, PERSON, PERSON_REFUSED, PERSON_WITH_CITY, READERS, type TestCluster, withTestCluster } from "./apply-rig.js";

const ROWS = '{"type":"Person","data":{"name":"ann","age":1}}\n{"type":"Person","data":{"name":"bob","age":2}}\n';
const only = (schema: string): DeclaredCluster => ({ graphs: { a: { schema } } });

/** One graph `a` with {@link PERSON} and two rows; then `schema` is declared for it. */
async function withMigration(schema: string, run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  await withTestCluster(async (cluster) => {
    await cluster.converge(only(PERSON));
    {
      await using graph = await cluster.openGraph("a", "rw");
      await graph.load(ROWS, { mode: "append" });
    }
    await cluster.declare(only(schema));
    await run(cluster);
  });
}

describe("cluster.md §11.3 schema update", () => {
  test("migrates with data, says so in the sidecar, and records both versions", () =>
    withMigration(PERSON_WITH_CITY, async (cluster) => {
      const seen: unknown[] = [];
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeSchemaApply, async () => void seen.push(...(await cluster.sidecars())));
      cluster.failpoints.arm(CLUSTER_FAILPOINT.afterPayloadPhase, async () => void seen.push(...(await cluster.sidecars())));
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true, appliedCount: 1 });
      const intent = { kind: "schema_apply", graphId: "a", observedManifestVersion: 2, desiredSchemaDigest: contentDigest(PERSON_WITH_CITY) };
      expect(seen).toMatchObject([{ ...intent, expectedManifestVersion: null }, { ...intent, expectedManifestVersion: 3 }]);
      await using graph = await cluster.openGraph("a");
      expect((await graph.query(LIST)).rowCount).toBe(2);
    }));

  test("a removed property is dropped softly: earlier versions still show it", () =>
    withMigration("node Person { name: String @key }\n", async (cluster) => {
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      await using graph = await cluster.openGraph("a");
      const [, loaded] = await graph.listCommits();
      const aged = await graph.query("query q() { match { $p: Person } return { $p.age } }", { target: { snapshot: loaded?.graphCommitId ?? "" } });
      expect(aged.rowCount).toBe(2);
    }));

  test("10.6 a migration that planning refuses fails before there is a sidecar, and names the place", () =>
    withMigration(PERSON_REFUSED, async (cluster) => {
      let hasSidecar = false;
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeSchemaApply, () => void (hasSidecar = true));
      const { diagnostics } = await cluster.apply();
      expect(diagnostics[0]).toMatchObject({ code: "schema_apply_failed", severity: "error", path: "schema.a", message: expect.stringContaining("city") as string });
      expect(hasSidecar).toBe(false);
      expect(await cluster.sidecars()).toEqual([]);
    }));

  test("10.6 the engine refuses, and the graph provably is as it was: the sidecar goes at once", () =>
    withMigration(PERSON_WITH_CITY, async (cluster) => {
      {
        await using graph = await cluster.openGraph("a", "rw");
        await graph.branchCreate("draft");
      }
      const outcome = await cluster.apply();
      expect(codesOf(outcome)[0]).toBe("schema_apply_failed schema.a");
      expect(outcome.diagnostics[0]?.message).toContain("draft");
      expect(await cluster.sidecars()).toEqual([]);
      {
        await using graph = await cluster.openGraph("a", "rw");
        expect(graph.schema.source).toBe(PERSON);
        await graph.branchDelete("draft");
      }
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true, diagnostics: [] });
    }));

  test("a schema file that changed since it was read: resource_content_changed, no sidecar, the graph is as it was", () =>
    withMigration(PERSON_WITH_CITY, async (cluster) => {
      const onProgress = ({ phase }: { readonly phase: string }): void => {
        if (phase === "migrate") writeFileSync(join(cluster.configDirectory, "a/schema.pg"), `${PERSON_WITH_CITY}// late\n`);
      };
      const outcome = await cluster.apply({ onProgress });
      expect(codesOf(outcome)[0]).toBe("resource_content_changed schema.a");
      expect(outcome.resourceStatuses.get("schema.a")).toEqual({ status: "blocked", conditions: ["schema_apply_failed"] });
      expect(await cluster.sidecars()).toEqual([]);
    }));

  test("a graph that does not open: schema_apply_failed, no sidecar", () =>
    withMigration(PERSON_WITH_CITY, async (cluster) => {
      await rm(join(cluster.store.layout.graphRoot("a"), "__schema_state.json"));
      const outcome = await cluster.apply();
      expect(codesOf(outcome)[0]).toBe("schema_apply_failed schema.a");
      expect(await cluster.sidecars()).toEqual([]);
    }));

  test("another process has just written: its lease is waited for, and its handle goes on with the new schema", () =>
    withMigration(PERSON_WITH_CITY, async (cluster) => {
      const root = cluster.store.layout.graphRoot("a");
      const other = { host: "elsewhere", pid: 1, isAlive: () => true };
      await using server = await Graph.open(root, { mode: "rw", components: { process: other }, settings: { durability: "process", lease: { idleMs: 300 } } });
      await server.load('{"type":"Person","data":{"name":"cem"}}', { mode: "append" });
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true, diagnostics: [] });
      await server.load('{"type":"Person","data":{"name":"dan","city":"rome"}}', { mode: "append" });
      expect((await server.query(LIST)).rowCount).toBe(4);
    }));

  test("a schema that is new in its comments only is carried by the graph afterwards, so nothing drifts", () =>
    withMigration(`// people\n${PERSON}`, async (cluster) => {
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true, appliedCount: 1 });
      expect(await cluster.refresh()).toMatchObject({ isOk: true, diagnostics: [] });
      expect((await cluster.plan()).changes).toEqual([]);
      await using graph = await cluster.openGraph("a");
      expect(graph.schema.source).toBe(`// people\n${PERSON}`);
      expect(await graph.listCommits()).toHaveLength(2);
    }));

  test("§12.6 a schema that was changed behind the cluster's back is migrated back", () =>
    withMigration(PERSON, async (cluster) => {
      {
        await using graph = await cluster.openGraph("a", "rw");
        await graph.applySchema(PERSON_WITH_CITY);
      }
      await cluster.refresh();
      expect((await cluster.ledger()).statuses.get("graph.a")).toMatchObject({ status: "drifted", conditions: ["schema_mismatch"] });
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      const { statuses } = await cluster.ledger();
      for (const address of ["graph.a", "schema.a"]) expect(statuses.get(address)).toEqual({ status: "applied" });
      await using graph = await cluster.openGraph("a");
      expect(graph.schema.source).toBe(PERSON);
    }));
});

describe("cluster.md §11.5 graph delete", () => {
  test("a root that does not open is deleted too", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON, queries: { find: FIND } }, b: { schema: PERSON } } });
      await cluster.declare({ graphs: { b: { schema: PERSON } } });
      const root = cluster.store.layout.graphRoot("a");
      await rm(join(root, "__schema_state.json"));
      await cluster.approve("graph.a");
      let observed: unknown;
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeGraphDelete, async () => void ([observed] = await cluster.sidecars()));
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      expect(observed).toMatchObject({ kind: "graph_delete", observedManifestVersion: null, desiredSchemaDigest: "", approvalId: expect.any(String) as string });
      expect(await cluster.store.objects.exists(root)).toBe(false);
    }));

  test("a root that is gone already is entombed all the same", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON }, b: { schema: PERSON } } });
      await cluster.declare({ graphs: { b: { schema: PERSON } } });
      await cluster.approve("graph.a");
      await cluster.store.objects.deletePrefix(cluster.store.layout.graphRoot("a"));
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      expect((await cluster.ledger()).observations.get("graph.a")).toMatchObject({ kind: "tombstone" });
    }));

  test("a graph of the same name can be declared again, and its old approval allows nothing", () =>
    withTestCluster(async (cluster) => {
      const both: DeclaredCluster = { graphs: { a: { schema: PERSON }, b: { schema: PERSON } } };
      const one: DeclaredCluster = { graphs: { b: { schema: PERSON } } };
      await cluster.converge(both);
      await cluster.declare(one);
      await cluster.approve("graph.a");
      await cluster.apply();
      await cluster.converge(both);
      await cluster.declare(one);
      const outcome = await cluster.apply();
      expect(outcome).toMatchObject({ isOk: true, isConverged: false, deferredCount: 2 });
      expect(outcome.resourceStatuses.get("graph.a")).toEqual({ status: "blocked", conditions: ["approval_required"] });
      await using graph = await cluster.openGraph("a");
      expect(graph.schema.source).toBe(PERSON);
    }));

  test("a delete and the removal of its policy and provider converge in one run", () =>
    withTestCluster(async (cluster) => {
      const providers = { main: { kind: "mock", model: "m" } };
      await cluster.converge({ graphs: { a: { schema: PERSON, embeddingProvider: "main" }, b: { schema: PERSON } }, providers });
      await cluster.declare({ graphs: { b: { schema: PERSON } } });
      const waiting = await cluster.apply();
      expect(waiting.changes.find(({ resource }) => resource === "provider.embedding.main")).toMatchObject({ disposition: "blocked", reason: "dependency_not_applied" });
      await cluster.approve("graph.a");
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      expect([...(await cluster.ledger()).resources.keys()]).toEqual(["graph.b", "schema.b"]);
    }));

  test("decision 0031: removing a graph and its policy in one edit leaves the graph guarded until the delete is approved", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON, queries: { find: FIND } }, b: { schema: PERSON } }, policies: { team: { text: READERS, appliesTo: ["graph.a"] } } });
      await cluster.declare({ graphs: { b: { schema: PERSON } } });
      const waiting = await cluster.apply();
      expect(changesOf(waiting)).toEqual(["graph.a", "policy.team", "query.a.find", "schema.a"].map((address) => `delete ${address} blocked approval_required`));
      expect((await cluster.ledger()).resources.get("policy.team")?.applies_to).toEqual(["graph.a"]);
      await cluster.approve("graph.a");
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      expect([...(await cluster.ledger()).resources.keys()]).toEqual(["graph.b", "schema.b"]);
    }));

  test("decision 0031: an approved delete that waits for a recovery record keeps its queries, so the approval still counts", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON, queries: { find: FIND } }, b: { schema: PERSON } } });
      await cluster.declare({ graphs: { b: { schema: PERSON } } });
      await cluster.approve("graph.a");
      const operationId = "01J00000000000000000000000";
      await cluster.store.objects.writeText(cluster.store.layout.recoverySidecar(operationId), JSON.stringify({ schema_version: 1, operation_id: operationId, started_at: "2026-01-01T00:00:00Z", kind: "graph_create", graph_id: "a", desired_schema_digest: contentDigest("other") }));
      await rm(join(cluster.store.layout.graphRoot("a"), "__schema_state.json"));
      expect(changesOf(await cluster.apply())).toEqual(["graph.a", "query.a.find", "schema.a"].map((address) => `delete ${address} blocked cluster_recovery_pending`));
      await cluster.store.objects.delete(cluster.store.layout.recoverySidecar(operationId));
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
    }));

  test("decision 0031: a second approval of the same delete allows nothing once the graph is there anew", () =>
    withTestCluster(async (cluster) => {
      const both: DeclaredCluster = { graphs: { a: { schema: PERSON }, b: { schema: PERSON } } };
      await cluster.converge(both);
      await cluster.declare({ graphs: { b: { schema: PERSON } } });
      await cluster.approve("graph.a");
      await cluster.approve("graph.a");
      expect(await cluster.apply()).toMatchObject({ isConverged: true });
      await cluster.converge(both);
      await cluster.declare({ graphs: { b: { schema: PERSON } } });
      const outcome = await cluster.apply();
      expect(codesOf(outcome)).toContain("approval_stale graph.a");
      expect(outcome.resourceStatuses.get("graph.a")).toEqual({ status: "blocked", conditions: ["approval_required"] });
    }));
});
