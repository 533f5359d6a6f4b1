import { mkdir, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import { StorageError } from "@omnigraphdb/engine";
import { FaultyObjectStore } from "@omnigraphdb/engine/test-support";
import { describe, expect, test } from "vitest";
import { type Approval, encodeApproval } from "../../src/approvals/approval.js";
import { markConsumed, readApprovals, writeApproval } from "../../src/approvals/approval-store.js";
import { verifyCatalog } from "../../src/catalog/verify-catalog.js";
import { writeCatalogObject } from "../../src/catalog/write-catalog-object.js";
import { contentDigest } from "../../src/digests.js";
import { readSidecars } from "../../src/recovery/read-sidecars.js";
import type { RecoverySidecar } from "../../src/recovery/recovery-sidecar.js";
import { deleteSidecar, warnOfSidecars, writeSidecar } from "../../src/recovery/sidecar-store.js";
import { BACKENDS, makeState, smallLedger } from "../../test-support/state-fixture.js";

const FIRST = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const SECOND = "01ARZ3NDEKTSV4RRFFQ69G5FAW";
const FAILURE = new StorageError("Transient", "the wire was cut");

const APPROVAL: Approval = {
  approvalId: FIRST,
  resource: "graph.orders",
  operation: "delete",
  reason: "deletes the graph and its data",
  boundConfigDigest: "c",
  boundBeforeDigest: "b",
  boundAfterDigest: null,
  approvedBy: "act-x",
  createdAt: "2026-01-01T00:00:00Z",
  consumedAt: null,
  consumedByOperation: null,
};
const CONSUMPTION = { consumed_at: "2026-01-02T00:00:00Z", consumed_by_operation: SECOND };

const SIDECAR: RecoverySidecar = {
  operationId: FIRST,
  startedAt: "2026-01-01T00:00:00Z",
  actor: null,
  kind: "graph_create",
  graphId: "orders",
  graphUri: "/x/orders.omni",
  observedManifestVersion: null,
  expectedManifestVersion: null,
  desiredSchemaDigest: "s",
  stateCasBase: null,
  approvalId: null,
};

describe.each(BACKENDS)("cluster.md §9 approvals on %s", (backend) => {
  test("9.1 an artifact with exactly the fields of the table, under its id", async () => {
    await using state = await makeState(backend);
    expect(await writeApproval(state.store, APPROVAL)).toBeUndefined();
    const text = await state.store.objects.readText(`${state.store.layout.root}/__cluster/approvals/${FIRST}.json`);
    expect(Object.keys(JSON.parse(text) as object)).toEqual([
      "schema_version", "approval_id", "resource", "operation", "reason", "bound_config_digest", "bound_before_digest", "bound_after_digest", "approved_by", "created_at", "consumed_at", "consumed_by_operation",
    ]);
    expect(text.endsWith("}\n")).toBe(true);
    expect(await readApprovals(state.store, undefined)).toEqual({ approvals: [APPROVAL], diagnostics: [] });
  });

  test("9.3 consumption is noted in the artifact, once, and nothing is deleted", async () => {
    await using state = await makeState(backend);
    await writeApproval(state.store, APPROVAL);
    expect(await markConsumed(state.store, FIRST, CONSUMPTION)).toBeUndefined();
    expect(await markConsumed(state.store, FIRST, { ...CONSUMPTION, consumed_at: "later" })).toBeUndefined();
    const { approvals } = await readApprovals(state.store, undefined);
    expect(approvals).toEqual([{ ...APPROVAL, consumedAt: CONSUMPTION.consumed_at, consumedByOperation: SECOND }]);
  });

  test("9.3 what the ledger says is consumed is, also when the artifact does not say so yet", async () => {
    await using state = await makeState(backend);
    await writeApproval(state.store, APPROVAL);
    const { approvals } = await readApprovals(state.store, smallLedger({ approvals: new Map([[FIRST, CONSUMPTION]]) }));
    expect(approvals).toMatchObject([{ consumedAt: CONSUMPTION.consumed_at, consumedByOperation: SECOND }]);
  });

  test.each([
    ["no JSON", "{", "invalid_approval_artifact"],
    ["a member too many", encodeApproval(APPROVAL).replace("{", '{"extra": 1,'), "invalid_approval_artifact"],
    ["a member too few", encodeApproval(APPROVAL).replace('"approved_by"', '"approver"'), "invalid_approval_artifact"],
    ["another id than its file", encodeApproval({ ...APPROVAL, approvalId: SECOND }), "invalid_approval_artifact"],
    ["an id that leaves the directory", encodeApproval({ ...APPROVAL, approvalId: "../../state" }), "invalid_approval_artifact"],
    ["another version", encodeApproval(APPROVAL).replace('"schema_version": 1', '"schema_version": 2'), "unsupported_approval_version"],
  ])("9.4 it authorises nothing and stays: %s", async (_, text, code) => {
    await using state = await makeState(backend);
    const uri = state.store.layout.approval(FIRST);
    await state.store.objects.writeText(uri, text);
    await writeApproval(state.store, { ...APPROVAL, approvalId: SECOND });
    const { approvals, diagnostics } = await readApprovals(state.store, undefined);
    expect(approvals.map(({ approvalId }) => approvalId)).toEqual([SECOND]);
    expect(diagnostics).toMatchObject([{ code, severity: "warning" }]);
    expect(await state.store.objects.readText(uri)).toBe(text);
  });

  test("5.3 C6 a damaged catalog object is written again; a whole one is not", async () => {
    await using state = await makeState(backend);
    const { objects, layout } = state.store;
    const digest = contentDigest("query q");
    const uri = layout.queryObject("orders", "q", digest);
    const write = (): Promise<unknown> => writeCatalogObject(state.store, "query.orders.q", digest, "query q");
    expect(await write()).toBeUndefined();
    await objects.writeText(uri, "altered");
    expect(await write()).toBeUndefined();
    expect(await objects.readText(uri)).toBe("query q");
    const watched = new FaultyObjectStore(objects);
    await writeCatalogObject({ ...state.store, objects: watched }, "query.orders.q", digest, "query q");
    expect(watched.counts.get("writeText")).toBeUndefined();
  });

  test("12.4 every finding of the catalog, in order of addresses", async () => {
    await using state = await makeState(backend);
    const { objects, layout } = state.store;
    const whole = contentDigest("whole");
    await objects.writeText(layout.policyObject("whole", whole), "whole");
    await objects.writeText(layout.queryObject("orders", "altered", whole), "altered");
    const ledger = smallLedger({
      resources: new Map([
        ["schema.orders", { digest: "s" }],
        ["query.orders.missing", { digest: whole }],
        ["query.orders.altered", { digest: whole }],
        ["policy.whole", { digest: whole }],
        ["policy.missing", { digest: whole }],
        ["pipeline.later", { digest: "x" }],
      ]),
    });
    expect((await verifyCatalog(state.store, ledger)).map(({ address, condition, diagnostic: { code, severity } }) => [address, condition, code, severity])).toEqual([
      ["policy.missing", "payload_missing", "catalog_payload_missing", "warning"],
      ["query.orders.altered", "payload_mismatch", "catalog_payload_mismatch", "warning"],
      ["query.orders.missing", "payload_missing", "catalog_payload_missing", "warning"],
    ]);
  });

  test("10.3 a sidecar is written, written again with its result, and removed", async () => {
    await using state = await makeState(backend);
    expect(await writeSidecar(state.store, SIDECAR)).toBeUndefined();
    const confirmed = { ...SIDECAR, expectedManifestVersion: 1 };
    expect(await writeSidecar(state.store, confirmed)).toBeUndefined();
    expect(await readSidecars(state.store)).toEqual({ pending: [confirmed], problems: [] });
    expect(await warnOfSidecars(state.store)).toMatchObject([{ code: "cluster_recovery_pending", severity: "warning", message: expect.stringContaining("'orders'") as string }]);
    expect(await deleteSidecar(state.store, FIRST)).toBeUndefined();
    expect(await deleteSidecar(state.store, FIRST)).toBeUndefined();
    expect(await readSidecars(state.store)).toEqual({ pending: [], problems: [] });
  });

  test("10.4 a sidecar that cannot be understood stays where it is", async () => {
    await using state = await makeState(backend);
    const { objects, layout } = state.store;
    await writeSidecar(state.store, { ...SIDECAR, operationId: SECOND });
    await objects.renameText(layout.recoverySidecar(SECOND), layout.recoverySidecar(FIRST));
    await objects.writeText(layout.recoverySidecar(SECOND), '{ "schema_version": 2 }');
    expect((await warnOfSidecars(state.store)).map(({ code, severity }) => `${severity} ${code}`)).toEqual(["warning invalid_recovery_sidecar", "warning unsupported_recovery_sidecar_version"]);
    expect(await objects.listDir(layout.recoveriesDirectory)).toHaveLength(2);
  });
});

describe("cluster.md 4.2 what cannot be read is not absent", () => {
  const failing = async (operations: readonly string[], run: (store: Awaited<ReturnType<typeof makeState>>["store"]) => Promise<unknown>): Promise<unknown> => {
    await using state = await makeState("local");
    await writeApproval(state.store, APPROVAL);
    await writeSidecar(state.store, SIDECAR);
    const objects = new FaultyObjectStore(state.store.objects, ({ operation }) => (operations.includes(operation) ? { kind: "error", error: FAILURE } : undefined));
    return await run({ ...state.store, objects });
  };

  test.each(["listDir", "readTextIfExists"])("approvals when %s fails: approval_read_error, and none counts", async (operation) => {
    expect(await failing([operation], (store) => readApprovals(store, undefined))).toMatchObject({ approvals: [], diagnostics: [{ code: "approval_read_error", severity: "warning" }] });
  });

  test.each(["listDir", "readTextIfExists"])("sidecars when %s fails: recovery_sidecar_read_error", async (operation) => {
    expect(await failing([operation], warnOfSidecars)).toMatchObject([{ code: "recovery_sidecar_read_error", severity: "warning" }]);
  });

  test("a catalog object that cannot be read keeps its digest: catalog_payload_read_error", async () => {
    await using state = await makeState("local");
    const uri = state.store.layout.policyObject("p", "d");
    await mkdir(dirname(uri), { recursive: true });
    await symlink("d.yaml", uri);
    expect(await verifyCatalog(state.store, smallLedger({ resources: new Map([["policy.p", { digest: "d" }]]) }))).toMatchObject([
      { condition: "payload_read_error", diagnostic: { code: "catalog_payload_read_error", severity: "error" } },
    ]);
  });

  test("a recorded digest that names no file is a finding, not a failure", async () => {
    await using state = await makeState("local");
    expect(await verifyCatalog(state.store, smallLedger({ resources: new Map([["policy.p", { digest: "../../state" }]]) }))).toMatchObject([{ condition: "payload_read_error" }]);
  });

  test("network failures of S3 are told from absence", async () => {
    await using state = await makeState("S3");
    state.server?.injectFaults(() => ({ kind: "fail", status: 403 }));
    expect(await readApprovals(state.store, undefined)).toMatchObject({ diagnostics: [{ code: "approval_read_error" }] });
    expect(await verifyCatalog(state.store, smallLedger({ resources: new Map([["policy.p", { digest: "d" }]]) }))).toMatchObject([{ condition: "payload_read_error" }]);
  });
});

describe("failing writes have the codes of their step", () => {
  test.each<[string, string, string, (store: Awaited<ReturnType<typeof makeState>>["store"]) => Promise<unknown>]>([
    ["an approval", "approval_write_error", "error", (store) => writeApproval(store, APPROVAL)],
    ["the consumption of an approval", "approval_write_error", "warning", (store) => markConsumed(store, FIRST, CONSUMPTION)],
    ["a sidecar", "recovery_sidecar_write_error", "error", (store) => writeSidecar(store, SIDECAR)],
    ["the removal of a sidecar", "recovery_sidecar_cleanup_failed", "warning", (store) => deleteSidecar(store, FIRST)],
    ["a catalog object", "resource_payload_write_error", "error", (store) => writeCatalogObject(store, "policy.p", contentDigest("t"), "t")],
  ])("%s", async (_, code, severity, write) => {
    await using state = await makeState("local");
    const objects = new FaultyObjectStore(state.store.objects, ({ operation }) => (["writeText", "writeTextIfAbsent", "replaceIfVersion", "delete"].includes(operation) ? { kind: "error", error: FAILURE } : undefined));
    if (severity === "warning") await writeApproval(state.store, APPROVAL);
    expect(await write({ ...state.store, objects })).toMatchObject({ code, severity, message: expect.stringContaining("the wire was cut") as string });
  });
});
