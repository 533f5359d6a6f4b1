import { describe, expect, test } from "vitest";
import { changesOf, codesOf, FIND, FIND_AGED, LIST, PERSON, READERS, withTestCluster } from "./apply-rig.js";

describe("cluster.md 18.2, as the control plane runs them", () => {
  test("scenario 1 fresh directory: apply asks for import, converges as revision 2, and then has nothing to do", () =>
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

  test("scenario 3 query edit: query applied, graph derived, one new object, the old one still there", () =>
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
});
