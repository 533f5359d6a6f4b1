import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { manualClock } from "@omnigraphdb/common";
import { Graph } from "@omnigraphdb/engine";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Diagnostics } from "../../src/diagnostics/cluster-diagnostic.js";
import { contentDigest } from "../../src/digests.js";
import { checkComposites } from "../../src/ledger/composite-integrity.js";
import { LedgerDraft } from "../../src/ledger/ledger-draft.js";
import type { Ledger, ResourceStatus } from "../../src/ledger/ledger.js";
import { encodeSidecar, type RecoverySidecar } from "../../src/recovery/recovery-sidecar.js";
import { type SweepOutcome, sweepSidecars } from "../../src/recovery/sweep.js";
import { SWEEP_MATRIX } from "../../src/recovery/sweep-matrix.js";
import type { ClusterSession } from "../../src/run/cluster-environment.js";
import { leaveCrashImage } from "../../test-support/crash-image.js";
import { testSession } from "../../test-support/test-session.js";

const OLD = "node Person {\n  name: String @key\n}\n";
const NEW = "node Person {\n  name: String @key\n  age: I64?\n}\n";
const OTHER = "node Person {\n  name: String @key\n  city: String?\n}\n";
const NOW = "2026-03-01T12:00:00.000Z";
const settings = { durability: "process" } as const;

let dir: TempDir;
let count = 0;
beforeAll(async () => {
  dir = await makeTempDir();
});
afterAll(() => dir[Symbol.asyncDispose]());

type Root = "absent" | "remnant" | "damaged" | { readonly schema: string };

interface Scene {
  readonly kind: RecoverySidecar["kind"];
  readonly root: Root;
  /** Text of the schema that the ledger records; undefined: it does not know the graph. */
  readonly ledger?: string;
  /** Text of the schema that the sidecar wants. */
  readonly wanted?: string;
  /** What an earlier sweep said. */
  readonly status?: ResourceStatus;
}

interface Swept {
  readonly outcome: SweepOutcome;
  readonly draft: LedgerDraft;
  readonly ledger: Ledger;
  readonly diagnostics: Diagnostics;
  readonly session: ClusterSession;
}

const OPERATION = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const APPROVAL = "01ARZ3NDEKTSV4RRFFQ69G5FAA";

function sidecarOf(given: Partial<RecoverySidecar>): RecoverySidecar {
  return {
    operationId: OPERATION,
    startedAt: "2026-02-28T12:00:00.000Z",
    actor: "act-ops",
    kind: "graph_create",
    graphId: "g",
    graphUri: "/elsewhere/graphs/g.omni",
    observedManifestVersion: null,
    expectedManifestVersion: null,
    desiredSchemaDigest: "",
    stateCasBase: null,
    approvalId: null,
    ...given,
  };
}

async function newSession(): Promise<ClusterSession> {
  return testSession(join(dir.path, `c${count++}`), { environment: { clock: manualClock(Date.parse(NOW)) } });
}

async function makeRoot(session: ClusterSession, graphId: string, root: Root): Promise<void> {
  const path = session.store.layout.graphRoot(graphId);
  if (root === "absent") return;
  if (root === "remnant") {
    await mkdir(path, { recursive: true });
    await writeFile(join(path, "_schema.pg"), NEW);
    return;
  }
  await (await Graph.init(path, root === "damaged" ? OLD : root.schema, { settings })).close();
  if (root === "damaged") await writeFile(join(path, "__schema_state.json"), "{}");
}

function ledgerWith(schemas: Readonly<Record<string, string | undefined>>, status?: ResourceStatus): Ledger {
  const draft = new LedgerDraft(undefined);
  for (const [graphId, schema] of Object.entries(schemas)) {
    if (status !== undefined) for (const kind of ["graph", "schema"]) draft.setStatus(`${kind}.${graphId}`, status);
    if (schema === undefined) continue;
    draft.setResource(`schema.${graphId}`, { digest: contentDigest(schema) });
    draft.setResource(`query.${graphId}.all`, { digest: contentDigest("q") });
    draft.setResource(`graph.${graphId}`, { digest: "" });
  }
  return draft.finish();
}

async function sweepWith(session: ClusterSession, ledger: Ledger, sidecars: readonly RecoverySidecar[]): Promise<Swept> {
  const { objects, layout } = session.store;
  for (const sidecar of sidecars) await objects.writeText(layout.recoverySidecar(sidecar.operationId), encodeSidecar(sidecar));
  const draft = new LedgerDraft(ledger);
  const diagnostics = new Diagnostics();
  const outcome = await sweepSidecars(session, draft, diagnostics);
  return { outcome, draft, ledger, diagnostics, session };
}

async function play({ kind, root, ledger, wanted, status }: Scene): Promise<Swept> {
  const session = await newSession();
  await makeRoot(session, "g", root);
  const isDelete = kind === "graph_delete";
  const sidecar = sidecarOf({ kind, desiredSchemaDigest: wanted === undefined ? "" : contentDigest(wanted), approvalId: isDelete ? APPROVAL : null });
  return sweepWith(session, ledgerWith({ g: ledger }, status), [sidecar]);
}

const DRIFTED = { status: "drifted", conditions: ["actual_applied_state_pending"] };
const INCOMPLETE = { status: "error", conditions: ["graph_create_incomplete"] };
const ROLLED_FORWARD = [["cluster_recovery_rolled_forward", "warning"]];
const PENDING = [["cluster_recovery_pending", "warning"]];

interface Expected {
  readonly end: "retired" | "kept";
  readonly codes: readonly (readonly string[])[];
  /** Of graph and schema; undefined: as it was. */
  readonly status?: object;
  readonly records?: "schema" | "tombstone";
}

const ROWS: readonly (readonly [row: number, what: string, scene: Scene, expected: Expected])[] = [
  [1, "a graph that was never begun", { kind: "graph_create", root: "absent", wanted: NEW }, { end: "retired", codes: [] }],
  [2, "a graph that is recorded already", { kind: "graph_create", root: { schema: NEW }, ledger: NEW, wanted: NEW }, { end: "retired", codes: [] }],
  [2, "the same, though another schema was wanted", { kind: "graph_create", root: { schema: OLD }, ledger: OLD, wanted: NEW }, { end: "retired", codes: [] }],
  [3, "a graph that nobody recorded", { kind: "graph_create", root: { schema: NEW }, wanted: NEW }, { end: "retired", codes: ROLLED_FORWARD, status: { status: "applied" }, records: "schema" }],
  [3, "a graph that is recorded with another schema", { kind: "graph_create", root: { schema: NEW }, ledger: OLD, wanted: NEW }, { end: "retired", codes: ROLLED_FORWARD, status: { status: "applied" }, records: "schema" }],
  [4, "a graph with a schema nobody knows", { kind: "graph_create", root: { schema: OTHER }, wanted: NEW }, { end: "kept", codes: PENDING, status: DRIFTED }],
  [5, "a creation that ended half-way", { kind: "graph_create", root: "remnant", wanted: NEW }, { end: "kept", codes: [["graph_create_incomplete", "error"]], status: INCOMPLETE }],
  [5, "a graph that does not open", { kind: "graph_create", root: "damaged", ledger: OLD, wanted: OLD }, { end: "kept", codes: [["graph_create_incomplete", "error"]], status: INCOMPLETE }],
  [6, "a graph that does not open", { kind: "schema_apply", root: "damaged", ledger: OLD, wanted: NEW }, { end: "kept", codes: PENDING }],
  [6, "a graph that is gone", { kind: "schema_apply", root: "absent", ledger: OLD, wanted: NEW }, { end: "kept", codes: PENDING }],
  [7, "a migration that never landed", { kind: "schema_apply", root: { schema: OLD }, ledger: OLD, wanted: NEW }, { end: "retired", codes: [] }],
  [7, "a migration that is recorded already", { kind: "schema_apply", root: { schema: NEW }, ledger: NEW, wanted: NEW }, { end: "retired", codes: [] }],
  [8, "a migration that nobody recorded", { kind: "schema_apply", root: { schema: NEW }, ledger: OLD, wanted: NEW }, { end: "retired", codes: ROLLED_FORWARD, status: { status: "applied" }, records: "schema" }],
  [9, "a graph with a schema nobody knows", { kind: "schema_apply", root: { schema: OTHER }, ledger: OLD, wanted: NEW }, { end: "kept", codes: PENDING, status: DRIFTED }],
  [10, "a graph that still opens", { kind: "graph_delete", root: { schema: OLD }, ledger: OLD }, { end: "retired", codes: [["graph_delete_incomplete", "warning"]] }],
  [10, "a graph of which a part is left", { kind: "graph_delete", root: "remnant", ledger: OLD }, { end: "retired", codes: [["graph_delete_incomplete", "warning"]] }],
  [11, "a deletion that is recorded already", { kind: "graph_delete", root: "absent" }, { end: "retired", codes: [] }],
  [12, "a deletion that nobody recorded", { kind: "graph_delete", root: "absent", ledger: OLD }, { end: "retired", codes: ROLLED_FORWARD, records: "tombstone" }],
];

describe("cluster.md §10.5 the decision matrix", () => {
  test("the table has every row once, and these tests have every row", () => {
    const rows = SWEEP_MATRIX.map(({ row }) => row).sort((a, b) => a - b);
    expect(rows).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect([...new Set(ROWS.map(([row]) => row))].sort((a, b) => a - b)).toEqual(rows);
  });

  test.each(ROWS)("cluster.md §10.5 row %i: %s (%#)", async (_, __, scene, expected) => {
    const { outcome, draft, ledger, diagnostics, session } = await play(scene);
    expect(outcome.retired.map(({ operationId }) => operationId)).toEqual(expected.end === "retired" ? [OPERATION] : []);
    expect([...outcome.pendingGraphs]).toEqual(expected.end === "kept" ? ["g"] : []);
    expect(diagnostics.list().map(({ code, severity }) => [code, severity])).toEqual(expected.codes);
    for (const { path, message } of diagnostics.list()) {
      expect(path).toBe("graph.g");
      expect(message).toMatch(/\.$/);
    }
    const next = draft.finish();
    for (const address of ["graph.g", "schema.g"]) {
      if (expected.records !== "tombstone") expect(next.statuses.get(address)).toEqual(expected.status === undefined ? ledger.statuses.get(address) : expect.objectContaining(expected.status));
    }
    const recovered = { kind: scene.kind, graph_id: "g", outcome: "rolled_forward", recovered_at: NOW, actor: "act-ops" };
    expect([...next.recoveries]).toEqual(expected.records === undefined ? [] : [[OPERATION, recovered]]);
    if (expected.records === undefined) {
      expect(next.resources).toEqual(ledger.resources);
    } else if (expected.records === "schema") {
      const schema = contentDigest(scene.wanted ?? "");
      expect(next.resources.get("schema.g")).toEqual({ digest: schema });
      expect(next.resources.has("graph.g")).toBe(true);
      expect(checkComposites(draft.finish())).toEqual([]);
    } else {
      expect([...next.resources.keys(), ...next.statuses.keys()]).toEqual([]);
      expect(next.observations.get("graph.g")).toEqual({ kind: "tombstone", deleted_at: NOW, approval_id: APPROVAL, actor: "act-ops" });
      expect([...next.approvals]).toEqual([[APPROVAL, { consumed_at: NOW, consumed_by_operation: OPERATION }]]);
    }
    expect(outcome.consumedApprovals).toEqual(expected.records === "tombstone" ? [{ approvalId: APPROVAL, operationId: OPERATION, consumedAt: NOW }] : []);
    // Nothing is removed before the ledger is written.
    expect(await session.store.objects.exists(session.store.layout.recoverySidecar(OPERATION))).toBe(true);
  });

  test("row 5 names the root and what to do by hand, and removes nothing", async () => {
    const { diagnostics, session } = await play({ kind: "graph_create", root: "remnant", wanted: NEW });
    const root = session.store.layout.graphRoot("g");
    expect(diagnostics.list()[0]?.message).toContain(`remove ${root} with everything in it by hand, then run 'omnigraph cluster apply' again`);
    expect(await session.store.objects.exists(root)).toBe(true);
    // What cannot be opened may hold data: nobody is told to remove that first.
    const damaged = await play({ kind: "graph_create", root: "damaged", wanted: OLD });
    expect(damaged.diagnostics.list()[0]?.message).toContain("See that it can be reached and opened");
  });
});

describe("cluster.md §10.5 several sidecars", () => {
  const first = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const second = "01BRZ3NDEKTSV4RRFFQ69G5FAV";

  test("are settled in the order of their ids, and a later one sees what an earlier one recorded", async () => {
    const session = await newSession();
    await makeRoot(session, "g", { schema: NEW });
    const create = sidecarOf({ operationId: first, desiredSchemaDigest: contentDigest(NEW) });
    const apply = sidecarOf({ operationId: second, kind: "schema_apply", desiredSchemaDigest: contentDigest(OTHER) });
    const { outcome, diagnostics, draft } = await sweepWith(session, ledgerWith({}), [apply, create]);
    // Row 3, then row 7: in the other order the second would be row 9.
    expect(outcome.retired.map(({ operationId }) => operationId)).toEqual([first, second]);
    expect(diagnostics.list().map(({ code }) => code)).toEqual(["cluster_recovery_rolled_forward"]);
    expect([...draft.finish().recoveries.keys()]).toEqual([first]);
  });

  test("one that is kept makes the graph pending, whatever becomes of the other", async () => {
    const session = await newSession();
    await makeRoot(session, "g", { schema: OTHER });
    const create = sidecarOf({ operationId: first, desiredSchemaDigest: contentDigest(NEW) });
    const apply = sidecarOf({ operationId: second, kind: "schema_apply", desiredSchemaDigest: contentDigest(OTHER) });
    const { outcome, draft } = await sweepWith(session, ledgerWith({}), [create, apply]);
    expect([...outcome.pendingGraphs]).toEqual(["g"]);
    expect(outcome.retired.map(({ operationId }) => operationId)).toEqual([second]);
    expect(draft.finish().resources.get("schema.g")).toEqual({ digest: contentDigest(OTHER) });
  });

  test("a creation and a deletion of it that both ended leave nothing but records", async () => {
    const session = await newSession();
    const create = sidecarOf({ operationId: first, desiredSchemaDigest: contentDigest(NEW) });
    const remove = sidecarOf({ operationId: second, kind: "graph_delete", approvalId: APPROVAL });
    const { outcome, diagnostics } = await sweepWith(session, ledgerWith({}), [create, remove]);
    expect(outcome.retired).toHaveLength(2);
    expect(diagnostics.list()).toEqual([]);
  });

  test("cluster.md 9.3, §10.5 row 11 a deletion that is recorded already: its approval may still have to be marked", async () => {
    const session = await newSession();
    const draft = new LedgerDraft(ledgerWith({}));
    draft.addApproval(APPROVAL, { consumed_at: NOW, consumed_by_operation: first });
    const { outcome } = await sweepWith(session, draft.finish(), [sidecarOf({ operationId: first, kind: "graph_delete", approvalId: APPROVAL })]);
    expect(outcome.retired).toHaveLength(1);
    expect(outcome.consumedApprovals).toEqual([{ approvalId: APPROVAL, operationId: first, consumedAt: NOW }]);
  });

  test("graphs do not disturb each other, and graphs of other implementations are settled too", async () => {
    const session = await newSession();
    await makeRoot(session, "a", "remnant");
    await makeRoot(session, "b_2", { schema: NEW });
    const sidecars = [sidecarOf({ operationId: first, graphId: "a" }), sidecarOf({ operationId: second, graphId: "b_2", desiredSchemaDigest: contentDigest(NEW) })];
    const { outcome, draft } = await sweepWith(session, ledgerWith({ c: OLD }), sidecars);
    expect([...outcome.pendingGraphs]).toEqual(["a"]);
    expect([...draft.finish().resources.keys()].sort()).toEqual(["graph.b_2", "graph.c", "query.c.all", "schema.b_2", "schema.c"]);
  });
});

describe("cluster.md 10.4 records that nobody can settle", () => {
  const valid = encodeSidecar(sidecarOf({}));
  test.each([
    ["not JSON", "{", "invalid_recovery_sidecar"],
    ["an unknown kind", valid.replace("graph_create", "graph_rename"), "invalid_recovery_sidecar"],
    ["another version", valid.replace('"schema_version": 1', '"schema_version": 2'), "unsupported_recovery_sidecar_version"],
    ["no graph", valid.replace('"graph_id": "g"', '"graph_id": null'), "invalid_recovery_sidecar"],
    ["a blank graph", valid.replace('"graph_id": "g"', '"graph_id": " "'), "invalid_recovery_sidecar"],
    ["a graph elsewhere", valid.replace('"graph_id": "g"', '"graph_id": "../../other"'), "invalid_recovery_sidecar"],
  ])("%s: a warning, and the file stays", async (_, text, code) => {
    const session = await newSession();
    const uri = session.store.layout.recoverySidecar(OPERATION);
    await session.store.objects.writeText(uri, text);
    const { outcome, diagnostics, draft } = await sweepWith(session, ledgerWith({ g: OLD }), []);
    expect(diagnostics.list()).toEqual([expect.objectContaining({ code, severity: "warning", path: uri })]);
    expect(outcome.retired).toEqual([]);
    expect(draft.isChanged).toBe(false);
    expect(await session.store.objects.readTextIfExists(uri)).toBe(text);
  });
});

describe("temporary files of writers that were killed", () => {
  test("are removed when they are old, and nothing else is", async () => {
    const session = await newSession();
    const { layout } = session.store;
    const old = [layout.controlDirectory, layout.recoveriesDirectory, layout.approvalsDirectory].map((directory) => `${directory}/x.json.tmp.${OPERATION}`);
    const young = `${layout.recoveriesDirectory}/y.json.tmp.${OPERATION}`;
    const kept = [young, `${layout.controlDirectory}/notes.txt`];
    const nowSeconds = Date.parse(NOW) / 1000;
    for (const file of [...old, ...kept]) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, "{");
      await utimes(file, nowSeconds, nowSeconds - (file === young ? 60 : 7_200));
    }
    const { diagnostics } = await sweepWith(session, ledgerWith({}), []);
    expect(diagnostics.list()).toEqual([]);
    const isThere = (file: string): Promise<boolean> => session.store.objects.exists(file);
    expect(await Promise.all([...old, ...kept].map(isThere))).toEqual([...old.map(() => false), ...kept.map(() => true)]);
  });
});

describe("what an earlier sweep said is withdrawn with the last sidecar", () => {
  const drifted: ResourceStatus = { status: "drifted", conditions: ["actual_applied_state_pending"], message: "…" };
  const incomplete: ResourceStatus = { status: "error", conditions: ["graph_create_incomplete"], message: "…" };
  const blocked: ResourceStatus = { status: "blocked", conditions: ["dependency_not_applied"] };
  test.each<readonly [string, Scene, ResourceStatus | undefined]>([
    ["the root was removed by hand", { kind: "graph_create", root: "absent", wanted: NEW, status: incomplete }, undefined],
    ["a refresh recorded what is there", { kind: "schema_apply", root: { schema: OTHER }, ledger: OTHER, wanted: NEW, status: drifted }, { status: "applied" }],
    ["a deletion was interrupted, and nobody recorded what is there", { kind: "graph_delete", root: { schema: OTHER }, ledger: OLD, status: drifted }, undefined],
    ["statuses of others stay", { kind: "graph_create", root: { schema: NEW }, ledger: NEW, wanted: NEW, status: blocked }, blocked],
  ])("%s", async (_, scene, expected) => {
    const { draft } = await play(scene);
    for (const address of ["graph.g", "schema.g"]) expect(draft.statuses.get(address)).toEqual(expected);
  });
});

describe("ADR 0027 a schema apply that was killed within the store is settled before it is judged", () => {
  test.each([
    ["schema_apply.before_staging_write", OLD, []],
    ["graph_publish.before_commit", NEW, ["cluster_recovery_rolled_forward"]],
    ["schema_apply.after_manifest_commit", NEW, ["cluster_recovery_rolled_forward"]],
  ] as const)("at %s", async (failpoint, schema, codes) => {
    const session = await newSession();
    await makeRoot(session, "g", { schema: OLD });
    const root = session.store.layout.graphRoot("g");
    await leaveCrashImage(root, failpoint, async (failpoints) => {
      await using graph = await Graph.open(root, { mode: "rw", settings, components: { failpoints } });
      await graph.applySchema(NEW);
    });
    const { outcome, diagnostics, draft } = await sweepWith(session, ledgerWith({ g: OLD }), [sidecarOf({ kind: "schema_apply", desiredSchemaDigest: contentDigest(NEW) })]);
    expect(outcome.retired).toHaveLength(1);
    expect(diagnostics.list().map(({ code }) => code)).toEqual(codes);
    expect(draft.resources.get("schema.g")).toEqual({ digest: contentDigest(schema) });
    await using graph = await Graph.open(root, { mode: "ro", settings });
    expect(graph.schema.source).toBe(schema);
  });
});
