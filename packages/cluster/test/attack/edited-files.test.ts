import { cp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeScratchDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ClusterNotReadyError } from "../../src/cluster-problem.js";
import { approveChange } from "../../src/approve/approve-change.js";
import { contentDigest } from "../../src/digests.js";
import { importCluster } from "../../src/observe/import.js";
import { readAppliedPolicies } from "../../src/serving/read-applied-policies.js";
import { readServingSnapshot } from "../../src/serving/read-serving-snapshot.js";
import { clusterStatus } from "../../src/status/cluster-status.js";
import { openClusterStore } from "../../src/storage/cluster-store.js";
import { FIND, PERSON, READERS, TestCluster } from "../apply/apply-rig.js";

const OPERATION = "01J00000000000000000000000";
const OTHER = "f".repeat(64);

let scratch: TempDir;

beforeAll(async () => {
  scratch = await makeScratchDir();
  const { path } = scratch;
  const cluster = new TestCluster(`${path}/config`, await openClusterStore(`${path}/origin/root`, { durability: "process" }));
  await writeFile(`${path}/precious`, "must stay");
  await cluster.converge({
    graphs: { a: { schema: PERSON, queries: { find: FIND }, embeddingProvider: "main" } },
    policies: { team: { text: READERS, appliesTo: ["graph.a"] } },
    providers: { main: { kind: "mock", model: "m" } },
  });
  await cp(`${path}/origin/root/graphs/a.omni`, `${path}/origin/victim.omni`, { recursive: true });
});
afterAll(() => scratch[Symbol.asyncDispose]());

let caseCount = 0;

/** A copy of the applied cluster beside `victim.omni`, a graph that is none of the cluster's. */
async function copyOfCluster(): Promise<TestCluster> {
  const beside = `${scratch.path}/case-${++caseCount}`;
  await cp(`${scratch.path}/origin`, beside, { recursive: true });
  const config = `${beside}/config`;
  await cp(`${scratch.path}/config`, config, { recursive: true });
  const yaml = await readFile(`${config}/cluster.yaml`, "utf8");
  await writeFile(`${config}/cluster.yaml`, yaml.replace(`${scratch.path}/origin/root`, `${beside}/root`));
  return new TestCluster(config, await openClusterStore(`${beside}/root`, { durability: "process" }));
}

/** Every command, one after the other; none may throw, and none may touch what is not the cluster's. */
async function runEverything(cluster: TestCluster, approved: readonly string[] = []): Promise<string> {
  const options = { configDirectory: cluster.configDirectory, environment: cluster.environment(), actor: "eve" };
  const { root } = cluster.store.layout;
  const shown: unknown[] = [];
  shown.push(await clusterStatus(options), await cluster.plan(), await importCluster(options));
  for (const address of approved) shown.push(await approveChange({ ...options, address }));
  for (const serve of [() => readServingSnapshot(cluster.store), () => readServingSnapshot(cluster.store, { isQuarantine: true }), () => readAppliedPolicies(cluster.store)]) {
    await serve().catch((error: unknown) => expect(error).toBeInstanceOf(ClusterNotReadyError));
  }
  shown.push(await cluster.apply(), await cluster.refresh());
  expect((await readdir(join(root, ".."))).sort()).toEqual(["config", "root", "victim.omni"]);
  expect((await readdir(join(root, "../victim.omni"))).length).toBeGreaterThan(3);
  expect(await readFile(`${scratch.path}/precious`, "utf8")).toBe("must stay");
  return JSON.stringify(shown, (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value));
}

type Json = Record<string, unknown>;
interface Edited extends Json {
  applied_revision: { config_digest: unknown; resources: Record<string, Json> };
}

const TRAVERSALS: Readonly<Record<string, Json>> = {
  "graph.a/../../victim": { digest: OTHER },
  "graph.x/y": { digest: OTHER },
  "graph.%2e%2e%2f%2e%2e%2fvictim": { digest: OTHER },
  "graph.": { digest: OTHER },
  "graph.a\0": { digest: OTHER },
  "graph.ａ": { digest: OTHER },
  "graph. a ": { digest: OTHER },
  "query.../../x.find": { digest: OTHER },
  "query.a./../../../../precious": { digest: OTHER },
  "policy.a/b": { digest: OTHER, applies_to: ["cluster"] },
  "": { digest: OTHER },
};

describe("cluster.md §6: a ledger that somebody edited harms nothing outside the cluster, and stops no command without a word", () => {
  const edited = async (edit: (ledger: Edited) => void, approved: readonly string[] = []): Promise<string> => {
    const cluster = await copyOfCluster();
    const ledger = JSON.parse((await cluster.readLedger()).text) as Edited;
    edit(ledger);
    await cluster.store.objects.writeText(cluster.store.layout.ledger, `${JSON.stringify(ledger, null, 2)}\n`);
    return runEverything(cluster, approved);
  };
  const put = ({ applied_revision: { resources } }: Edited, entries: Readonly<Record<string, unknown>>): void => {
    for (const [address, value] of Object.entries(entries)) Object.defineProperty(resources, address, { value, enumerable: true });
  };

  test("addresses that are paths are of no kind that is carried out, approved or not", async () => {
    const shown = await edited((ledger) => put(ledger, TRAVERSALS), Object.keys(TRAVERSALS));
    for (const address of Object.keys(TRAVERSALS)) expect(shown).toContain(`${JSON.stringify(address)},"operation":"delete","beforeDigest":"${OTHER}","isBindingChange":false,"recreatesVanishedGraph":false,"disposition":"deferred"`);
  });

  test("names that objects of JavaScript have, a schema without a graph, an id of 5,000 characters", async () => {
    const entries = { ["__proto__"]: { digest: OTHER }, "graph.__proto__": { digest: OTHER }, "policy.constructor": { digest: OTHER, applies_to: ["__proto__", "graph.toString"] }, "schema.ghost": { digest: OTHER }, [`schema.${"a".repeat(5000)}`]: { digest: OTHER } };
    await edited((ledger) => put(ledger, entries), Object.keys(entries));
  });

  test.each(["../../../../../../precious", contentDigest(FIND).toUpperCase(), "", "\0", "a".repeat(5000), "."])("a digest that is none: %j", async (digest) => {
    await edited((ledger) => put(ledger, { "query.a.find": { digest }, "policy.team": { digest, applies_to: ["graph.a"] } }));
  });

  test("statuses, observations and approvals of nothing are carried along", async () => {
    await edited((ledger) => {
      ledger["resource_statuses"] = JSON.parse('{"__proto__": {"status": "error", "message": "x"}, "graph.../x": {"status": "blocked"}}');
      ledger["observations"] = { "graph.a": { kind: "graph", address: "x", graph_uri: "/etc", observed_at: "", exists: true }, "graph.../../victim": { kind: "tombstone", deleted_at: "" } };
      ledger["approval_records"] = { "../../x": { consumed_at: "", consumed_by_operation: "" } };
      ledger["recovery_records"] = { "../../x": { kind: "", graph_id: "../../victim", outcome: "", recovered_at: "" } };
    });
  });

  test.each<[string, (text: string) => string]>([
    ["a member twice", (text) => text.replace('"state_revision"', '"state_revision": 7,\n  "state_revision"')],
    ["a resource twice", (text) => text.replace('"graph.a"', `"graph.a": {"digest": "${OTHER}"},\n "graph.a"`)],
    ["no JSON", (text) => text.slice(0, 100)],
    ["nothing", () => ""],
    ["a byte order mark", (text) => `\uFEFF${text}`],
    ["100,000 brackets", () => "[".repeat(100_000)],
    ["null", () => "null"],
    ["the last revision that can be counted", (text) => text.replace(/"state_revision": \d+/, `"state_revision": ${Number.MAX_SAFE_INTEGER}`)],
    ["a digest that is a number", (text) => text.replace(/"digest": "[^"]+"/, '"digest": 1')],
    ["an entry that is null", (text) => text.replace('"graph.a": {', '"graph.b": null, "graph.a": {')],
    ["targets that are a text", (text) => text.replace(/"applies_to": \[[^\]]*\]/, '"applies_to": "graph.a"')],
    ["a status that is none", (text) => text.replace('"status": "applied"', '"status": "fine"')],
    ["a version of text", (text) => text.replace('"version": 1', '"version": "1"')],
  ])("as text: %s", async (_, edit) => {
    const cluster = await copyOfCluster();
    await cluster.store.objects.writeText(cluster.store.layout.ledger, edit((await cluster.readLedger()).text));
    expect(await runEverything(cluster)).toContain("invalid_state_json");
  });
});

describe("cluster.md §10: a forged recovery record leads nowhere else", () => {
  const record = { schema_version: 1, operation_id: OPERATION, started_at: "2026-01-01T00:00:00Z", actor: null, kind: "graph_delete", graph_id: "a", graph_uri: "/", observed_manifest_version: null, expected_manifest_version: null, desired_schema_digest: "", state_cas_base: null, approval_id: null };

  test.each<[string, string, Json]>([
    ["another graph's address", OPERATION, { graph_uri: "../victim.omni" }],
    ["an id that leads elsewhere", OPERATION, { graph_id: "../../victim" }],
    ["an id with a NUL", OPERATION, { graph_id: "a\0" }],
    ["an empty id", OPERATION, { graph_id: "" }],
    ["__proto__", OPERATION, { graph_id: "__proto__" }],
    ["a graph that nobody knows", OPERATION, { graph_id: "ghost" }],
    ["an approval that is a path, for a graph that is gone", OPERATION, { graph_id: "ghost", approval_id: "../../../precious" }],
    ["an operation that is a path", encodeURIComponent("../../state"), { operation_id: "../../state" }],
    ["an operation that is a path below", encodeURIComponent("x/y"), { operation_id: "x/y" }],
    ["an operation of blanks", "%20", { operation_id: " " }],
    ["a creation that wants nothing", OPERATION, { kind: "graph_create" }],
    ["a creation that wants another schema", OPERATION, { kind: "graph_create", desired_schema_digest: OTHER }],
    ["a schema change that wants another schema", OPERATION, { kind: "schema_apply", desired_schema_digest: OTHER }],
    ["a kind that is none", OPERATION, { kind: "graph_rename" }],
    ["a version from the future", OPERATION, { schema_version: 2 }],
  ])("%s", async (_, file, changed) => {
    const cluster = await copyOfCluster();
    await cluster.store.objects.writeText(join(cluster.root, "__cluster/recoveries", `${file}.json`), JSON.stringify({ ...record, ...changed }));
    await runEverything(cluster);
    await using graph = await cluster.openGraph("a");
    expect(graph.schema.source).toBe(PERSON);
  });

  test("an approval that is a path, of a recorded graph that is gone", async () => {
    const cluster = await copyOfCluster();
    await cluster.store.objects.deletePrefix(cluster.store.layout.graphRoot("a"));
    await cluster.store.objects.writeText(cluster.store.layout.recoverySidecar(OPERATION), JSON.stringify({ ...record, approval_id: "../state" }));
    await runEverything(cluster);
  });
});

describe("cluster.md §9: a forged approval", () => {
  test.each<[string, string, Json]>([
    ["its id is a path", encodeURIComponent("../../state"), { approval_id: "../../state" }],
    ["bound to nothing", OPERATION, { bound_before_digest: null }],
    ["bound to the wrong configuration", OPERATION, {}],
    ["of a graph that vanished", OPERATION, { resource: "graph.ghost" }],
    ["of a kind that is none", OPERATION, { resource: "__proto__" }],
  ])("%s", async (_, file, changed) => {
    const cluster = await copyOfCluster();
    const approval = { schema_version: 1, approval_id: OPERATION, resource: "graph.a", operation: "delete", reason: "", bound_config_digest: OTHER, bound_before_digest: OTHER, bound_after_digest: null, approved_by: "eve", created_at: "", consumed_at: null, consumed_by_operation: null };
    await cluster.store.objects.writeText(join(cluster.root, "__cluster/approvals", `${file}.json`), JSON.stringify({ ...approval, ...changed }));
    await cluster.declare({ graphs: {} });
    await runEverything(cluster);
    await using graph = await cluster.openGraph("a");
    expect(graph.schema.source).toBe(PERSON);
  });
});

describe("cluster.md §11.5: a graph that is a symbolic link", () => {
  test("the link goes, not what it leads to", async () => {
    const cluster = await copyOfCluster();
    await cluster.store.objects.deletePrefix(cluster.store.layout.graphRoot("a"));
    await symlink(join(cluster.root, "../victim.omni"), cluster.store.layout.graphRoot("a"));
    await cluster.declare({ graphs: {} });
    await runEverything(cluster, ["graph.a"]);
    expect(await cluster.store.objects.exists(cluster.store.layout.graphRoot("a"))).toBe(false);
  });
});
