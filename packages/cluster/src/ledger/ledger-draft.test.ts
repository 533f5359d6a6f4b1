import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graphCompositeDigest } from "../digests.js";
import { checkComposites } from "./composite-integrity.js";
import { encodeLedger } from "./encode-ledger.js";
import type { Ledger } from "./ledger.js";
import { LedgerDraft } from "./ledger-draft.js";
import { isLedger, parseLedger } from "./parse-ledger.js";

const BLOBS = { mode: "allow", bases: [{ uri: "s3://a/b", scope: "server_safe" }] } as const;

/** Two graphs, one with everything. */
function recorded(): Ledger {
  const draft = new LedgerDraft(undefined);
  draft.setResource("provider.embedding.main", { digest: "p1", embedding_profile: { kind: "mock" } });
  for (const graphId of ["fleet", "orders"]) {
    draft.setResource(`graph.${graphId}`, { digest: "" });
    draft.setResource(`schema.${graphId}`, { digest: `s-${graphId}` });
    draft.setResource(`query.${graphId}.late`, { digest: `q-${graphId}` });
    for (const address of [`graph.${graphId}`, `query.${graphId}.late`]) draft.setStatus(address, { status: "applied" });
  }
  draft.recomposeGraphs(new Map([["orders", { embeddingProvider: "provider.embedding.main", externalBlobPolicy: BLOBS }]]));
  return draft.finish();
}

describe("the draft of a ledger", () => {
  test("cluster.md 6.1 the first ledger has revision 1, every later one the next", () => {
    const first = recorded();
    expect(first.stateRevision).toBe(1);
    expect(new LedgerDraft(first).finish().stateRevision).toBe(2);
  });

  test("cluster.md 3.3 composites are made of what the draft records", () => {
    expect(recorded().resources.get("graph.orders")).toEqual({
      digest: graphCompositeDigest({
        graphId: "orders",
        schemaDigest: "s-orders",
        queryDigests: new Map([["late", "q-orders"]]),
        provider: { address: "provider.embedding.main", digest: "p1" },
        externalBlobPolicy: BLOBS,
      }),
      embedding_provider: "provider.embedding.main",
      external_blob_policy: BLOBS,
    });
  });

  test("cluster.md 11.6 a graph that is left out of the bindings keeps its own; an empty binding takes them away", () => {
    const draft = new LedgerDraft(recorded());
    draft.recomposeGraphs(new Map([["fleet", { externalBlobPolicy: BLOBS }]]));
    expect(draft.resources.get("graph.orders")).toEqual(recorded().resources.get("graph.orders"));
    draft.recomposeGraphs(new Map([["orders", {}]]));
    expect(Object.keys(draft.resources.get("graph.orders") ?? {})).toEqual(["digest"]);
  });

  test("cluster.md 11.6 what ends as it began is no change, whatever the order", () => {
    const draft = new LedgerDraft(recorded());
    expect(draft.isChanged).toBe(false);
    const query = draft.resources.get("query.orders.late");
    draft.removeResource("query.orders.late");
    expect(draft.isChanged).toBe(true);
    draft.setResource("query.orders.late", query ?? { digest: "" });
    expect(draft.isChanged).toBe(false);
    draft.setConfigDigest("c");
    expect(draft.isChanged).toBe(true);
  });

  test("cluster.md 11.5 a deleted graph leaves nothing but its tombstone", () => {
    const draft = new LedgerDraft(recorded());
    draft.setStatus("query.orders.unrecorded", { status: "blocked", conditions: ["approval_required"] });
    const tombstone = { kind: "tombstone", deleted_at: "2026-01-01T00:00:00Z", approval_id: "01A", actor: "act-x" } as const;
    draft.removeGraph("orders", tombstone);
    const { resources, statuses, observations } = draft.finish();
    expect([...resources.keys()].sort()).toEqual(["graph.fleet", "provider.embedding.main", "query.fleet.late", "schema.fleet"]);
    expect([...statuses.keys()].sort()).toEqual(["graph.fleet", "query.fleet.late"]);
    expect([...observations]).toEqual([["graph.orders", tombstone]]);
  });

  test("a finished ledger does not follow the draft", () => {
    const draft = new LedgerDraft(recorded());
    const finished = draft.finish();
    draft.removeResource("schema.fleet");
    expect(finished.resources.has("schema.fleet")).toBe(true);
  });

  test("whatever is recorded, what is finished is whole and reads back as it was", () => {
    const address = fc.constantFrom("graph.orders", "schema.orders", "query.orders.late", "query.orders.other", "provider.embedding.main", "graph.fleet", "policy.team", "odd", "__proto__");
    const edit = fc.oneof(
      fc.record({ address, digest: fc.string() }).map(({ address: at, digest }) => (draft: LedgerDraft) => draft.setResource(at, { digest })),
      address.map((at) => (draft: LedgerDraft) => draft.removeResource(at)),
      address.map((at) => (draft: LedgerDraft) => draft.setStatus(at, { status: "drifted", conditions: ["payload_missing"] })),
      fc.constant((draft: LedgerDraft) => draft.recomposeGraphs(new Map([["orders", { externalBlobPolicy: BLOBS }]]))),
      fc.constant((draft: LedgerDraft) => draft.removeGraph("orders", { kind: "tombstone", deleted_at: "t", approval_id: null, actor: null })),
    );
    fc.assert(
      fc.property(fc.array(edit), (edits) => {
        const draft = new LedgerDraft(recorded());
        for (const apply of edits) apply(draft);
        const ledger = draft.finish();
        expect(checkComposites(ledger)).toEqual([]);
        const text = encodeLedger(ledger);
        const parsed = parseLedger(text);
        expect(isLedger(parsed) && encodeLedger(parsed)).toBe(text);
        expect(isLedger(parsed) && new LedgerDraft(parsed).isChanged).toBe(false);
      }),
    );
  });
});

describe("cluster.md 6.6 composite integrity", () => {
  test("a whole ledger has no findings", () => {
    expect(checkComposites(recorded())).toEqual([]);
  });

  test.each([
    ["a schema", "schema.orders", { digest: "other" }],
    ["a query", "query.orders.late", { digest: "other" }],
    ["a query that was added", "query.orders.more", { digest: "q" }],
    ["the digest of its provider", "provider.embedding.main", { digest: "other" }],
    ["its rules for blobs", "graph.orders", { ...recorded().resources.get("graph.orders"), digest: recorded().resources.get("graph.orders")?.digest ?? "", external_blob_policy: { ...BLOBS, bases: [] } }],
    ["its own digest", "graph.orders", { ...recorded().resources.get("graph.orders"), digest: "other" }],
  ])("edited by hand: %s", (_, address, resource) => {
    const ledger = recorded();
    const findings = checkComposites({ ...ledger, resources: new Map([...ledger.resources, [address, resource]]) });
    expect(findings).toMatchObject([{ code: "external_blob_policy_digest_mismatch", severity: "error", path: "graph.orders" }]);
  });
});

test("cluster.md §18.2.16: the oldest ledgers are read, and filled in when they are written", () => {
  const oldest = {
    version: 1,
    state_revision: 4,
    applied_revision: { resources: { "policy.team": { digest: "e2" } } },
    observations: { "graph.a": { kind: "graph", address: "graph.a", graph_uri: "/x", observed_at: "2026-01-01T00:00:00Z", exists: true, manifest_version: 3 } },
  };
  const parsed = parseLedger(JSON.stringify(oldest));
  if (!isLedger(parsed)) throw new Error(parsed.text);
  const draft = new LedgerDraft(parsed);
  expect(draft.isChanged).toBe(false);
  draft.setResource("policy.team", { digest: "e2", applies_to: ["graph.a"] });
  expect(draft.isChanged).toBe(true);
  const written = JSON.parse(encodeLedger(draft.finish())) as { observations: Record<string, Record<string, unknown>> };
  expect(written).toMatchObject({ version: 1, state_revision: 5, resource_statuses: {}, approval_records: {}, recovery_records: {} });
  expect(written.observations["graph.a"]).toMatchObject({ graph_manifest_version: 3, schema_digest: null, error: null });
  expect(written.observations["graph.a"]).not.toHaveProperty("manifest_version");
});
