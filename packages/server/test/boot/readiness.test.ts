import { rm, writeFile } from "node:fs/promises";
import { encodeSidecar } from "@omnigraphdb/cluster";
import { type AppliedCluster, type AppliedClusterSpec, writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refusedStart, startTestServer } from "../../test-support/index.js";
import { ALL_PEOPLE, ANN, ask, BUNDLE, namesOf, PEOPLE_GRAPH, SCHEMA, SERVER_BUNDLE, TWO_GRAPHS } from "./fixtures.js";

let directory: TempDir;

beforeEach(async () => {
  directory = await makeTempDir();
});
afterEach(() => directory[Symbol.asyncDispose]());

const OPEN = ["--unauthenticated"];
const ULID = "01JZZZZZZZZZZZZZZZZZZZZZZZ";

const pending = (graphId: string): string =>
  encodeSidecar({
    operationId: ULID, startedAt: "2026-01-01T00:00:00Z", actor: null, kind: "schema_apply", graphId, graphUri: "/x", observedManifestVersion: null,
    expectedManifestVersion: null, desiredSchemaDigest: "", stateCasBase: null, approvalId: null,
  });

interface Unready {
  readonly spec?: AppliedClusterSpec;
  readonly damage?: (cluster: AppliedCluster) => Promise<void>;
  readonly env?: Readonly<Record<string, string>>;
  readonly token?: string;
  /** In the readiness table. */
  readonly detail: RegExp;
  /** What a client reads. */
  readonly reason: RegExp;
}

const withKb = (kb: Partial<typeof PEOPLE_GRAPH>, rest: Partial<AppliedClusterSpec> = {}): AppliedClusterSpec => ({ graphs: { crm: PEOPLE_GRAPH, kb: { schema: SCHEMA, ...kb } }, ...rest });

const UNREADY: Readonly<Record<string, Unready>> = {
  "a recovery record names it": {
    damage: ({ store }) => store.objects.writeText(store.layout.recoverySidecar(ULID), pending("kb")),
    detail: /\[cluster_recovery_pending\]/,
    reason: /interrupted schema_apply/,
  },
  "a stored query does not parse": { spec: withKb({ queries: { broken: "query broken( {" } }), detail: /broken: does not parse/, reason: /^1 stored query is not valid$/ },
  "a stored query has no declaration of its name": { spec: withKb({ queries: { other: ALL_PEOPLE } }), detail: /declares no query 'other'/, reason: /^1 stored query/ },
  "stored queries do not type-check, all are counted": {
    spec: withKb({ queries: { a: "query a() { match { $p: Nobody } return { $p.x } }", b: "query b() { match { $p: Person } return { $p.nothing } }" } }),
    detail: /a: .*Nobody.*; b: .*nothing/,
    reason: /^2 stored queries are not valid$/,
  },
  "an embedding secret is not set": {
    spec: withKb({ embeddingProvider: "main" }, { providers: { main: { kind: "gemini", api_key: "${KB_KEY}" } } }),
    detail: /the embedding secret KB_KEY of provider\.embedding\.main is not set/,
    reason: /KB_KEY/,
  },
  "its root is missing": { damage: ({ graphUri }) => rm(graphUri("kb"), { recursive: true }), detail: /could not be opened: .*kb\.omni/, reason: /^the graph could not be opened \(GRAPH_NOT_FOUND\)$/ },
  "its root is damaged": { damage: ({ graphUri }) => rm(`${graphUri("kb")}/_schema.pg`), detail: /could not be opened/, reason: /^the graph could not be opened \([A-Z_]+\)$/ },
  "its bundle is not valid": {
    spec: withKb({}, { policies: { kbs: { text: "version: 1\nrules: [{id: x}]\n", appliesTo: ["graph.kb"] } } }),
    env: ANN,
    token: "ann-token",
    detail: /the policy bundle 'kbs' is not valid/,
    reason: /^the policy bundle 'kbs' is not valid$/,
  },
  "rules for external blobs are not safe for a server": {
    spec: withKb({ externalBlobPolicy: { mode: "allow", bases: [{ uri: "file:///etc", scope: "server_safe" }] } }),
    detail: /\[invalid_external_blob_policy\]/,
    reason: /external blobs/,
  },
};

describe.each(Object.entries(UNREADY))("server.md 4.2, cluster.md §18.2.14: %s", (_, { spec = TWO_GRAPHS, damage, env, token, detail, reason }) => {
  const start = { args: env === undefined ? OPEN : [], env: env ?? {} };

  beforeEach(async () => {
    const cluster = await writeAppliedCluster(directory.path, spec);
    await damage?.(cluster);
  });

  test("14.2.1 S9 refuses to start with the whole readiness table", async () => {
    const { exitCode, stderr } = await refusedStart({ cluster: directory.path, ...start });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/1 of 2 graphs cannot be served/);
    expect(stderr).toMatch(/^ {2}crm {2}ready$/m);
    expect(stderr.split("\n").find((line) => line.startsWith("  kb "))).toMatch(detail);
  });

  test("14.2.1 S9 with --quarantine it is set aside and the other is served", async () => {
    await using server = await startTestServer({ cluster: directory.path, ...start, args: [...start.args, "--quarantine"] });
    const given = token === undefined ? {} : { token };
    expect(await namesOf(server.url, "/graphs/crm", token)).toEqual(["ann", "bo"]);
    const answer = await ask(server.url, "/graphs/kb/snapshot", given);
    expect(answer.status).toBe(503);
    expect(JSON.stringify(answer.body)).not.toContain(directory.path);
    const text = JSON.stringify(answer.body);
    expect(/"reason":"([^"]+)"/.exec(text)?.[1]).toMatch(reason);
    expect((await ask(server.url, "/healthz")).status).toBe(200);
    expect(server.logs.filter(({ message }) => message === "graph set aside")).toMatchObject([{ level: "warn", graph_id: "kb" }]);
  });
});

describe("server.md 4.1", () => {
  test("no ledger: one message that begins with the cluster, also with --quarantine", async () => {
    for (const args of [[], ["--quarantine"]]) {
      const { exitCode, stderr } = await refusedStart({ cluster: directory.path, args: [...OPEN, ...args] });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(new RegExp(`^error: cluster ${directory.path} is not ready\n  \\[cluster_state_missing\\] .*state\\.json: `));
    }
  });

  test("no ledger and a recovery record that cannot be read are listed together", async () => {
    const { store } = await writeAppliedCluster(directory.path, TWO_GRAPHS);
    await rm(store.layout.ledger);
    await store.objects.writeText(store.layout.recoverySidecar(ULID), "{");
    const { stderr } = await refusedStart({ cluster: directory.path, args: OPEN });
    expect(stderr).toMatch(/\[cluster_state_missing\].*\n {2}\[invalid_recovery_sidecar\]/);
  });

  test("tampered catalog and ledger are listed together, also with --quarantine", async () => {
    const cluster = await writeAppliedCluster(directory.path, { ...TWO_GRAPHS, policies: { team: { text: BUNDLE, appliesTo: ["graph.crm"] } } });
    const { digest } = cluster.ledger.resources.get("query.crm.all_people") ?? { digest: "" };
    await writeFile(cluster.store.layout.queryObject("crm", "all_people", digest), "altered");
    await rm(cluster.store.layout.policyObject("team", cluster.ledger.resources.get("policy.team")?.digest ?? ""));
    for (const args of [[], ["--quarantine"]]) {
      const { stderr } = await refusedStart({ cluster: directory.path, env: ANN, args });
      expect(stderr).toContain("[catalog_payload_digest_mismatch] query.crm.all_people: ");
      expect(stderr).toContain("[catalog_payload_missing] policy.team: ");
    }
  });

  test("cluster.md §18.2.14 with --quarantine, every graph unready refuses", async () => {
    const cluster = await writeAppliedCluster(directory.path, { graphs: { kb: { schema: SCHEMA } } });
    await rm(cluster.graphUri("kb"), { recursive: true });
    const { exitCode, stderr } = await refusedStart({ cluster: directory.path, args: [...OPEN, "--quarantine"] });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/\[cluster_no_healthy_graphs\]/);
  });

  test("policy 7.1.5 a bundle of the cluster that is not valid refuses, also with --quarantine", async () => {
    await writeAppliedCluster(directory.path, { ...TWO_GRAPHS, policies: { house: { text: BUNDLE, appliesTo: ["cluster"] } } });
    for (const args of [[], ["--quarantine"]]) {
      expect((await refusedStart({ cluster: directory.path, env: ANN, args })).stderr).toContain("the bundle 'house' of the cluster is not valid");
    }
  });

  test("token problems, runtime state and an address in use refuse", async () => {
    await writeAppliedCluster(directory.path, TWO_GRAPHS);
    const cluster = directory.path;
    expect((await refusedStart({ cluster })).stderr).toMatch(/neither tokens nor policy bundles/);
    const twice = { OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: '{"a":"t","b":"t"}' };
    expect((await refusedStart({ cluster, env: twice })).stderr).toMatch(/OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: actors 'a' and 'b' have the same token/);
    await using server = await startTestServer({ cluster, args: OPEN });
    const { exitCode, stderr } = await refusedStart({ cluster, args: [...OPEN, "--bind", new URL(server.url).host] });
    expect([exitCode, /cannot listen on .*EADDRINUSE/.test(stderr)]).toEqual([1, true]);
  });

  test("bad arguments end with exit code 2", async () => {
    expect((await refusedStart({ args: ["--nope"] })).exitCode).toBe(2);
  });
});

test("S2: a bundle of a graph that is set aside never opens the server", async () => {
  const cluster = await writeAppliedCluster(directory.path, { ...TWO_GRAPHS, policies: { kbs: { text: BUNDLE, appliesTo: ["graph.kb"] } } });
  await rm(cluster.graphUri("kb"), { recursive: true });
  const { stderr } = await refusedStart({ cluster: directory.path, args: [...OPEN, "--quarantine"] });
  expect(stderr).toMatch(/policy bundles are bound, but no token is configured/);
});

test("S2: with tokens, the state is policy although no graph with a bundle is left", async () => {
  const cluster = await writeAppliedCluster(directory.path, { ...TWO_GRAPHS, policies: { kbs: { text: BUNDLE, appliesTo: ["graph.kb"] } } });
  await rm(cluster.graphUri("kb"), { recursive: true });
  await using server = await startTestServer({ cluster: directory.path, env: ANN, args: ["--quarantine"] });
  expect((await ask(server.url, "/graphs/crm/snapshot")).status).toBe(401);
  expect((await ask(server.url, "/graphs/crm/snapshot", { token: "ann-token" })).status).toBe(200);
});

test("policy.md §2: every graph is decided by its own bundle, the list by that of the cluster", async () => {
  await writeAppliedCluster(directory.path, { ...TWO_GRAPHS, policies: { crms: { text: BUNDLE, appliesTo: ["graph.crm"] }, house: { text: SERVER_BUNDLE, appliesTo: ["cluster"] } } });
  await using server = await startTestServer({ cluster: directory.path, env: ANN });
  const mutate = (graph: string, token: string): Promise<number> => ask(server.url, `/graphs/${graph}/mutate`, { token, body: { query: "query add() { insert Person { name: \"cy\" } }" } }).then(({ status }) => status);
  expect([await mutate("crm", "ann-token"), await mutate("crm", "bo-token"), await mutate("kb", "ann-token")]).toEqual([200, 403, 403]);
  const { body } = await ask(server.url, "/graphs", { token: "ann-token" });
  expect((body["graphs"] as readonly { graph_id: string }[]).map(({ graph_id }) => graph_id)).toEqual(["crm", "kb"]);
  expect((await ask(server.url, "/graphs", { token: "bo-token" })).status).toBe(403);
});
