import { rm, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { contentDigest } from "../../src/digests.js";
import { importCluster } from "../../src/observe/import.js";
import { changesOf, FIND, PERSON, PERSON_WITH_CITY, READERS, type TestCluster, withTestCluster } from "../apply/apply-rig.js";

const DECLARED = { graphs: { crm: { schema: PERSON, queries: { find: FIND } }, fleet: { schema: PERSON } }, policies: { team: { text: READERS, appliesTo: ["graph.crm"] } } };
const PEOPLE = "query people() { match { $p: Person } return { $p.name } }";

/** A converged cluster with one person in `crm`. Whatever happens to it, it must end in the same resources, with an empty plan. */
function withDrift(name: string, drift: (cluster: TestCluster) => Promise<void>, cycle: (cluster: TestCluster) => Promise<void>): void {
  test(name, () =>
    withTestCluster(async (cluster) => {
      await cluster.converge(DECLARED);
      const { resources } = await cluster.ledger();
      {
        await using graph = await cluster.openGraph("crm", "rw");
        await graph.load('{"type":"Person","data":{"name":"Ada"}}\n', { mode: "append" });
      }
      await drift(cluster);
      await cycle(cluster);
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      expect(await cluster.plan()).toMatchObject({ changes: [], diagnostics: [] });
      const after = await cluster.ledger();
      expect(after.resources).toEqual(resources);
      expect([...after.statuses].filter(([, { status }]) => status !== "applied")).toEqual([]);
    }),
  );
}

async function countPeople(cluster: TestCluster): Promise<number> {
  await using graph = await cluster.openGraph("crm");
  return (await graph.query(PEOPLE)).rowCount;
}

describe("cluster.md 12.6 drift cycle: observe, decide, act", () => {
  const findObject = (cluster: TestCluster): string => cluster.store.layout.queryObject("crm", "find", contentDigest(FIND));

  withDrift(
    "row 1 catalog object lost: digest removed; query create, graph update derived; republished",
    (cluster) => rm(findObject(cluster)),
    async (cluster) => {
      // Nothing corrects drift on its own: without a refresh, nothing is seen to be wrong.
      expect((await cluster.plan()).changes).toEqual([]);
      await cluster.refresh();
      expect(changesOf(await cluster.plan())).toEqual(["update graph.crm derived", "create query.crm.find applied"]);
      expect(changesOf(await cluster.apply())).toEqual(["update graph.crm derived", "create query.crm.find applied"]);
      expect(await cluster.store.objects.readText(findObject(cluster))).toBe(FIND);
      expect(await countPeople(cluster)).toBe(1);
    },
  );

  withDrift(
    "row 2 schema changed behind the cluster's back: live digest recorded; schema update back, with steps; migrated",
    async (cluster) => {
      await using graph = await cluster.openGraph("crm", "rw");
      await graph.applySchema(PERSON_WITH_CITY);
    },
    async (cluster) => {
      expect((await cluster.refresh()).resourceDigests.get("schema.crm")).toBe(contentDigest(PERSON_WITH_CITY));
      const plan = await cluster.plan();
      expect(changesOf(plan)).toEqual(["update graph.crm derived", "update schema.crm applied"]);
      expect(plan.changes.find(({ resource }) => resource === "schema.crm")?.migration).toMatchObject({ supported: true, steps: [expect.anything()] });
      await cluster.apply();
      await using graph = await cluster.openGraph("crm");
      expect(graph.schema.source).toBe(PERSON);
      expect(await countPeople(cluster)).toBe(1);
    },
  );

  withDrift(
    "row 3 graph store removed: entries removed; graph and schema create; an empty graph",
    (cluster) => rm(cluster.store.layout.graphRoot("crm"), { recursive: true }),
    async (cluster) => {
      const refreshed = await cluster.refresh();
      expect([...refreshed.resourceDigests.keys()]).toEqual(["graph.fleet", "policy.team", "query.crm.find", "schema.fleet"]);
      expect(changesOf(await cluster.plan())).toEqual(["create graph.crm applied", "create schema.crm applied"]);
      await cluster.apply();
      expect(await countPeople(cluster)).toBe(0);
    },
  );

  withDrift(
    "row 4 ledger lost: import, then creates for queries and policies; the same objects",
    (cluster) => rm(cluster.store.layout.ledger),
    async (cluster) => {
      expect((await importCluster({ configDirectory: cluster.configDirectory, environment: cluster.environment() })).isOk).toBe(true);
      expect(changesOf(await cluster.plan())).toEqual(["update graph.crm derived", "create policy.team applied", "create query.crm.find applied"]);
      await cluster.apply();
      expect(await countPeople(cluster)).toBe(1);
    },
  );

  withDrift(
    "9.5 drift that makes a plan delete a graph passes the same gate: a graph nobody declares waits for its approval",
    async (cluster) => {
      await cluster.declare({ ...DECLARED, graphs: { crm: DECLARED.graphs.crm } });
    },
    async (cluster) => {
      await cluster.refresh();
      expect(changesOf(await cluster.apply())).toEqual(["delete graph.fleet blocked approval_required", "delete schema.fleet blocked approval_required"]);
      expect(await cluster.store.objects.exists(cluster.store.layout.graphRoot("fleet"))).toBe(true);
      await cluster.declare(DECLARED);
    },
  );
});

describe("cluster.md §18.2.12 deleted and altered catalog objects: refresh records, apply repairs", () => {
  test.each([
    ["deleted", (uri: string) => rm(uri), "payload_missing"],
    ["altered", (uri: string) => writeFile(uri, "altered"), "payload_mismatch"],
  ] as const)("%s query and policy", (_, damage, condition) =>
    withTestCluster(async (cluster) => {
      await cluster.converge(DECLARED);
      const { layout, objects } = cluster.store;
      const query = layout.queryObject("crm", "find", contentDigest(FIND));
      const policy = layout.policyObject("team", contentDigest(READERS));
      for (const uri of [query, policy]) await damage(uri);
      const { resourceStatuses } = await cluster.refresh();
      for (const address of ["query.crm.find", "policy.team"]) expect(resourceStatuses.get(address)).toMatchObject({ status: "drifted", conditions: [condition] });
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      expect([await objects.readText(query), await objects.readText(policy)]).toEqual([FIND, READERS]);
      expect((await cluster.ledger()).resources.get("policy.team")).toEqual({ digest: contentDigest(READERS), applies_to: ["graph.crm"] });
    }),
  );
});
