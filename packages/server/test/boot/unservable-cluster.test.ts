/** cluster.md §14.2: every condition that refuses a cluster as a whole. What makes single graphs unready is in readiness.test.ts. */
import { rm } from "node:fs/promises";
import { type ClusterStore, encodeSidecar, type LedgerResource, openClusterStore } from "@omnigraphdb/cluster";
import { type AppliedCluster, writeAppliedCluster, writeLedger } from "@omnigraphdb/cluster/test-support";
import { copyFolder, makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refusedStart } from "../../test-support/index.js";
import { ALL_PEOPLE, ANN, BUNDLE, SCHEMA, SERVER_BUNDLE } from "./fixtures.js";

const ULID = "01JZZZZZZZZZZZZZZZZZZZZZZZ";
const PROVIDER = "provider.embedding.main";

type Resources = Map<string, LedgerResource>;
type Damage = (store: ClusterStore) => Promise<unknown>;

let template: TempDir;
let applied: AppliedCluster;
beforeAll(async () => {
  template = await makeTempDir();
  applied = await writeAppliedCluster(template.path, {
    graphs: { crm: { schema: SCHEMA, queries: { all_people: ALL_PEOPLE }, embeddingProvider: "main" }, kb: { schema: SCHEMA } },
    policies: { crms: { text: BUNDLE, appliesTo: ["graph.crm"] }, house: { text: SERVER_BUNDLE, appliesTo: ["cluster"] } },
    providers: { main: { kind: "mock" } },
  });
});
afterAll(() => template[Symbol.asyncDispose]());

let copy: TempDir;
beforeEach(async () => {
  copy = await makeTempDir();
  copyFolder(template.path, copy.path);
});
afterEach(() => copy[Symbol.asyncDispose]());

/** The ledger, as a hand or another program changed it. */
function recorded(edit: (resources: Resources) => void): Damage {
  return (store) => {
    const resources = new Map(applied.ledger.resources);
    edit(resources);
    return writeLedger(store, { ...applied.ledger, resources });
  };
}

function digestOf(address: string): string {
  return applied.ledger.resources.get(address)?.digest ?? "";
}

/** Keeps the digest of the record and takes or replaces the rest. */
function record(address: string, members: Omit<LedgerResource, "digest"> = {}): Damage {
  return recorded((resources) => resources.set(address, { digest: digestOf(address), ...members }));
}

const SIDECAR = {
  operationId: ULID, startedAt: "2026-01-01T00:00:00Z", actor: null, kind: "schema_apply", graphId: undefined, graphUri: "/x", observedManifestVersion: null,
  expectedManifestVersion: null, desiredSchemaDigest: "", stateCasBase: null, approvalId: null,
} as const;

const putLedger = (text: string): Damage => (store) => store.objects.writeText(store.layout.ledger, text);
const putSidecar = (text: string): Damage => (store) => store.objects.writeText(store.layout.recoverySidecar(ULID), text);

const REFUSED: readonly (readonly [condition: string, code: string, damage: Damage])[] = [
  ["no ledger", "cluster_state_missing", (store) => rm(store.layout.ledger)],
  ["ledger invalid", "invalid_state_json", putLedger("{")],
  ["ledger unsupported", "unsupported_state_version", putLedger('{"version": 2}')],
  ["sidecar without a graph id", "cluster_recovery_unattributed", putSidecar(encodeSidecar(SIDECAR))],
  ["sidecar malformed", "invalid_recovery_sidecar", putSidecar("{")],
  ["sidecar unsupported", "unsupported_recovery_sidecar_version", putSidecar('{"schema_version": 2}')],
  ["catalog object missing", "catalog_payload_missing", (store) => rm(store.layout.queryObject("crm", "all_people", digestOf("query.crm.all_people")))],
  ["catalog object altered", "catalog_payload_digest_mismatch", (store) => store.objects.writeText(store.layout.policyObject("crms", digestOf("policy.crms")), "altered")],
  ["policy without recorded targets", "policy_bindings_missing", record("policy.crms")],
  ["graph metadata not covered by its composite", "external_blob_policy_digest_mismatch", record("graph.kb", { external_blob_policy: { mode: "allow", bases: [{ uri: "s3://x", scope: "server_safe" }] } })],
  ["provider profile unrecorded", "embedding_provider_profile_missing", record(PROVIDER)],
  ["provider profile altered", "embedding_provider_digest_mismatch", record(PROVIDER, { embedding_profile: { kind: "mock", model: "other" } })],
  ["provider profile absent", "embedding_provider_missing", recorded((resources) => resources.delete(PROVIDER))],
  ["a graph's provider reference is not a provider", "wrong_kind_reference", record("graph.crm", { embedding_provider: "policy.crms" })],
  ["two bundles for one scope", "duplicate_policy_binding", record("policy.house", { applies_to: ["graph.crm"] })],
  ["no graphs applied", "cluster_empty", recorded((resources) => resources.clear())],
];

describe("cluster.md §18.2.14, §14.2: a cluster that cannot be served refuses, with its code, whether --quarantine is given or not", () => {
  test.each(REFUSED)("%s: %s", async (_, code, damage) => {
    await damage(await openClusterStore(copy.path, { durability: "process" }));
    for (const args of [[], ["--quarantine"]]) {
      const { exitCode, stderr } = await refusedStart({ cluster: copy.path, env: ANN, args });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(new RegExp(`^  \\[${code}\\] `, "m"));
    }
  });
});
