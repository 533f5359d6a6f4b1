import { readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contentDigest } from "../../src/digests.js";
import { checkComposites } from "../../src/ledger/composite-integrity.js";
import { encodeLedger } from "../../src/ledger/encode-ledger.js";
import { LedgerDraft } from "../../src/ledger/ledger-draft.js";
import type { ClusterProgress } from "../../src/run/cluster-environment.js";
import { refreshCluster } from "../../src/observe/refresh.js";
import { changesOf, codesOf, FIND, LIST, PERSON, PERSON_WITH_CITY, READERS, type TestCluster, withTestCluster } from "../apply/apply-rig.js";

const CRM = { graphs: { crm: { schema: PERSON, queries: { find: FIND, list: LIST } } }, policies: { team: { text: READERS, appliesTo: ["graph.crm"] } } };

function withConverged(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  return withTestCluster(async (cluster) => {
    await cluster.converge(CRM);
    await run(cluster);
  });
}

/** Name, size and time of change of every file. */
async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true });
  return Promise.all(entries.sort().map(async (name) => `${name} ${await stat(join(root, name)).then(({ size, mtimeMs }) => `${size} ${mtimeMs}`)}`));
}

function objectOf(cluster: TestCluster, query: string): string {
  return cluster.store.layout.queryObject("crm", query, contentDigest(query === "find" ? FIND : LIST));
}

describe("cluster.md 12.4 refresh", () => {
  test("the revision grows by one whatever is found, and nothing else changes but what was observed", () =>
    withConverged(async (cluster) => {
      const before = await cluster.ledger();
      const outcome = await cluster.refresh();
      expect(outcome).toMatchObject({ operation: "refresh", isOk: true, diagnostics: [], stateObservations: { stateRevision: before.stateRevision + 1, lockAcquired: true, locked: false } });
      const after = await cluster.ledger();
      expect(after).toMatchObject({ stateRevision: before.stateRevision + 1, configDigest: before.configDigest });
      expect(after.resources).toEqual(before.resources);
      expect(outcome.resourceDigests).toEqual(new Map([...after.resources].map(([address, { digest }]) => [address, digest])));
      expect([...outcome.resourceStatuses.values()].map(({ status }) => status)).toEqual(["applied", "applied", "applied", "applied", "applied"]);
      expect(outcome.observations.get("graph.crm")).toMatchObject({ kind: "graph", address: "graph.crm", graph_uri: cluster.store.layout.graphRoot("crm"), exists: true, schema_digest: contentDigest(PERSON), schema_matches_desired: true, error: null });
      expect(await cluster.refresh()).toMatchObject({ stateObservations: { stateRevision: before.stateRevision + 2 } });
      expect(await cluster.apply()).toMatchObject({ isStateWritten: false, isConverged: true });
    }));

  test("without a ledger: state_missing, and none is written", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare(CRM);
      const outcome = await cluster.refresh();
      expect(codesOf(outcome)).toEqual([`state_missing ${cluster.store.layout.ledger}`]);
      expect(outcome).toMatchObject({ isOk: false, stateObservations: { stateFound: false } });
      expect(await cluster.store.objects.exists(cluster.store.layout.ledger)).toBe(false);
    }));

  test("6.6 composites are checked before anything else: nothing is written", () =>
    withConverged(async (cluster) => {
      const { ledger } = await cluster.readLedger();
      const graph = ledger.resources.get("graph.crm");
      const altered = encodeLedger({ ...ledger, resources: new Map(ledger.resources).set("graph.crm", { ...graph, digest: "00" }) });
      await cluster.store.objects.writeText(cluster.store.layout.ledger, altered);
      expect(codesOf(await cluster.refresh())).toEqual(["external_blob_policy_digest_mismatch graph.crm"]);
      expect((await cluster.readLedger()).text).toBe(altered);
    }));

  test("a configuration that does not load stops it before it looks at anything", () =>
    withConverged(async (cluster) => {
      const before = await cluster.readLedger();
      await writeFile(join(cluster.configDirectory, "crm/schema.pg"), "node {");
      const outcome = await cluster.refresh();
      expect(outcome.isOk).toBe(false);
      expect(outcome.diagnostics[0]?.code).toBe("schema_parse_error");
      expect((await cluster.readLedger()).text).toBe(before.text);
    }));

  test("6.5 a ledger that changes meanwhile is left alone, and the outcome shows it", () =>
    withConverged(async (cluster) => {
      const { ledger } = await cluster.readLedger();
      const theirs = encodeLedger({ ...ledger, stateRevision: 40 });
      const onProgress = ({ phase }: ClusterProgress): void => {
        if (phase === "observe") void cluster.store.objects.writeText(cluster.store.layout.ledger, theirs);
      };
      const outcome = await refreshCluster({ configDirectory: cluster.configDirectory, environment: cluster.environment({ onProgress }) });
      expect(codesOf(outcome)).toEqual([`state_cas_mismatch ${cluster.store.layout.ledger}`]);
      expect(outcome.stateObservations?.stateRevision).toBe(40);
      expect((await cluster.readLedger()).text).toBe(theirs);
    }));

  test("an abort leaves the ledger and releases the lock", () =>
    withConverged(async (cluster) => {
      const before = await cluster.readLedger();
      const stop = new AbortController();
      const onProgress = ({ phase }: ClusterProgress): void => {
        if (phase === "observe") stop.abort();
      };
      const environment = cluster.environment({ onProgress, signal: stop.signal });
      await expect(refreshCluster({ configDirectory: cluster.configDirectory, environment })).rejects.toMatchObject({ code: "CANCELLED" });
      expect((await cluster.readLedger()).text).toBe(before.text);
      expect(await cluster.store.objects.exists(cluster.store.layout.lock)).toBe(false);
    }));

  describe("catalog verification", () => {
    test.each([
      ["an object that is missing", "payload_missing", "catalog_payload_missing", (uri: string) => rm(uri)],
      ["an object whose content differs", "payload_mismatch", "catalog_payload_mismatch", (uri: string) => writeFile(uri, "query other() {}")],
    ] as const)("%s: digest removed, drifted %s, warning; apply publishes it again", (_, condition, code, damage) =>
      withConverged(async (cluster) => {
        await damage(objectOf(cluster, "find"));
        const outcome = await cluster.refresh();
        expect(codesOf(outcome)).toEqual([`${code} query.crm.find`]);
        expect(outcome.isOk).toBe(true);
        const ledger = await cluster.ledger();
        expect(ledger.resources.has("query.crm.find")).toBe(false);
        expect(ledger.statuses.get("query.crm.find")).toMatchObject({ status: "drifted", conditions: [condition] });
        expect(checkComposites(ledger)).toEqual([]);
        expect(changesOf(await cluster.plan())).toEqual(["update graph.crm derived", "create query.crm.find applied"]);
        expect(await cluster.apply()).toMatchObject({ isConverged: true, isOk: true });
        expect(await cluster.store.objects.readText(objectOf(cluster, "find"))).toBe(FIND);
        expect((await cluster.ledger()).statuses.get("query.crm.find")).toEqual({ status: "applied" });
      }),
    );

    test("an object that cannot be read: digest kept, error payload_read_error, exit 1, and recorded until it can be read again", () =>
      withConverged(async (cluster) => {
        const uri = objectOf(cluster, "find");
        await rm(uri);
        // It leads to itself.
        await symlink(uri, uri);
        const outcome = await cluster.refresh();
        expect(codesOf(outcome)).toEqual(["catalog_payload_read_error query.crm.find"]);
        expect(outcome.isOk).toBe(false);
        const ledger = await cluster.ledger();
        expect(ledger.resources.get("query.crm.find")).toEqual({ digest: contentDigest(FIND) });
        expect(ledger.statuses.get("query.crm.find")).toMatchObject({ status: "error", conditions: ["payload_read_error"] });
        await rm(uri);
        await writeFile(uri, FIND);
        expect(await cluster.refresh()).toMatchObject({ isOk: true, diagnostics: [] });
        expect((await cluster.ledger()).statuses.get("query.crm.find")).toEqual({ status: "applied" });
      }));
  });
});

describe("cluster.md 12.5 graph observation", () => {
  async function migrateBehindOurBack(cluster: TestCluster): Promise<void> {
    await using graph = await cluster.openGraph("crm", "rw");
    await graph.applySchema(PERSON_WITH_CITY);
  }

  test("root absent: graph and schema digests removed, drifted graph_missing", () =>
    withConverged(async (cluster) => {
      await rm(cluster.store.layout.graphRoot("crm"), { recursive: true });
      const outcome = await cluster.refresh();
      expect(outcome).toMatchObject({ isOk: true, diagnostics: [] });
      expect([...outcome.resourceDigests.keys()]).toEqual(["policy.team", "query.crm.find", "query.crm.list"]);
      for (const address of ["graph.crm", "schema.crm"]) expect(outcome.resourceStatuses.get(address)).toMatchObject({ status: "drifted", conditions: ["graph_missing"], message: expect.stringContaining("EMPTY") as string });
      expect(outcome.observations.get("graph.crm")).toMatchObject({ exists: false, schema_digest: null, graph_manifest_version: null, schema_matches_desired: null, desired_schema_digest: contentDigest(PERSON) });
      // C7: as long as it is gone, the ledger says that what comes back is empty.
      expect((await cluster.refresh()).resourceStatuses).toEqual(outcome.resourceStatuses);
    }));

  test("8.2 a graph that is recorded without its schema waits for a refresh", () =>
    withConverged(async (cluster) => {
      const { ledger } = await cluster.readLedger();
      const draft = new LedgerDraft(ledger);
      draft.removeResource("schema.crm");
      await cluster.store.objects.writeText(cluster.store.layout.ledger, encodeLedger(draft.finish()));
      expect(changesOf(await cluster.plan())).toContain("create schema.crm blocked cluster_recovery_pending");
      await cluster.refresh();
      expect(await cluster.plan()).toMatchObject({ changes: [] });
    }));

  test("opens, schema = desired: live digest recorded, composite recomputed, applied", () =>
    withConverged(async (cluster) => {
      // The graph was migrated by hand, and the configuration followed.
      await migrateBehindOurBack(cluster);
      await cluster.declare({ ...CRM, graphs: { crm: { ...CRM.graphs.crm, schema: PERSON_WITH_CITY } } });
      const outcome = await cluster.refresh();
      expect(outcome.resourceDigests.get("schema.crm")).toBe(contentDigest(PERSON_WITH_CITY));
      expect(outcome.resourceStatuses.get("schema.crm")).toEqual({ status: "applied" });
      expect(checkComposites(await cluster.ledger())).toEqual([]);
      expect(await cluster.plan()).toMatchObject({ changes: [] });
    }));

  test("opens, schema ≠ desired: live digest recorded, drifted schema_mismatch", () =>
    withConverged(async (cluster) => {
      await migrateBehindOurBack(cluster);
      const outcome = await cluster.refresh();
      expect(outcome).toMatchObject({ isOk: true, diagnostics: [] });
      expect(outcome.resourceDigests.get("schema.crm")).toBe(contentDigest(PERSON_WITH_CITY));
      for (const address of ["graph.crm", "schema.crm"]) expect(outcome.resourceStatuses.get(address)).toEqual({ status: "drifted", conditions: ["schema_mismatch"] });
      expect(outcome.observations.get("graph.crm")).toMatchObject({ schema_matches_desired: false, schema_digest: contentDigest(PERSON_WITH_CITY), desired_schema_digest: contentDigest(PERSON) });
      expect(checkComposites(await cluster.ledger())).toEqual([]);
    }));

  test("does not open: ledger unchanged, error graph_observation_error, one diagnostic with the number of failures", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON }, b: { schema: PERSON }, c: { schema: PERSON } } });
      const before = await cluster.ledger();
      for (const graphId of ["a", "c"]) await writeFile(`${cluster.store.layout.graphRoot(graphId)}/__schema_state.json`, "{}");
      const outcome = await cluster.refresh();
      expect(outcome.isOk).toBe(false);
      expect(codesOf(outcome)).toEqual(["graph_observation_error graphs"]);
      expect(outcome.diagnostics[0]?.message).toContain("2 of 3 graphs");
      const after = await cluster.ledger();
      expect(after.stateRevision).toBe(before.stateRevision + 1);
      expect(after.resources).toEqual(before.resources);
      expect([...after.statuses].filter(([, { status }]) => status === "error").map(([address]) => address)).toEqual(["graph.a", "graph.c", "schema.a", "schema.c"]);
      expect(after.observations.get("graph.a")).toMatchObject({ exists: true, schema_digest: null });
      expect(after.observations.get("graph.a")).not.toMatchObject({ error: null });
    }));

  test("graphs that are not declared are not looked at", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON }, b: { schema: PERSON } } });
      const before = await cluster.ledger();
      await rm(cluster.store.layout.graphRoot("b"), { recursive: true });
      await cluster.declare({ graphs: { a: { schema: PERSON } } });
      await cluster.refresh();
      const after = await cluster.ledger();
      expect(after.observations.get("graph.b")).toEqual(before.observations.get("graph.b"));
      expect(after.resources).toEqual(before.resources);
    }));

  test("looking changes nothing in a graph: no file is touched", () =>
    withConverged(async (cluster) => {
      const before = await filesBelow(cluster.store.layout.graphRoot("crm"));
      expect(before.length).toBeGreaterThan(5);
      await cluster.refresh();
      expect(await filesBelow(cluster.store.layout.graphRoot("crm"))).toEqual(before);
    }));
});

test("cluster.md §18.2.16: an oldest ledger is refreshed, and the next apply fills it in", () =>
  withConverged(async (cluster) => {
    const { resources } = await cluster.ledger();
    const observation = { kind: "graph", address: "graph.crm", graph_uri: "/x", observed_at: "2025-01-01T00:00:00Z", exists: true, manifest_version: 3 };
    const oldest = {
      version: 1,
      state_revision: 7,
      applied_revision: { config_digest: null, resources: Object.fromEntries([...resources].map(([address, { digest }]) => [address, { digest }])) },
    };
    for (const ledger of [oldest, { ...oldest, observations: { "graph.crm": observation } }]) {
      await cluster.store.objects.writeText(cluster.store.layout.ledger, JSON.stringify(ledger));
      const refreshed = await cluster.refresh();
      expect(refreshed).toMatchObject({ isOk: true, diagnostics: [], stateObservations: { stateRevision: 8 } });
      expect(refreshed.observations.get("graph.crm")).toMatchObject({ graph_manifest_version: 1 });
      expect(changesOf(await cluster.plan())).toEqual(["update policy.team applied"]);
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      expect((await cluster.ledger()).resources).toEqual(resources);
    }
  }));
