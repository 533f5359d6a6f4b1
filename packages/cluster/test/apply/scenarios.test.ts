import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CLUSTER_FAILPOINT } from "../../src/apply/cluster-failpoints.js";
import { contentDigest } from "../../src/digests.js";
import { encodeLedger } from "../../src/ledger/encode-ledger.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { changesOf, codesOf, FIND, FIND_AGED, LIST, PERSON, PERSON_REFUSED, PERSON_WITH_CITY, READERS, withTestCluster } from "./apply-rig.js";

describe("cluster.md §18.2, as the control plane runs them", () => {
  test("18.2.1 fresh directory: apply asks for import, converges as revision 2, and then has nothing to do", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare({ graphs: { crm: { schema: PERSON, queries: { find: FIND } } }, policies: { team: { text: READERS, appliesTo: ["crm"] } } });
      const early = await cluster.apply();
      expect(early).toMatchObject({ isOk: false, isStateWritten: false, isConverged: false, appliedCount: 0 });
      expect(codesOf(early)).toEqual([`state_missing ${cluster.store.layout.ledger}`]);

      await cluster.import();
      expect((await cluster.ledger()).stateRevision).toBe(1);
      const first = await cluster.apply();
      expect(first.diagnostics).toEqual([]);
      expect(changesOf(first)).toEqual(["create graph.crm applied", "create policy.team applied", "create query.crm.find applied", "create schema.crm applied"]);
      expect(first).toMatchObject({ isOk: true, appliedCount: 4, deferredCount: 0, isConverged: true, isStateWritten: true, actor: "ann" });
      const ledger = await cluster.ledger();
      expect(ledger).toMatchObject({ stateRevision: 2, configDigest: first.configDigest });
      expect([...first.resourceStatuses]).toEqual([...ledger.statuses]);
      expect([...ledger.statuses.values()].map(({ status }) => status)).toEqual(["applied", "applied", "applied", "applied"]);
      await using graph = await cluster.openGraph("crm");
      expect((await graph.query(LIST)).rowCount).toBe(0);

      const again = await cluster.apply();
      expect(again).toMatchObject({ isOk: true, changes: [], appliedCount: 0, isConverged: true, isStateWritten: false, diagnostics: [] });
      expect((await cluster.plan()).changes).toEqual([]);
    }));

  test("18.2.3 query edit: query applied, graph derived, one new object, the old one still there", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { crm: { schema: PERSON, queries: { find: FIND, list: LIST } } } });
      const before = (await cluster.ledger()).resources;
      const edited = await cluster.converge({ graphs: { crm: { schema: PERSON, queries: { find: FIND_AGED, list: LIST } } } });
      expect(changesOf(edited)).toEqual(["update graph.crm derived", "update query.crm.find applied"]);
      expect(edited).toMatchObject({ appliedCount: 1, deferredCount: 0 });
      const after = (await cluster.ledger()).resources;
      const objectOf = (resources: typeof before): string => cluster.store.layout.queryObject("crm", "find", resources.get("query.crm.find")?.digest ?? "");
      expect(await cluster.store.objects.readText(objectOf(before))).toBe(FIND);
      expect(await cluster.store.objects.readText(objectOf(after))).toBe(FIND_AGED);
      expect(after.get("graph.crm")?.digest).not.toBe(before.get("graph.crm")?.digest);
    }));

  test("18.2.2 comments and key order of cluster.yaml change nothing", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { crm: { schema: PERSON, queries: { find: FIND } } } });
      const file = join(cluster.configDirectory, "cluster.yaml");
      const { version, storage, graphs } = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
      await writeFile(file, `# the whole company\n${JSON.stringify({ graphs, storage, version })}\n# end\n`);
      expect((await cluster.plan()).changes).toEqual([]);
      expect(await cluster.apply()).toMatchObject({ changes: [], isStateWritten: false, isConverged: true });
    }));

  test("18.2.4 one of two graphs has a refused migration: the other's queries apply, and a fixed schema converges", () =>
    withTestCluster(async (cluster) => {
      const two = (schema: string, query: string): DeclaredCluster => ({ graphs: { a: { schema, queries: { find: FIND } }, b: { schema: PERSON, queries: { find: query } } } });
      await cluster.converge(two(PERSON, FIND));
      await cluster.declare(two(PERSON_REFUSED, FIND_AGED));
      const partial = await cluster.apply();
      expect(changesOf(partial)).toEqual([
        "update graph.a blocked dependency_not_applied",
        "update graph.b derived",
        "update query.b.find applied",
        "update schema.a blocked schema_apply_failed",
      ]);
      expect(codesOf(partial)).toEqual(["schema_apply_failed schema.a", "apply_dependency_blocked graph.a", "apply_dependency_blocked schema.a"]);
      expect(partial).toMatchObject({ isOk: false, isConverged: false, isStateWritten: true, appliedCount: 1, deferredCount: 2 });
      const ledger = await cluster.ledger();
      expect(ledger.statuses.get("schema.a")).toEqual({ status: "blocked", conditions: ["schema_apply_failed"] });
      expect(ledger.statuses.get("graph.a")).toEqual({ status: "blocked", conditions: ["dependency_not_applied"] });
      expect(ledger.configDigest).not.toBe(partial.configDigest);
      expect(await cluster.sidecars()).toEqual([]);

      await cluster.converge(two(PERSON_WITH_CITY, FIND_AGED));
      const fixed = await cluster.ledger();
      for (const address of fixed.resources.keys()) expect(fixed.statuses.get(address)).toEqual({ status: "applied" });
      await using graph = await cluster.openGraph("a");
      expect(graph.schema.source).toBe(PERSON_WITH_CITY);
    }));

  test("18.2.5 a binding-only policy edit is one update; targets change, the digest does not", () =>
    withTestCluster(async (cluster) => {
      const bound = (...appliesTo: string[]): DeclaredCluster => ({ graphs: { a: { schema: PERSON }, b: { schema: PERSON } }, policies: { team: { text: READERS, appliesTo } } });
      await cluster.converge(bound("a"));
      const before = (await cluster.ledger()).resources.get("policy.team");
      const outcome = await cluster.converge(bound("a", "b"));
      expect(outcome.changes).toMatchObject([{ resource: "policy.team", operation: "update", isBindingChange: true, metadataChange: "policy_bindings", disposition: "applied" }]);
      expect((await cluster.ledger()).resources.get("policy.team")).toEqual({ digest: before?.digest, applies_to: ["graph.a", "graph.b"] });
    }));

  test("18.2.6 removal of a graph: blocked, approved, deleted, entombed, consumed", () =>
    withTestCluster(async (cluster) => {
      const survivor: DeclaredCluster = { graphs: { b: { schema: PERSON } } };
      await cluster.converge({ graphs: { a: { schema: PERSON, queries: { find: FIND } }, ...survivor.graphs } });
      await cluster.declare(survivor);
      const blocked = await cluster.apply();
      expect(changesOf(blocked)).toEqual([
        "delete graph.a blocked approval_required",
        "delete query.a.find blocked approval_required",
        "delete schema.a blocked approval_required",
      ]);
      expect(blocked).toMatchObject({ isOk: true, isConverged: false, deferredCount: 3 });
      expect((await cluster.apply()).isStateWritten).toBe(false);

      const approvalId = await cluster.approve("graph.a");
      const deleted = await cluster.apply();
      expect(deleted).toMatchObject({ isOk: true, isConverged: true, appliedCount: 3, diagnostics: [] });
      expect(await cluster.store.objects.exists(cluster.store.layout.graphRoot("a"))).toBe(false);
      const ledger = await cluster.ledger();
      expect([...ledger.resources.keys()]).toEqual(["graph.b", "schema.b"]);
      expect([...ledger.statuses.keys()]).toEqual(["graph.b", "schema.b"]);
      expect(ledger.observations.get("graph.a")).toMatchObject({ kind: "tombstone", approval_id: approvalId, actor: "ann" });
      const { consumed_at, consumed_by_operation } = ledger.approvals.get(approvalId) ?? {};
      expect(JSON.parse(await cluster.store.objects.readText(cluster.store.layout.approval(approvalId)))).toMatchObject({ consumed_at, consumed_by_operation });
      expect(await cluster.sidecars()).toEqual([]);
    }));

  test("18.2.6 any edit between approval and apply makes the approval stale, and nothing is deleted", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON }, b: { schema: PERSON } } });
      await cluster.declare({ graphs: { b: { schema: PERSON } } });
      await cluster.approve("graph.a");
      await cluster.declare({ graphs: { b: { schema: PERSON, queries: { find: FIND } } } });
      const outcome = await cluster.apply();
      expect(codesOf(outcome)).toContain("approval_stale graph.a");
      expect(changesOf(outcome)).toContain("delete graph.a blocked approval_required");
      await using graph = await cluster.openGraph("a");
      expect(graph.schema.source).toBe(PERSON);
    }));

  test("18.2.8 a crash after the catalog writes: the ledger is byte-identical, and the next apply uses the objects again", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { crm: { schema: PERSON } } });
      const { text } = await cluster.readLedger();
      await cluster.declare({ graphs: { crm: { schema: PERSON, queries: { find: FIND } } } });
      cluster.failAt(CLUSTER_FAILPOINT.afterPayloadPhase);
      const crashed = await cluster.apply();
      expect(codesOf(crashed)).toEqual([`injected_failpoint ${CLUSTER_FAILPOINT.afterPayloadPhase}`]);
      expect(crashed).toMatchObject({ isOk: false, isConverged: false, isStateWritten: false, appliedCount: 0 });
      expect((await cluster.readLedger()).text).toBe(text);
      const object = cluster.store.layout.queryObject("crm", "find", contentDigest(FIND));
      const { mtimeNs } = await stat(object, { bigint: true });
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true, appliedCount: 1 });
      expect((await stat(object, { bigint: true })).mtimeNs).toBe(mtimeNs);
    }));

  test("18.2.9 another writer of the ledger meanwhile: state_cas_mismatch, sidecars and approvals intact, statuses as on disk", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON }, b: { schema: PERSON } } });
      await cluster.declare({ graphs: { b: { schema: PERSON_WITH_CITY } } });
      const approvalId = await cluster.approve("graph.a");
      const approval = await cluster.store.objects.readText(cluster.store.layout.approval(approvalId));
      const theirs = encodeLedger({ ...(await cluster.ledger()), statuses: new Map([["graph.b", { status: "error", message: "theirs" }]]) });
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeStateWrite, () => cluster.store.objects.writeText(cluster.store.layout.ledger, theirs));
      const outcome = await cluster.apply();
      cluster.failpoints.disarm(CLUSTER_FAILPOINT.beforeStateWrite);
      expect(codesOf(outcome)).toEqual([`state_cas_mismatch ${cluster.store.layout.ledger}`]);
      expect(outcome).toMatchObject({ isOk: false, isStateWritten: false, isConverged: false, appliedCount: 0 });
      expect([...outcome.resourceStatuses]).toEqual([["graph.b", { status: "error", message: "theirs" }]]);
      expect((await cluster.readLedger()).text).toBe(theirs);
      expect(await cluster.store.objects.readText(cluster.store.layout.approval(approvalId))).toBe(approval);
      expect((await cluster.sidecars()).map(({ kind }) => kind)).toEqual(["schema_apply", "graph_delete"]);

      const next = await cluster.apply();
      expect(codesOf(next)).toEqual(["cluster_recovery_rolled_forward graph.b", "cluster_recovery_rolled_forward graph.a"]);
      expect(next).toMatchObject({ isOk: true, isConverged: true });
      expect((await cluster.ledger()).approvals.has(approvalId)).toBe(true);
      expect(await cluster.sidecars()).toEqual([]);
    }));
});
