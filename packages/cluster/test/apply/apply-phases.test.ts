import { writeFileSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Graph } from "@omnigraphdb/engine";
import { describe, expect, test } from "vitest";
import { CLUSTER_FAILPOINT } from "../../src/apply/cluster-failpoints.js";
import { contentDigest } from "../../src/digests.js";
import { encodeLedger } from "../../src/ledger/encode-ledger.js";
import { encodeSidecar } from "../../src/recovery/recovery-sidecar.js";
import type { ClusterProgress } from "../../src/run/cluster-environment.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { changesOf, codesOf, FIND, FIND_AGED, PERSON, PERSON_REFUSED, PERSON_WITH_CITY, READERS, type TestCluster, withTestCluster } from "./apply-rig.js";

const graphs = (...ids: string[]): DeclaredCluster => ({ graphs: Object.fromEntries(ids.map((id) => [id, { schema: PERSON }])) });

/** Overwrites a declared file when apply begins to work on `resource`. At once: the run does not wait for its watchers. */
function editWhen(resource: string, file: string, text: string): (event: ClusterProgress) => void {
  return (event) => {
    if (event.resource === resource && event.done < event.total) writeFileSync(file, text);
  };
}

describe("cluster.md §11.1 phases", () => {
  test("row 1 an invalid configuration stops the run before anything is written", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare({ graphs: { crm: { schema: "node {" } } });
      const outcome = await cluster.apply();
      expect(outcome).toMatchObject({ isOk: false, isConverged: false, isStateWritten: false, changes: [], stateObservations: undefined });
      expect(codesOf(outcome)[0]).toMatch(/^schema_parse_error /);
      await expect(readdir(cluster.root)).rejects.toMatchObject({ code: "ENOENT" });
    }));

  test("row 2 a lock that is held stops the run, which reports the state it sees", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(graphs("a"));
      await cluster.declare(graphs("a", "b"));
      let inner: Awaited<ReturnType<TestCluster["apply"]>> | undefined;
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeGraphCreate, async () => {
        inner = await cluster.apply();
      });
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      expect(inner).toMatchObject({ isOk: false, changes: [], stateObservations: { locked: true, lockOperation: "apply", lockAcquired: false, stateRevision: 2 } });
      expect(inner === undefined ? [] : codesOf(inner)).toEqual([`state_lock_held ${cluster.store.layout.lock}`]);
    }));

  test("row 4 a ledger with an edited graph is not built upon", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(graphs("a"));
      const ledger = await cluster.ledger();
      const edited = new Map(ledger.resources).set("schema.a", { digest: contentDigest("edited") });
      await cluster.store.objects.writeText(cluster.store.layout.ledger, encodeLedger({ ...ledger, resources: edited }));
      const { text } = await cluster.readLedger();
      await cluster.declare(graphs("a", "b"));
      const outcome = await cluster.apply();
      expect(codesOf(outcome)).toEqual(["external_blob_policy_digest_mismatch graph.a"]);
      expect(outcome).toMatchObject({ isOk: false, changes: [], stateObservations: { stateFound: true } });
      expect((await cluster.readLedger()).text).toBe(text);
      expect(await cluster.store.objects.exists(cluster.store.layout.graphRoot("b"))).toBe(false);
    }));

  test("row 5 an incomplete creation is an error, and the run goes on with what does not depend on it", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(graphs("a"));
      const operationId = "01TEST00000000000000000000";
      const sidecar = { operationId, startedAt: "2026-01-01T00:00:00.000Z", actor: null, kind: "graph_create", graphId: "b", graphUri: null, observedManifestVersion: null, expectedManifestVersion: null, desiredSchemaDigest: contentDigest(PERSON), stateCasBase: null, approvalId: null } as const;
      await cluster.store.objects.writeText(cluster.store.layout.recoverySidecar(operationId), encodeSidecar({ ...sidecar, graphUri: cluster.store.layout.graphRoot("b") }));
      await cluster.store.objects.writeText(`${cluster.store.layout.graphRoot("b")}/_schema.pg`, PERSON);
      await cluster.declare({ graphs: { a: { schema: PERSON, queries: { find: FIND } }, b: { schema: PERSON } } });
      const outcome = await cluster.apply();
      expect(changesOf(outcome)).toEqual(["update graph.a derived", "create graph.b blocked cluster_recovery_pending", "create query.a.find applied", "create schema.b blocked cluster_recovery_pending"]);
      expect(codesOf(outcome)).toEqual(["graph_create_incomplete graph.b", "apply_dependency_blocked graph.b", "apply_dependency_blocked schema.b"]);
      expect(outcome).toMatchObject({ isOk: false, isConverged: false, isStateWritten: true, appliedCount: 1 });
      expect(outcome.resourceStatuses.get("graph.b")).toMatchObject({ status: "error", conditions: ["graph_create_incomplete"] });

      await rm(cluster.store.layout.graphRoot("b"), { recursive: true });
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
    }));

  test("row 7 the first failing creation stops all later graph work; catalogs of other graphs are written", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON }, old: { schema: PERSON }, z: { schema: PERSON } } });
      await cluster.declare({ graphs: { a: { schema: PERSON, queries: { find: FIND } }, n1: { schema: PERSON }, n2: { schema: PERSON }, z: { schema: PERSON_WITH_CITY } } });
      await cluster.approve("graph.old");
      cluster.failAt(CLUSTER_FAILPOINT.beforeGraphCreate);
      const outcome = await cluster.apply();
      expect(codesOf(outcome).filter((code) => !code.startsWith("apply_dependency_blocked"))).toEqual([
        `injected_failpoint ${CLUSTER_FAILPOINT.beforeGraphCreate}`,
        "graph_create_skipped graph.n2",
        "schema_apply_skipped schema.z",
        "graph_delete_skipped graph.old",
      ]);
      expect(changesOf(outcome)).toEqual([
        "update graph.a derived",
        "create graph.n1 blocked graph_create_failed",
        "create graph.n2 blocked dependency_not_applied",
        "delete graph.old blocked dependency_not_applied",
        "update graph.z blocked dependency_not_applied",
        "create query.a.find applied",
        "create schema.n1 blocked dependency_not_applied",
        "create schema.n2 blocked dependency_not_applied",
        "delete schema.old blocked dependency_not_applied",
        "update schema.z blocked dependency_not_applied",
      ]);
      expect(codesOf(outcome).filter((code) => code.startsWith("apply_dependency_blocked"))).toHaveLength(8);
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
    }));

  test("row 8 the first failing migration stops later migrations and deletions", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(graphs("a", "b", "old"));
      await cluster.declare({ graphs: { a: { schema: PERSON_REFUSED }, b: { schema: PERSON_WITH_CITY } } });
      await cluster.approve("graph.old");
      const outcome = await cluster.apply();
      expect(codesOf(outcome).filter((code) => !code.startsWith("apply_dependency_blocked"))).toEqual(["schema_apply_failed schema.a", "schema_apply_skipped schema.b", "graph_delete_skipped graph.old"]);
      await using b = await cluster.openGraph("b");
      expect(b.schema.source).toBe(PERSON);
      await using old = await cluster.openGraph("old");
      expect(old.schema.source).toBe(PERSON);
      expect(await cluster.sidecars()).toEqual([]);
    }));

  test("row 9 what this version does not know is left alone, with a warning", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(graphs("a"));
      const ledger = await cluster.ledger();
      const resources = new Map(ledger.resources).set("pipeline.nightly", { digest: contentDigest("x") });
      await cluster.store.objects.writeText(cluster.store.layout.ledger, encodeLedger({ ...ledger, resources }));
      const outcome = await cluster.apply();
      expect(changesOf(outcome)).toEqual(["delete pipeline.nightly deferred apply_unsupported_kind"]);
      expect(codesOf(outcome)).toEqual(["apply_unsupported_change pipeline.nightly"]);
      expect(outcome).toMatchObject({ isOk: true, isConverged: false, isStateWritten: false, deferredCount: 1 });
      expect((await cluster.ledger()).statuses.has("pipeline.nightly")).toBe(false);
    }));

  test("row 10 a catalog object that cannot be written stops the run before the ledger moves; graph work is found again", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(graphs("a"));
      const { text } = await cluster.readLedger();
      const obstacle = join(cluster.root, "__cluster/resources/query/b");
      await mkdir(join(cluster.root, "__cluster/resources/query"), { recursive: true });
      await writeFile(obstacle, "in the way");
      await cluster.declare({ graphs: { a: { schema: PERSON }, b: { schema: PERSON, queries: { find: FIND } } } });
      const outcome = await cluster.apply();
      expect(codesOf(outcome)).toEqual(["resource_payload_write_error query.b.find"]);
      expect(outcome).toMatchObject({ isOk: false, isStateWritten: false, isConverged: false, appliedCount: 0 });
      expect((await cluster.readLedger()).text).toBe(text);
      await rm(obstacle);
      const next = await cluster.apply();
      expect(codesOf(next)).toEqual(["cluster_recovery_rolled_forward graph.b"]);
      expect(next).toMatchObject({ isOk: true, isConverged: true });
    }));

  test("row 11 a failing deletion stops later ones, and what was already done is recorded", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(graphs("a", "b", "c"));
      await cluster.declare({ graphs: { a: { schema: PERSON_WITH_CITY } } });
      await cluster.approve("graph.b");
      await cluster.approve("graph.c");
      cluster.failAt(CLUSTER_FAILPOINT.beforeGraphDelete);
      const outcome = await cluster.apply();
      expect(codesOf(outcome)).toEqual([
        `injected_failpoint ${CLUSTER_FAILPOINT.beforeGraphDelete}`,
        "graph_delete_skipped graph.c",
        "apply_dependency_blocked graph.b",
        "apply_dependency_blocked graph.c",
        "apply_dependency_blocked schema.b",
        "apply_dependency_blocked schema.c",
      ]);
      expect(outcome).toMatchObject({ isStateWritten: true, isConverged: false, appliedCount: 1 });
      expect(outcome.resourceStatuses.get("graph.b")).toEqual({ status: "blocked", conditions: ["graph_delete_failed"] });
      const next = await cluster.apply();
      expect(codesOf(next)).toEqual(["graph_delete_incomplete graph.b"]);
      expect(next).toMatchObject({ isConverged: true, appliedCount: 4 });
    }));

  test("row 13 a ledger that cannot be written: state_write_error, and the work is found again", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(graphs("a"));
      const { layout, objects } = cluster.store;
      const { text } = await cluster.readLedger();
      await cluster.declare(graphs("a", "b"));
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeStateWrite, async () => {
        await rm(layout.ledger);
        await mkdir(layout.ledger);
      });
      const outcome = await cluster.apply();
      cluster.failpoints.disarm(CLUSTER_FAILPOINT.beforeStateWrite);
      expect(outcome).toMatchObject({ isOk: false, isStateWritten: false });
      expect(codesOf(outcome)[0]).toMatch(/^state_(write_error|cas_mismatch) /);
      await rm(layout.ledger, { recursive: true });
      await objects.writeText(layout.ledger, text);
      expect(codesOf(await cluster.apply())).toEqual(["cluster_recovery_rolled_forward graph.b"]);
    }));

  test("row 14 a sidecar whose operation the ledger records already is removed without writing the ledger", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(graphs("a"));
      await cluster.declare(graphs("a", "b"));
      let kept = "";
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeStateWrite, async () => {
        const [sidecar] = await cluster.sidecars();
        kept = sidecar === undefined ? "" : encodeSidecar(sidecar);
      });
      await cluster.apply();
      cluster.failpoints.disarm(CLUSTER_FAILPOINT.beforeStateWrite);
      await cluster.store.objects.writeText(cluster.store.layout.recoverySidecar((JSON.parse(kept) as { operation_id: string }).operation_id), kept);
      expect(await cluster.apply()).toMatchObject({ diagnostics: [], isStateWritten: false, isConverged: true });
      expect(await cluster.sidecars()).toEqual([]);
    }));
});

describe("cluster.md §11.2 graph create", () => {
  test("a schema file that changed since it was read: resource_content_changed, and neither graph nor sidecar", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare(graphs("a"));
      await cluster.import();
      const outcome = await cluster.apply({ onProgress: editWhen("graph.a", join(cluster.configDirectory, "a/schema.pg"), PERSON_WITH_CITY) });
      expect(codesOf(outcome)[0]).toBe("resource_content_changed schema.a");
      expect(changesOf(outcome)).toEqual(["create graph.a blocked graph_create_failed", "create schema.a blocked dependency_not_applied"]);
      expect(await cluster.sidecars()).toEqual([]);
      expect(await cluster.store.objects.exists(cluster.store.layout.graphRoot("a"))).toBe(false);
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
    }));

  test("§10.2 the sidecar says what is intended, and then which version came out", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare(graphs("a"));
      await cluster.import();
      const seen: unknown[] = [];
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeGraphCreate, async () => void seen.push(...(await cluster.sidecars())));
      cluster.failpoints.arm(CLUSTER_FAILPOINT.afterPayloadPhase, async () => void seen.push(...(await cluster.sidecars())));
      await cluster.apply();
      const intent = { kind: "graph_create", graphId: "a", graphUri: cluster.store.layout.graphRoot("a"), actor: "ann", observedManifestVersion: null, desiredSchemaDigest: contentDigest(PERSON), approvalId: null };
      expect(seen).toMatchObject([
        { ...intent, expectedManifestVersion: null },
        { ...intent, expectedManifestVersion: 1 },
      ]);
      expect((seen[0] as { stateCasBase: string }).stateCasBase).toMatch(/^sha256:[0-9a-f]{64}$/);
    }));

  test("a graph that is there already is not touched: graph_create_failed, the sidecar stays, and the next run judges it", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare(graphs("a", "b"));
      await cluster.import();
      const stranger = await Graph.init(cluster.store.layout.graphRoot("a"), PERSON_WITH_CITY, { settings: { durability: "process" } });
      await stranger.close();
      const outcome = await cluster.apply();
      expect(codesOf(outcome).slice(0, 2)).toEqual(["graph_create_failed graph.a", "graph_create_skipped graph.b"]);
      expect((await cluster.sidecars()).map(({ kind }) => kind)).toEqual(["graph_create"]);
      const next = await cluster.apply();
      expect(codesOf(next)).toContain("cluster_recovery_pending graph.a");
      expect(next.resourceStatuses.get("graph.b")).toEqual({ status: "applied" });
      await using graph = await cluster.openGraph("a");
      expect(graph.schema.source).toBe(PERSON_WITH_CITY);
    }));
});

describe("cluster.md §11.4 catalog writes", () => {
  test("a query file that changed since it was read: resource_content_changed, and the ledger does not move", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(graphs("a"));
      await cluster.declare({ graphs: { a: { schema: PERSON, queries: { find: FIND } } } });
      const outcome = await cluster.apply({ onProgress: editWhen("query.a.find", join(cluster.configDirectory, "a/find.gq"), FIND_AGED) });
      expect(codesOf(outcome)).toEqual(["resource_content_changed query.a.find"]);
      expect(outcome).toMatchObject({ isOk: false, isStateWritten: false });
    }));

  test("C6 an altered object is written again when its resource is", () =>
    withTestCluster(async (cluster) => {
      const declared: DeclaredCluster = { graphs: { a: { schema: PERSON } }, policies: { team: { text: READERS, appliesTo: ["a"] } } };
      await cluster.converge(declared);
      const object = cluster.store.layout.policyObject("team", contentDigest(READERS));
      await cluster.store.objects.writeText(object, "altered");
      await cluster.refresh();
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true, appliedCount: 1 });
      expect(await cluster.store.objects.readText(object)).toBe(READERS);
    }));
});
