import { rm, stat, writeFile } from "node:fs/promises";
import { Graph, parseS3Environment } from "@omnigraphdb/engine";
import { makeTempDir, startS3Server } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { loadDesiredState } from "../../src/config/load-desired-state.js";
import { Diagnostics } from "../../src/diagnostics/cluster-diagnostic.js";
import { contentDigest } from "../../src/digests.js";
import { importCluster, type ImportOutcome } from "../../src/observe/import.js";
import { encodeSidecar } from "../../src/recovery/recovery-sidecar.js";
import { openClusterStore } from "../../src/storage/cluster-store.js";
import { changesOf, codesOf, FIND, PERSON, PERSON_WITH_CITY, READERS, TestCluster, withTestCluster } from "../apply/apply-rig.js";

const TWO = { graphs: { crm: { schema: PERSON, queries: { find: FIND } }, fleet: { schema: PERSON } }, policies: { team: { text: READERS, appliesTo: ["graph.crm"] } } };

function importInto(cluster: TestCluster): Promise<ImportOutcome> {
  return importCluster({ configDirectory: cluster.configDirectory, environment: cluster.environment() });
}

async function makeGraph(cluster: TestCluster, graphId: string, schema: string): Promise<void> {
  await (await Graph.init(cluster.store.layout.graphRoot(graphId), schema, { settings: { durability: "process" } })).close();
}

describe("cluster.md 12.3 import", () => {
  test("of a new cluster: revision 1, every graph missing, the digest of the configuration; the next apply creates them", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare(TWO);
      const outcome = await importInto(cluster);
      expect(outcome).toMatchObject({ operation: "import", isOk: true, diagnostics: [], stateObservations: { stateFound: true, stateRevision: 1, resourceCount: 0, lockAcquired: true } });
      const ledger = await cluster.ledger();
      const desired = await loadDesiredState(cluster.configDirectory, new Diagnostics());
      expect(ledger).toMatchObject({ stateRevision: 1, configDigest: desired?.configDigest });
      expect(ledger.resources.size).toBe(0);
      expect(Object.fromEntries(ledger.statuses)).toEqual(
        Object.fromEntries(["graph.crm", "graph.fleet", "schema.crm", "schema.fleet"].map((address) => [address, { status: "drifted", conditions: ["graph_missing"] }])),
      );
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true, stateObservations: { stateRevision: 2 } });
      expect([...(await cluster.ledger()).statuses.values()].every(({ status }) => status === "applied")).toBe(true);
    }));

  test("what exists is recorded: graphs and schemas, but no query, policy or provider", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare({ ...TWO, providers: { main: { kind: "mock" } }, graphs: { ...TWO.graphs, crm: { ...TWO.graphs.crm, embeddingProvider: "main" } } });
      await makeGraph(cluster, "crm", PERSON);
      await makeGraph(cluster, "fleet", PERSON_WITH_CITY);
      const outcome = await importInto(cluster);
      expect(outcome.isOk).toBe(true);
      expect([...outcome.resourceDigests.keys()]).toEqual(["graph.crm", "graph.fleet", "schema.crm", "schema.fleet"]);
      expect(outcome.resourceDigests.get("schema.fleet")).toBe(contentDigest(PERSON_WITH_CITY));
      expect(outcome.resourceStatuses.get("schema.crm")).toEqual({ status: "applied" });
      expect(outcome.resourceStatuses.get("schema.fleet")).toEqual({ status: "drifted", conditions: ["schema_mismatch"] });
      expect(changesOf(await cluster.plan())).toContain("create query.crm.find applied");
    }));

  test("a ledger that is there is never replaced: state_already_exists", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare(TWO);
      await importInto(cluster);
      const { text } = await cluster.readLedger();
      const outcome = await importInto(cluster);
      expect(codesOf(outcome)).toEqual([`state_already_exists ${cluster.store.layout.ledger}`]);
      expect(outcome).toMatchObject({ isOk: false, stateObservations: { stateRevision: 1 } });
      expect((await cluster.readLedger()).text).toBe(text);
      // Not even one that nobody can read.
      await writeFile(cluster.store.layout.ledger, "{");
      const damaged = await importInto(cluster);
      expect(codesOf(damaged)).toEqual([`state_already_exists ${cluster.store.layout.ledger}`]);
      expect(damaged.diagnostics[0]?.message).toContain("invalid_state_json");
      expect(await cluster.store.objects.readText(cluster.store.layout.ledger)).toBe("{");
    }));

  test("with any error nothing is written", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare(TWO);
      await makeGraph(cluster, "crm", PERSON);
      await writeFile(`${cluster.store.layout.graphRoot("crm")}/__schema_state.json`, "{}");
      const outcome = await importInto(cluster);
      expect(codesOf(outcome)).toEqual(["graph_observation_error graphs"]);
      expect(outcome).toMatchObject({ isOk: false, stateObservations: { stateFound: false }, resourceDigests: new Map() });
      expect(await cluster.store.objects.exists(cluster.store.layout.ledger)).toBe(false);
      expect(await cluster.store.objects.exists(cluster.store.layout.lock)).toBe(false);
    }));

  test("sidecars are swept first, and only removed once the ledger is there", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare(TWO);
      await makeGraph(cluster, "crm", PERSON);
      await makeGraph(cluster, "fleet", PERSON);
      const operationId = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
      const uri = cluster.store.layout.recoverySidecar(operationId);
      const sidecar = { operationId, startedAt: "2026-02-28T12:00:00Z", actor: null, kind: "graph_create", graphId: "crm", graphUri: undefined, observedManifestVersion: null, expectedManifestVersion: null, desiredSchemaDigest: contentDigest(PERSON), stateCasBase: null, approvalId: null } as const;
      await cluster.store.objects.writeText(uri, encodeSidecar(sidecar));
      await rm(`${cluster.store.layout.graphRoot("fleet")}/_schema.ir.json`);
      expect((await importInto(cluster)).isOk).toBe(false);
      expect(await cluster.store.objects.exists(uri)).toBe(true);
      await rm(cluster.store.layout.graphRoot("fleet"), { recursive: true });
      expect(codesOf(await importInto(cluster))).toEqual(["cluster_recovery_rolled_forward graph.crm"]);
      expect(await cluster.store.objects.exists(uri)).toBe(false);
      expect([...(await cluster.ledger()).recoveries.keys()]).toEqual([operationId]);
    }));

  test("two imports at once: one creates the ledger", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare(TWO);
      const outcomes = await Promise.all([importInto(cluster), importInto(cluster)]);
      expect(outcomes.filter(({ isOk }) => isOk)).toHaveLength(1);
      expect((await cluster.ledger()).stateRevision).toBe(1);
    }));
});

describe("cluster.md §18.2.11 and §18.2.13, as far as import goes", () => {
  test("18.2.11 lost ledger: import and apply converge onto the same catalog objects", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(TWO);
      const before = await cluster.ledger();
      const object = cluster.store.layout.queryObject("crm", "find", contentDigest(FIND));
      const { mtimeMs } = await stat(object);
      {
        await using graph = await cluster.openGraph("crm", "rw");
        await graph.load('{"type":"Person","data":{"name":"Ada"}}\n', { mode: "append" });
      }
      await rm(cluster.store.layout.ledger);
      expect((await importInto(cluster)).isOk).toBe(true);
      expect(changesOf(await cluster.plan())).toEqual(["update graph.crm derived", "create policy.team applied", "create query.crm.find applied"]);
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      const after = await cluster.ledger();
      expect(after.resources).toEqual(before.resources);
      expect(after.configDigest).toBe(before.configDigest);
      expect((await stat(object)).mtimeMs).toBe(mtimeMs);
      await using graph = await cluster.openGraph("crm");
      expect((await graph.query("query all() { match { $p: Person } return { $p.name } }")).rowCount).toBe(1);
    }));

  test("18.2.13 on object storage: import, apply, drift, refresh, apply, lost ledger", async () => {
    await using server = await startS3Server();
    await using directory = await makeTempDir();
    const s3 = parseS3Environment(server.environment);
    const cluster = new TestCluster(`${directory.path}/config`, await openClusterStore("s3://bucket/prod", { s3, durability: "process" }), s3);
    await cluster.declare({ graphs: { crm: TWO.graphs.crm } });
    expect(await importInto(cluster)).toMatchObject({ isOk: true, diagnostics: [] });
    expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
    {
      await using graph = await cluster.openGraph("crm", "rw");
      await graph.applySchema(PERSON_WITH_CITY);
    }
    await cluster.store.objects.delete(cluster.store.layout.queryObject("crm", "find", contentDigest(FIND)));
    const refreshed = await cluster.refresh();
    expect(codesOf(refreshed)).toEqual(["catalog_payload_missing query.crm.find"]);
    expect(refreshed.resourceStatuses.get("schema.crm")).toEqual({ status: "drifted", conditions: ["schema_mismatch"] });
    expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
    await cluster.store.objects.delete(cluster.store.layout.ledger);
    expect(await importInto(cluster)).toMatchObject({ isOk: true });
    expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
    expect(server.keys("bucket").filter((key) => key.includes("__cluster/lock") || key.includes("probe"))).toEqual([]);
  });
});
