import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Graph } from "@omnigraphdb/engine";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeApproval } from "../../src/approvals/approval.js";
import { planCluster } from "../../src/preview/plan-cluster.js";
import type { PlanOutcome } from "../../src/preview/plan-outcome.js";
import { encodeSidecar } from "../../src/recovery/recovery-sidecar.js";
import type { ClusterProgress } from "../../src/run/cluster-environment.js";
import { type AppliedCluster, writeAppliedCluster } from "../../test-support/applied-cluster.js";
import { type DeclaredCluster, declareCluster } from "../../test-support/declare-cluster.js";
import { approvalOf } from "../../test-support/plan-input.js";
import { testEnvironment } from "../../test-support/test-session.js";

const SCHEMA = "node Person {\n  name: String @key\n}\n";
const WITH_AGE = "node Person {\n  name: String @key\n  age: I64?\n}\n";
const OTHER_KEY = "node Person {\n  name: String\n  id_code: String @key\n}\n";
const QUERY = "query everybody() { match { $p: Person } return { $p.name as name } }\n";
const ONE: DeclaredCluster = { graphs: { people: { schema: SCHEMA, queries: { everybody: QUERY } } } };

let dir: TempDir;
let count = 0;
beforeAll(async () => {
  dir = await makeTempDir();
});
afterAll(() => dir[Symbol.asyncDispose]());

interface Rig {
  readonly config: string;
  readonly root: string;
  declare(declared: DeclaredCluster): Promise<void>;
  /** What an apply of this would have left. */
  apply(declared: DeclaredCluster): Promise<AppliedCluster>;
  plan(given?: Parameters<typeof testEnvironment>[0]): Promise<PlanOutcome>;
  /** Everything below the storage root, with the text of small files. */
  files(): Promise<readonly string[]>;
}

function makeRig(): Rig {
  const home = join(dir.path, `c${count++}`);
  const config = join(home, "config");
  const root = join(home, "state");
  return {
    config,
    root,
    declare: (declared) => declareCluster(config, declared, root),
    async apply(declared) {
      await mkdir(root, { recursive: true });
      return writeAppliedCluster(root, declared);
    },
    plan: (given) => planCluster({ configDirectory: config, environment: testEnvironment(given) }),
    async files() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      return Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => `${join(entry.parentPath, entry.name)} ${(await readFile(join(entry.parentPath, entry.name))).toString("base64")}`)).then((found) => found.sort());
    },
  };
}

function linesOf({ changes }: PlanOutcome): readonly string[] {
  return changes.map(({ operation, resource, disposition, reason }) => `${operation} ${resource}: ${disposition}${reason === undefined ? "" : `, ${reason}`}`);
}

function findingsOf({ diagnostics }: PlanOutcome): readonly string[] {
  return diagnostics.map(({ severity, code, path }) => `${severity} ${code} ${path}`);
}

describe("cluster.md §8.5 cluster plan", () => {
  test("cluster.md §8.5 step 1: errors of the configuration end the plan; no storage is touched", async () => {
    const rig = makeRig();
    await rig.declare({ graphs: { people: { schema: "node Person {" } } });
    const outcome = await rig.plan();
    expect(outcome).toMatchObject({ isOk: false, changes: [], stateObservations: undefined });
    expect(outcome.diagnostics.map(({ code }) => code)).toContain("schema_parse_error");
    await expect(readdir(rig.root)).rejects.toThrow();
  });

  test("cluster.md §8.5 steps 2 and 7: the lock is held meanwhile, and gone afterwards", async () => {
    const rig = makeRig();
    await rig.declare(ONE);
    const lock = join(rig.root, "__cluster/lock.json");
    const seen: string[] = [];
    const outcome = await rig.plan({ onProgress: ({ phase, done, total }) => void seen.push(`${phase} ${done}/${total}${existsSync(lock) ? " locked" : ""}`) });
    expect(outcome.isOk).toBe(true);
    expect(seen).toEqual(["load 0/1", "load 1/1", "lock 0/1", "lock 1/1 locked"]);
    expect(outcome.stateObservations).toMatchObject({ lockAcquired: true, locked: false, stateFound: false, stateRevision: 0 });
    expect(await rig.files()).toEqual([]);
  });

  test("cluster.md §8.5 step 2: a held lock is an error, and says who holds it", async () => {
    const rig = makeRig();
    await rig.declare(ONE);
    await mkdir(join(rig.root, "__cluster"), { recursive: true });
    await writeFile(join(rig.root, "__cluster/lock.json"), JSON.stringify({ version: 1, lock_id: "01HELD", operation: "apply", created_at: "2026-01-01T00:00:00Z", pid: 7 }));
    const outcome = await rig.plan();
    expect(outcome).toMatchObject({ isOk: false, changes: [], stateObservations: { locked: true, lockId: "01HELD", lockAcquired: false } });
    expect(findingsOf(outcome)).toEqual([`error state_lock_held ${join(rig.root, "__cluster/lock.json")}`]);
  });

  test("cluster.md §8.5 step 3: pending sidecars are warned of, left alone, and their graphs wait", async () => {
    const rig = makeRig();
    const { store } = await rig.apply(ONE);
    await rig.declare({ graphs: { people: { schema: WITH_AGE, queries: { everybody: QUERY } } } });
    const pending = { operationId: "01SIDE", startedAt: "2026-01-01T00:00:00Z", actor: null, kind: "schema_apply", graphId: "people", graphUri: "x", observedManifestVersion: 1, expectedManifestVersion: null, desiredSchemaDigest: "d", stateCasBase: null, approvalId: null } as const;
    await store.objects.writeText(store.layout.recoverySidecar("01SIDE"), encodeSidecar(pending));
    await store.objects.writeText(store.layout.recoverySidecar("01BAD"), "{");
    const before = await rig.files();
    const outcome = await rig.plan();
    expect(findingsOf(outcome)).toEqual([`warning invalid_recovery_sidecar ${store.layout.recoverySidecar("01BAD")}`, `warning cluster_recovery_pending ${store.layout.recoverySidecar("01SIDE")}`]);
    expect(linesOf(outcome)).toEqual(["update graph.people: derived", "update schema.people: blocked, cluster_recovery_pending"]);
    expect(outcome.isOk).toBe(true);
    expect(await rig.files()).toEqual(before);
  });

  test("cluster.md §8.5 step 4: no ledger is an empty one; everything is a create", async () => {
    const rig = makeRig();
    await rig.declare(ONE);
    const outcome = await rig.plan();
    expect(linesOf(outcome)).toEqual(["create graph.people: applied", "create query.people.everybody: applied", "create schema.people: applied"]);
    expect(findingsOf(outcome)).toEqual([]);
    expect([...outcome.resourceDigests.keys()]).toEqual(["graph.people", "query.people.everybody", "schema.people"]);
    expect(outcome.blastRadius).toEqual([
      { resource: "graph.people", affected: ["query.people.everybody", "schema.people"] },
      { resource: "schema.people", affected: ["query.people.everybody"] },
    ]);
  });

  test.each([
    ["{", "invalid_state_json"],
    ['{"version":2,"state_revision":1,"applied_revision":{"resources":{}}}', "unsupported_state_version"],
  ])("cluster.md §8.5 step 4: a ledger that cannot be used is an error, and no plan: %s", async (text, code) => {
    const rig = makeRig();
    await rig.declare(ONE);
    await mkdir(join(rig.root, "__cluster"), { recursive: true });
    await writeFile(join(rig.root, "__cluster/state.json"), text);
    const outcome = await rig.plan();
    expect(outcome).toMatchObject({ isOk: false, changes: [], diagnostics: [{ code, severity: "error" }] });
    expect(await readdir(join(rig.root, "__cluster"))).toEqual(["state.json"]);
  });

  test("cluster.md §6.6, §8.5: a ledger that apply would refuse is told of", async () => {
    const rig = makeRig();
    const { store, ledger } = await rig.apply(ONE);
    await rig.declare(ONE);
    const text = await readFile(store.layout.ledger, "utf8");
    await writeFile(store.layout.ledger, text.replaceAll(ledger.resources.get("graph.people")?.digest ?? "", "0".repeat(64)));
    const outcome = await rig.plan();
    expect(findingsOf(outcome)).toEqual(["warning external_blob_policy_digest_mismatch graph.people"]);
    expect(outcome.isOk).toBe(true);
  });

  test("cluster.md §8.5 step 5, §18.2.6: a graph that is gone from the configuration is gated; a stale approval opens nothing", async () => {
    const rig = makeRig();
    const { store } = await rig.apply(ONE);
    await rig.declare({ graphs: {} });
    const stale = approvalOf("graph.people", { approvalId: "01STALE" });
    await store.objects.writeText(store.layout.approval("01STALE"), encodeApproval(stale));
    await store.objects.writeText(store.layout.approval("01BROKEN"), "[]");
    const outcome = await rig.plan();
    expect(linesOf(outcome)).toEqual(["delete graph.people: blocked, approval_required", "delete query.people.everybody: blocked, approval_required", "delete schema.people: blocked, approval_required"]);
    expect(outcome.approvalsRequired).toEqual([{ resource: "graph.people", reason: "deletes graph 'people' and all its data, for good", satisfied: false }]);
    expect(findingsOf(outcome)).toEqual([`warning invalid_approval_artifact ${store.layout.approval("01BROKEN")}`, "warning approval_stale graph.people"]);
    expect(outcome.isOk).toBe(true);
  });

  test("cluster.md §8.5 step 6: the steps of a migration, as the live graph makes them; nothing is written", async () => {
    const rig = makeRig();
    await rig.apply({ graphs: { people: { schema: SCHEMA }, others: { schema: SCHEMA }, same: { schema: SCHEMA } } });
    await rig.declare({ graphs: { people: { schema: WITH_AGE }, others: { schema: OTHER_KEY }, same: { schema: `// New words.\n${SCHEMA}` } } });
    const before = await rig.files();
    const outcome = await rig.plan();
    const migrations = new Map(outcome.changes.map(({ resource, migration }) => [resource, migration]));
    expect(migrations.get("schema.people")).toMatchObject({ supported: true, steps: [{ kind: "add_property", typeName: "Person", propertyName: "age" }] });
    expect(migrations.get("schema.others")).toMatchObject({ supported: false });
    expect(migrations.get("schema.others")?.steps.some(({ kind }) => kind === "unsupported_change")).toBe(true);
    expect(migrations.get("schema.same")).toEqual({ supported: true, steps: [] });
    expect(migrations.get("graph.people")).toBeUndefined();
    expect(await rig.files()).toEqual(before);
  });

  test.each<[string, (root: string) => Promise<void>, string]>([
    ["is gone", (root) => rm(root, { recursive: true }), "nothing is stored where graph 'people' should be"],
    ["does not open", (root) => rm(join(root, "_schema.pg")), "graph 'people' does not open"],
  ])("cluster.md §8.5 step 6: no preview of a graph that %s is a warning", async (_, damage, message) => {
    const rig = makeRig();
    const { graphUri } = await rig.apply(ONE);
    await rig.declare({ graphs: { people: { schema: WITH_AGE, queries: { everybody: QUERY } } } });
    await damage(graphUri("people"));
    const outcome = await rig.plan();
    expect(findingsOf(outcome)).toEqual(["warning schema_preview_unavailable schema.people"]);
    expect(outcome.diagnostics[0]?.message).toContain(message);
    expect(outcome.isOk).toBe(true);
    expect(linesOf(outcome)).toContain("update schema.people: applied");
  });

  test("cluster.md §18.2.2, §8: what is applied plans to nothing, twice the same", async () => {
    const rig = makeRig();
    await rig.apply(ONE);
    await rig.declare(ONE);
    const [first, second] = [await rig.plan(), await rig.plan()];
    expect(first).toMatchObject({ isOk: true, changes: [], blastRadius: [], approvalsRequired: [], diagnostics: [], stateObservations: { stateFound: true, stateRevision: 2, resourceCount: 3 } });
    expect(JSON.stringify({ ...first, stateObservations: null })).toBe(JSON.stringify({ ...second, stateObservations: null }));
  });

  test("cluster.md §4.4 a cancelled plan leaves no lock", async () => {
    const rig = makeRig();
    const { graphUri, store } = await rig.apply(ONE);
    await rig.declare({ graphs: { people: { schema: WITH_AGE, queries: { everybody: QUERY } } } });
    const stop = new AbortController();
    const stopOnceLocked = ({ phase, done }: ClusterProgress): void => {
      if (phase === "lock" && done === 1) stop.abort();
    };
    await expect(rig.plan({ signal: stop.signal, onProgress: stopOnceLocked })).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await store.objects.exists(store.layout.lock)).toBe(false);
    await using graph = await Graph.open(graphUri("people"), { mode: "ro" });
    expect(graph.schema.source).toBe(SCHEMA);
  });
});
