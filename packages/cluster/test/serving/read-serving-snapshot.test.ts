import { rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { StorageError } from "@omnigraphdb/engine";
import { FaultyObjectStore } from "@omnigraphdb/engine/test-support";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClusterNotReadyError } from "../../src/cluster-problem.js";
import { contentDigest, embeddingProfileDigest, graphCompositeDigest } from "../../src/digests.js";
import type { Ledger, LedgerResource } from "../../src/ledger/ledger.js";
import { encodeSidecar, type RecoverySidecar } from "../../src/recovery/recovery-sidecar.js";
import { findAppliedGraph, listAppliedGraphs } from "../../src/serving/find-applied-graph.js";
import { readServingSnapshot } from "../../src/serving/read-serving-snapshot.js";
import type { ServingSnapshot } from "../../src/serving/serving-snapshot.js";
import { type ClusterStore, openClusterStore } from "../../src/storage/cluster-store.js";
import { writeLedger } from "../../test-support/applied-cluster.js";

const QUERY = "query all() { match { $a: A } return { $a.x } }\n";
const BUNDLE = "version: 1\n";
const ULID = "01JZZZZZZZZZZZZZZZZZZZZZZZ";

let directory: TempDir;
let store: ClusterStore;

beforeEach(async () => {
  directory = await makeTempDir();
  store = await openClusterStore(directory.path, { durability: "process" });
});
afterEach(() => directory[Symbol.asyncDispose]());

/** A ledger of two graphs; `edit` changes its resources before the composites are made. */
async function writeCluster(edit: (resources: Map<string, LedgerResource>) => void = () => undefined, afterwards: (resources: Map<string, LedgerResource>) => void = () => undefined): Promise<void> {
  const resources = new Map<string, LedgerResource>([
    ["schema.crm", { digest: "s1" }],
    ["query.crm.all", { digest: contentDigest(QUERY) }],
    ["schema.kb", { digest: "s2" }],
    ["policy.team", { digest: contentDigest(BUNDLE), applies_to: ["graph.crm"] }],
    ["graph.crm", { digest: "", embedding_provider: "provider.embedding.main" }],
    ["graph.kb", { digest: "" }],
    ["provider.embedding.main", { digest: embeddingProfileDigest({ kind: "mock" }), embedding_profile: { kind: "mock" } }],
  ]);
  edit(resources);
  for (const [address, graph] of resources) {
    if (!address.startsWith("graph.")) continue;
    const graphId = address.slice(6);
    const provider = graph.embedding_provider === undefined ? undefined : resources.get(graph.embedding_provider);
    const queries = [...resources].filter(([each]) => each.startsWith(`query.${graphId}.`)).map(([each, { digest }]): [string, string] => [each.split(".")[2] ?? "", digest]);
    resources.set(address, {
      ...graph,
      digest: graphCompositeDigest({
        graphId,
        schemaDigest: resources.get(`schema.${graphId}`)?.digest,
        queryDigests: new Map(queries),
        ...(graph.embedding_provider === undefined || provider === undefined ? {} : { provider: { address: graph.embedding_provider, digest: provider.digest } }),
        ...(graph.external_blob_policy === undefined ? {} : { externalBlobPolicy: graph.external_blob_policy }),
      }),
    });
  }
  afterwards(resources);
  const ledger: Ledger = { stateRevision: 7, configDigest: null, resources, statuses: new Map(), approvals: new Map(), recoveries: new Map(), observations: new Map() };
  await store.objects.writeText(store.layout.queryObject("crm", "all", contentDigest(QUERY)), QUERY);
  await store.objects.writeText(store.layout.policyObject("team", contentDigest(BUNDLE)), BUNDLE);
  await writeLedger(store, ledger);
}

async function codes(options: { isQuarantine?: boolean } = {}): Promise<readonly string[]> {
  try {
    await readServingSnapshot(store, options);
    return [];
  } catch (error) {
    if (!(error instanceof ClusterNotReadyError)) throw error;
    return error.problems.map(({ code, path }) => `${code} ${path.replace(directory.path, "")}`);
  }
}

function sidecar(given: Partial<RecoverySidecar>): string {
  return encodeSidecar({
    operationId: ULID, startedAt: "2026-01-01T00:00:00Z", actor: null, kind: "schema_apply", graphId: "crm", graphUri: "/x", observedManifestVersion: null,
    expectedManifestVersion: null, desiredSchemaDigest: "", stateCasBase: null, approvalId: null, ...given,
  });
}

const writeSidecar = (text: string): Promise<void> => store.objects.writeText(store.layout.recoverySidecar(ULID), text);

describe("the serving snapshot (cluster.md §14)", () => {
  test("14.1 holds what was applied: queries, bundles and profiles by graph", async () => {
    await writeCluster();
    const snapshot: ServingSnapshot = await readServingSnapshot(store);
    expect(snapshot).toMatchObject({ root: directory.path, revision: 7, policyCount: 1, clusterPolicy: undefined, warnings: [] });
    expect(snapshot.graphs).toMatchObject([
      { graphId: "crm", uri: `${directory.path}/graphs/crm.omni`, unready: undefined, policy: { name: "team", text: BUNDLE }, queries: [{ name: "all", source: QUERY, toolName: "all", isExposed: true }], embedding: { profile: { kind: "mock" } } },
      { graphId: "kb", policy: undefined, queries: [], embedding: undefined },
    ]);
  });

  test("14.1 reading writes nothing, a held lock is no problem", async () => {
    await writeCluster();
    await store.objects.writeText(`${directory.path}/__cluster/lock.json`, "{}");
    const before = await store.objects.listDir(`${directory.path}/__cluster`);
    await readServingSnapshot(store);
    expect(await store.objects.listDir(`${directory.path}/__cluster`)).toEqual(before);
  });

  test("4.1 no ledger", async () => {
    expect(await codes()).toEqual(["cluster_state_missing /__cluster/state.json"]);
  });

  test.each<[string, (layout: ClusterStore["layout"]) => string, string]>([
    ["the ledger", (layout) => layout.ledger, "state_read_error"],
    ["a catalog object", (layout) => layout.policyObject("team", contentDigest(BUNDLE)), "catalog_payload_missing"],
    ["a recovery record", (layout) => layout.recoverySidecar(ULID), "recovery_sidecar_read_error"],
    ["the folder of recovery records", (layout) => layout.recoveriesDirectory, "recovery_sidecar_read_error"],
  ])("cluster.md 4.2: %s that cannot be read is not taken for absent", async (_, uriOf, code) => {
    await writeCluster();
    await writeSidecar(sidecar({ graphId: "elsewhere" }));
    const failing = uriOf(store.layout);
    const error = new StorageError("Transient", "no route to the storage");
    store = { ...store, objects: new FaultyObjectStore(store.objects, ({ uri, operation }) => (uri === failing && operation !== "writeText" ? { kind: "error", error } : undefined)) };
    expect((await codes()).map((each) => each.split(" ")[0])).toEqual([code]);
  });

  test.each([
    ["malformed", "{", "invalid_state_json"],
    ["of another version", '{"version": 9}', "unsupported_state_version"],
  ])("4.1 a ledger that is %s", async (_, text, code) => {
    await store.objects.writeText(store.layout.ledger, text);
    expect(await codes()).toEqual([`${code} __cluster/state.json`]);
  });

  test("4.1 no applied graph", async () => {
    await writeCluster((resources) => {
      for (const address of resources.keys()) if (!address.startsWith("policy.")) resources.delete(address);
    });
    expect(await codes()).toContain("cluster_empty /__cluster/state.json");
  });

  test.each([
    ["missing", async (path: string) => rm(path), "catalog_payload_missing"],
    ["altered", async (path: string) => writeFile(path, "altered"), "catalog_payload_digest_mismatch"],
  ])("4.1 a catalog object that is %s", async (_, damage, code) => {
    await writeCluster();
    await damage(store.layout.queryObject("crm", "all", contentDigest(QUERY)));
    await damage(store.layout.policyObject("team", contentDigest(BUNDLE)));
    expect([...(await codes())].sort()).toEqual([`${code} policy.team`, `${code} query.crm.all`]);
  });

  const provider = "provider.embedding.main";
  test.each<[string, (resources: Map<string, LedgerResource>) => void, string]>([
    ["a bundle without bindings", (r) => r.set("policy.team", { digest: contentDigest(BUNDLE) }), "policy_bindings_missing policy.team"],
    ["a bundle with an empty list of bindings", (r) => r.set("policy.team", { digest: contentDigest(BUNDLE), applies_to: [] }), "policy_bindings_missing policy.team"],
    ["an unknown binding text", (r) => r.set("policy.team", { digest: contentDigest(BUNDLE), applies_to: ["schema.crm"] }), "wrong_kind_reference policy.team"],
    ["two bundles for one scope", (r) => r.set("policy.second", { digest: contentDigest(BUNDLE), applies_to: ["crm"] }), "duplicate_policy_binding policy.team"],
    ["a profile that is not recorded", (r) => r.set(provider, { digest: "x" }), `embedding_provider_profile_missing ${provider}`],
    ["a profile that was altered", (r) => r.set(provider, { digest: "x", embedding_profile: { kind: "mock" } }), `embedding_provider_digest_mismatch ${provider}`],
    ["a provider that is absent", (r) => r.delete(provider), `embedding_provider_missing ${provider}`],
    ["a provider reference of another kind", (r) => r.set("graph.crm", { digest: "", embedding_provider: "policy.team" }), "wrong_kind_reference graph.crm"],
  ])("4.1 %s", async (_, edit, expected) => {
    await writeCluster(edit);
    const found = await codes();
    expect(found).toContain(expected);
    expect(await codes({ isQuarantine: true })).toEqual(found);
  });

  test.each<[string, (resources: Map<string, LedgerResource>) => void]>([
    ["its digest", (r) => r.set("graph.kb", { digest: "0".repeat(64) })],
    ["its blob rules", (r) => r.set("graph.kb", { ...(r.get("graph.kb") as LedgerResource), external_blob_policy: { mode: "allow", bases: [{ uri: "s3://x", scope: "server_safe" }] } })],
    ["the digest of its schema", (r) => r.set("schema.kb", { digest: "other" })],
    ["a query of it", (r) => r.set("query.kb.more", { digest: contentDigest(QUERY) })],
  ])("4.1 a graph record is altered: %s", async (_, alter) => {
    await writeCluster(undefined, alter);
    expect(await codes()).toContain("external_blob_policy_digest_mismatch graph.kb");
  });

  test.each([
    ["malformed", "{", "invalid_recovery_sidecar"],
    ["of another version", '{"schema_version": 2}', "unsupported_recovery_sidecar_version"],
    ["without a graph", sidecar({ graphId: undefined }), "cluster_recovery_unattributed"],
  ])("4.1 a recovery record that is %s refuses, also with quarantine", async (_, text, code) => {
    await writeCluster();
    await writeSidecar(text);
    const expected = [`${code} /__cluster/recoveries/${ULID}.json`];
    expect(await codes()).toEqual(expected);
    expect(await codes({ isQuarantine: true })).toEqual(expected);
  });

  test("4.2 a recovery record of a known graph makes that graph unready", async () => {
    await writeCluster();
    await writeSidecar(sidecar({}));
    const { graphs } = await readServingSnapshot(store);
    expect(graphs.map(({ unready }) => unready?.code)).toEqual(["cluster_recovery_pending", undefined]);
  });

  test("a recovery record of a graph that is not applied is a warning", async () => {
    await writeCluster();
    await writeSidecar(sidecar({ graphId: "new", kind: "graph_create" }));
    const { graphs, warnings } = await readServingSnapshot(store);
    expect(graphs.every(({ unready }) => unready === undefined)).toBe(true);
    expect(warnings.map(({ code }) => code)).toEqual(["cluster_recovery_pending"]);
  });

  test("4.2 a graph id that no route can carry makes that graph unready", async () => {
    await writeCluster((resources) => resources.set("graph.un_routable", { digest: "" }));
    const { graphs } = await readServingSnapshot(store, { isQuarantine: true });
    expect(graphs.find(({ graphId }) => graphId === "un_routable")?.unready?.code).toBe("invalid_resource_id");
  });

  test("4.2 rules for external blobs that are not safe for a server make that graph unready", async () => {
    await writeCluster((resources) => resources.set("graph.kb", { digest: "", external_blob_policy: { mode: "allow", bases: [{ uri: "file:///etc", scope: "server_safe" }] } }));
    const { graphs } = await readServingSnapshot(store);
    expect(graphs.map(({ unready }) => unready?.code)).toEqual([undefined, "invalid_external_blob_policy"]);
  });

  test("14.2.2 with quarantine, what concerns only an unready graph is not examined", async () => {
    await writeCluster();
    await writeSidecar(sidecar({}));
    await rm(dirname(store.layout.queryObject("crm", "all", "x")), { recursive: true });
    expect(await codes()).toEqual(["catalog_payload_missing query.crm.all", "cluster_recovery_pending graph.crm"]);
    expect(await codes({ isQuarantine: true })).toEqual([]);
  });

  test("4.1 all problems are listed together, one line each", async () => {
    await writeCluster((resources) => resources.set("policy.team", { digest: contentDigest(BUNDLE) }));
    await writeSidecar("{");
    await rm(store.layout.queryObject("crm", "all", contentDigest(QUERY)));
    const error = await readServingSnapshot(store).catch((caught: unknown) => caught as Error);
    expect((error as Error).message.split("\n")).toEqual([
      expect.stringContaining("is not ready"),
      expect.stringMatching(/^ {2}\[invalid_recovery_sidecar\] .+: /),
      expect.stringMatching(/^ {2}\[policy_bindings_missing\] policy\.team: /),
      expect.stringMatching(/^ {2}\[catalog_payload_missing\] query\.crm\.all: /),
    ]);
  });
});

describe("cli.md 5.5: looking a graph up", () => {
  test("reads the ledger alone, however damaged the rest is", async () => {
    await writeCluster(undefined, (resources) => resources.set("graph.kb", { digest: "altered" }));
    await writeSidecar("{");
    await rm(`${directory.path}/__cluster/resources`, { recursive: true });
    expect(await findAppliedGraph(store, "kb")).toBe(`${directory.path}/graphs/kb.omni`);
    expect(await listAppliedGraphs(store)).toEqual(["crm", "kb"]);
  });

  test("an unknown graph names the applied ones", async () => {
    await writeCluster();
    await expect(findAppliedGraph(store, "nope")).rejects.toThrow("it has 'crm', 'kb'");
  });

  test("without a ledger it says so", async () => {
    await expect(findAppliedGraph(store, "kb")).rejects.toThrow("cluster_state_missing");
  });
});
