import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { manualClock } from "@omnigraphdb/common";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { approveChange, type ApproveOutcome } from "../../src/approve/approve-change.js";
import { planCluster } from "../../src/preview/plan-cluster.js";
import { encodeSidecar } from "../../src/recovery/recovery-sidecar.js";
import { writeLedger } from "../../test-support/applied-cluster.js";
import { declareCluster } from "../../test-support/declare-cluster.js";
import { planInput, type RecordedSpec } from "../../test-support/plan-input.js";
import { testEnvironment, testSession } from "../../test-support/test-session.js";

const SCHEMA = "node Person {\n  name: String @key\n}\n";
const START = Date.parse("2026-03-01T12:00:00Z");

let dir: TempDir;
let count = 0;
beforeAll(async () => {
  dir = await makeTempDir();
});
afterAll(() => dir[Symbol.asyncDispose]());

interface Rig {
  readonly root: string;
  readonly config: string;
  approve(address: string): Promise<ApproveOutcome>;
  approvals(): Promise<readonly string[]>;
}

/** A cluster that declares one graph, `kept`, and records what is given: `approve` opens no graph. */
async function makeRig(recorded?: RecordedSpec): Promise<Rig> {
  const home = join(dir.path, `c${count++}`);
  const [config, root] = [join(home, "config"), join(home, "state")];
  await declareCluster(config, { graphs: { kept: { schema: SCHEMA } } }, root);
  const { store } = await testSession(root);
  const { ledger } = planInput(recorded === undefined ? {} : { recorded });
  if (ledger !== undefined) await writeLedger(store, ledger);
  return {
    root,
    config,
    approve: (address) => approveChange({ configDirectory: config, environment: testEnvironment({ clock: manualClock(START) }), actor: "act-anna", address }),
    approvals: () => readdir(join(root, "__cluster/approvals")).catch(() => []),
  };
}

const DELETED = { "graph.gone": "g", "schema.gone": "s", "query.gone.q": "q", "policy.old": "p" } as const;

describe("cluster.md §9.1 cluster approve", () => {
  test("cluster.md §9.1 one artifact, with what is approved and what it is bound to", async () => {
    const rig = await makeRig(DELETED);
    const outcome = await rig.approve("graph.gone");
    expect(outcome).toMatchObject({ isOk: true, resource: "graph.gone", operation: "delete", approvedBy: "act-anna", configDirectory: rig.config, diagnostics: [] });
    expect(await rig.approvals()).toEqual([`${outcome.approvalId}.json`]);
    const written: unknown = JSON.parse(await readFile(join(rig.root, `__cluster/approvals/${outcome.approvalId}.json`), "utf8"));
    const { configDigest } = await planCluster({ configDirectory: rig.config, environment: testEnvironment() });
    expect(written).toEqual({
      schema_version: 1,
      approval_id: outcome.approvalId,
      resource: "graph.gone",
      operation: "delete",
      reason: "deletes graph 'gone' and all its data, for good",
      bound_config_digest: configDigest,
      bound_before_digest: "g",
      bound_after_digest: null,
      approved_by: "act-anna",
      created_at: "2026-03-01T12:00:00.000Z",
      consumed_at: null,
      consumed_by_operation: null,
    });
  });

  test("cluster.md §9.2 the plan sees it; an edit of the configuration makes it stale", async () => {
    const rig = await makeRig(DELETED);
    const { approvalId } = await rig.approve("graph.gone");
    const plan = async (): ReturnType<typeof planCluster> => planCluster({ configDirectory: rig.config, environment: testEnvironment() });
    expect((await plan()).approvalsRequired).toMatchObject([{ resource: "graph.gone", satisfied: true, approvalId }]);
    await declareCluster(rig.config, { graphs: { kept: { schema: `${SCHEMA}node Place {\n  name: String @key\n}\n` } } }, rig.root);
    const edited = await plan();
    expect(edited.approvalsRequired).toMatchObject([{ resource: "graph.gone", satisfied: false }]);
    expect(edited.diagnostics.map(({ code }) => code)).toContain("approval_stale");
  });

  test("cluster.md §8.4, §9.1 a schema that would go without its graph", async () => {
    expect(await (await makeRig({ "schema.gone": "s" })).approve("schema.gone")).toMatchObject({ isOk: true, resource: "schema.gone", operation: "delete" });
  });

  test.each([
    ["graph.kept", "its create needs no approval of its own"],
    ["schema.gone", "its delete needs no approval of its own. What awaits one: graph.gone."],
    ["query.gone.q", "its delete needs no approval of its own"],
    ["policy.old", "its delete needs no approval of its own"],
    ["graph.unheard-of", "nothing has this address, declared or deployed. What awaits one: graph.gone."],
    ["graph.gnoe", "nothing has this address, declared or deployed (did you mean 'graph.gone'?). What awaits one: graph.gone."],
    ["", "nothing has this address, declared or deployed"],
  ])("cluster.md §9.1 approval_not_required: '%s'", async (address, message) => {
    const rig = await makeRig(DELETED);
    const outcome = await rig.approve(address);
    expect(outcome).toMatchObject({ isOk: false, diagnostics: [{ code: "approval_not_required", severity: "error", path: address }] });
    expect(outcome.diagnostics[0]?.message).toContain(message);
    expect(outcome.approvalId).toBeUndefined();
    expect(await rig.approvals()).toEqual([]);
  });

  test("cluster.md §9.1 without a ledger: state_missing", async () => {
    const rig = await makeRig();
    expect(await rig.approve("graph.gone")).toMatchObject({ isOk: false, diagnostics: [{ code: "state_missing", severity: "error" }] });
    expect(await rig.approvals()).toEqual([]);
  });

  test("cluster.md §7.1 takes the lock, as approve", async () => {
    const rig = await makeRig(DELETED);
    await writeFile(join(rig.root, "__cluster/lock.json"), JSON.stringify({ version: 1, lock_id: "01HELD", operation: "apply", created_at: "2026-01-01T00:00:00Z", pid: 7 }));
    expect(await rig.approve("graph.gone")).toMatchObject({ isOk: false, diagnostics: [{ code: "state_lock_held" }] });
    expect(await rig.approvals()).toEqual([]);
  });

  test("cluster.md §9.1 a failing write: approval_write_error, nothing approved", async () => {
    const rig = await makeRig(DELETED);
    await writeFile(join(rig.root, "__cluster/approvals"), "a file where a folder should be");
    const outcome = await rig.approve("graph.gone");
    expect(outcome.isOk).toBe(false);
    expect(outcome.diagnostics.map(({ code }) => code)).toContain("approval_write_error");
    expect(outcome.approvalId).toBeUndefined();
    expect(await readdir(join(rig.root, "__cluster"))).not.toContain("lock.json");
  });

  test("cluster.md §10.4 pending sidecars do not matter", async () => {
    const rig = await makeRig(DELETED);
    const sidecar = { operationId: "01SIDE", startedAt: "2026-01-01T00:00:00Z", actor: null, kind: "graph_delete", graphId: "gone", graphUri: "x", observedManifestVersion: 1, expectedManifestVersion: null, desiredSchemaDigest: "", stateCasBase: null, approvalId: null } as const;
    await mkdir(join(rig.root, "__cluster/recoveries"));
    await writeFile(join(rig.root, "__cluster/recoveries/01SIDE.json"), encodeSidecar(sidecar));
    expect(await rig.approve("graph.gone")).toMatchObject({ isOk: true, diagnostics: [] });
  });

  test("cluster.md §9.1 nobody to name: refused before anything is read", async () => {
    const rig = await makeRig(DELETED);
    await expect(approveChange({ configDirectory: rig.config, environment: testEnvironment(), address: "graph.gone", actor: "  " })).rejects.toThrow("an approval names who gave it");
  });
});
