import { rm, writeFile } from "node:fs/promises";
import { encodeSidecar } from "@omnigraphdb/cluster";
import { type AppliedCluster, type AppliedClusterSpec, writeAppliedCluster, writeLedger } from "@omnigraphdb/cluster/test-support";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../test-support/index.js";
import { ADD_PERSON, ALL_PEOPLE, ANN, ask, BUNDLE, namesOf, PEOPLE_GRAPH, SCHEMA } from "./fixtures.js";

const OPEN = ["--unauthenticated"];
const ONE: AppliedClusterSpec = { graphs: { crm: PEOPLE_GRAPH } };
const COUNT = "query how_many() { match { $p: Person } return { count($p) as n } }\n";

let directory: TempDir;

beforeEach(async () => {
  directory = await makeTempDir();
});
afterEach(() => directory[Symbol.asyncDispose]());

const ULID = "01JZZZZZZZZZZZZZZZZZZZZZZZ";

/** What an apply leaves that is cut short while it migrates the graph. */
function interrupt({ store, graphUri }: AppliedCluster, graphId: string): Promise<void> {
  const sidecar = encodeSidecar({
    operationId: ULID, startedAt: "2026-01-01T00:00:00Z", actor: null, kind: "schema_apply", graphId, graphUri: graphUri(graphId), observedManifestVersion: null,
    expectedManifestVersion: null, desiredSchemaDigest: "", stateCasBase: null, approvalId: null,
  });
  return store.objects.writeText(store.layout.recoverySidecar(ULID), sidecar);
}

async function reload(server: TestServer): Promise<void> {
  const from = server.logs.length;
  server.signal("SIGHUP");
  await server.logged("reloaded", from);
}

const invoke = (server: TestServer, name: string): Promise<number> => ask(server.url, `/graphs/crm/queries/${name}`, { body: {} }).then(({ status }) => status);

describe("reload without restart", () => {
  test("server.md §13.4 an apply alone changes nothing; SIGHUP serves it", async () => {
    await writeAppliedCluster(directory.path, ONE);
    await using server = await startTestServer({ cluster: directory.path, args: OPEN });
    await writeAppliedCluster(directory.path, { graphs: { crm: { ...PEOPLE_GRAPH, queries: { all_people: ALL_PEOPLE, how_many: COUNT } }, kb: { schema: SCHEMA } } });
    expect([await invoke(server, "how_many"), (await ask(server.url, "/graphs/kb/snapshot")).status]).toEqual([404, 404]);
    await reload(server);
    expect([await invoke(server, "how_many"), (await ask(server.url, "/graphs/kb/snapshot")).status]).toEqual([200, 200]);
    await writeAppliedCluster(directory.path, ONE);
    await reload(server);
    expect([await invoke(server, "how_many"), (await ask(server.url, "/graphs/kb/snapshot")).status]).toEqual([404, 404]);
  });

  test("a migrated schema and the query that needs it come together", async () => {
    await writeAppliedCluster(directory.path, ONE);
    await using server = await startTestServer({ cluster: directory.path, args: OPEN });
    const schema = "node Person { name: String @key\n age: I64?\n city: String? }\n";
    await writeAppliedCluster(directory.path, { graphs: { crm: { ...PEOPLE_GRAPH, schema, queries: { cities: "query cities() { match { $p: Person } return { $p.city } }" } } } });
    await reload(server);
    expect([await invoke(server, "cities"), await invoke(server, "all_people")]).toEqual([200, 404]);
    // The graph itself was not opened again.
    expect(server.logs.filter(({ message }) => message === "graph routed")).toHaveLength(1);
  });

  test("--reload-poll finds it by itself", async () => {
    await writeAppliedCluster(directory.path, ONE);
    await using server = await startTestServer({ cluster: directory.path, args: [...OPEN, "--reload-poll", "0.05"] });
    await writeAppliedCluster(directory.path, { graphs: { ...ONE.graphs, kb: { schema: SCHEMA } } });
    expect(await server.logged("reloaded")).toMatchObject({ revision: 3, graphs: 2, set_aside: 0 });
    expect((await ask(server.url, "/graphs/kb/snapshot")).status).toBe(200);
  });

  test("what is not ready is not served: the state before goes on, and the table is logged", async () => {
    const cluster = await writeAppliedCluster(directory.path, ONE);
    await using server = await startTestServer({ cluster: directory.path, args: OPEN });
    await writeAppliedCluster(directory.path, { graphs: { ...ONE.graphs, kb: { schema: SCHEMA } } });
    await rm(cluster.graphUri("kb"), { recursive: true });
    server.signal("SIGHUP");
    const line = await server.logged("what is applied now cannot be served; the state before is served on");
    expect(line).toMatchObject({ level: "error", revision: 2, reason: expect.stringMatching(/1 of 2 graphs cannot be served\n {2}crm {2}ready\n {2}kb {3}the graph could not be opened/) as string });
    expect(await namesOf(server.url)).toEqual(["ann", "bo"]);
    await writeFile(cluster.store.layout.ledger, "{");
    const from = server.logs.length;
    server.signal("SIGHUP");
    expect(String((await server.logged(line.message, from))["reason"])).toContain("invalid_state_json");
    expect(await namesOf(server.url)).toEqual(["ann", "bo"]);
  });

  test("a bundle that is applied later decides from the reload on, tokens are those of the start", async () => {
    await writeAppliedCluster(directory.path, ONE);
    await using server = await startTestServer({ cluster: directory.path, env: ANN });
    const add = (token: string): Promise<number> => ask(server.url, "/graphs/crm/mutate", { token, body: { query: "query add() { insert Person { name: \"cy\" } }" } }).then(({ status }) => status);
    expect(await add("ann-token")).toBe(403);
    await writeAppliedCluster(directory.path, { ...ONE, policies: { crms: { text: BUNDLE, appliesTo: ["graph.crm"] } } });
    await reload(server);
    expect([await add("ann-token"), await add("bo-token"), await add("other")]).toEqual([200, 403, 401]);
    await writeAppliedCluster(directory.path, ONE);
    await reload(server);
    expect(await add("ann-token")).toBe(403);
  });

  test("permissions that a bundle no longer gives end with the swap; what it let in before, it sees to the end", async () => {
    const withBundle = (text: string): AppliedClusterSpec => ({ ...ONE, policies: { crms: { text, appliesTo: ["graph.crm"] } } });
    await writeAppliedCluster(directory.path, withBundle(BUNDLE));
    await using server = await startTestServer({ cluster: directory.path, env: ANN });
    const status = async (token: string, path: string, body?: unknown): Promise<number> => (await ask(server.url, `/graphs/crm${path}`, { token, ...(body === undefined ? {} : { body }) })).status;
    const everything = async (token: string): Promise<readonly number[]> => [
      await status(token, "/snapshot"),
      await status(token, "/query", { query: ALL_PEOPLE }),
      await status(token, "/mutate", { query: 'query gone() { delete Person where name = "nobody" }' }),
      await status(token, "/queries/all_people", {}),
      (await fetch(`${server.url}/graphs/crm/export`, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: "{}" })).status,
    ];
    const tools = async (token: string): Promise<number> => ((await ask(server.url, "/graphs/crm/mcp", { token, body: { jsonrpc: "2.0", id: 1, method: "tools/list" } })).body["result"] as { readonly tools: readonly unknown[] }).tools.length;
    expect([await everything("ann-token"), await everything("bo-token")]).toEqual([[200, 200, 200, 200, 200], [200, 200, 403, 404, 403]]);
    const offered = [await tools("ann-token"), await tools("bo-token")];
    // Its body is still on its way when the bundle goes.
    const encoder = new TextEncoder();
    let finish = (): void => undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encoder.encode('{"type":"Person","data":{"name":"late"}}\n'));
        finish = () => controller.close();
      },
    });
    const from = server.logs.length;
    const running = fetch(`${server.url}/graphs/crm/load/ndjson`, { method: "POST", headers: { authorization: "Bearer ann-token", "content-type": "application/x-ndjson" }, body, duplex: "half" });
    expect(await server.logged("policy decision", from)).toMatchObject({ actor: "ann", action: "change", allowed: true });
    await writeAppliedCluster(directory.path, withBundle(BUNDLE.replace("owners: [ann]", "owners: [bo]").replace("readers: [bo]", "readers: [someone]")));
    await reload(server);
    expect([await everything("ann-token"), await everything("bo-token")]).toEqual([[403, 403, 403, 404, 403], [200, 200, 200, 200, 200]]);
    expect([await tools("ann-token"), await tools("bo-token")]).toEqual([1, offered[0]]);
    finish();
    // One bundle from beginning to end: the one that let it in.
    expect((await running).status).toBe(200);
    expect(await namesOf(server.url, "/graphs/crm", "bo-token")).toEqual(["ann", "bo", "late"]);
  });

  test("an open server does not become one with bundles and without tokens", async () => {
    await writeAppliedCluster(directory.path, ONE);
    await using server = await startTestServer({ cluster: directory.path, args: OPEN });
    await writeAppliedCluster(directory.path, { ...ONE, policies: { crms: { text: BUNDLE, appliesTo: ["graph.crm"] } } });
    server.signal("SIGHUP");
    expect(String((await server.logged("what is applied now cannot be served; the state before is served on"))["reason"])).toContain("no token is configured");
  });

  test("a graph that was set aside gets another chance", async () => {
    const cluster = await writeAppliedCluster(directory.path, { graphs: { ...ONE.graphs, kb: { schema: SCHEMA } } });
    await rm(cluster.graphUri("kb"), { recursive: true });
    await using server = await startTestServer({ cluster: directory.path, args: [...OPEN, "--quarantine"] });
    expect((await ask(server.url, "/graphs/kb/snapshot")).status).toBe(503);
    await writeAppliedCluster(directory.path, { graphs: { ...ONE.graphs, kb: { schema: SCHEMA } } });
    await reload(server);
    expect((await ask(server.url, "/graphs/kb/snapshot")).status).toBe(200);
  });

  test("--reload-poll: a graph that was set aside for an interrupted operation comes back when that is settled, although the ledger says the same", async () => {
    const cluster = await writeAppliedCluster(directory.path, { graphs: { ...ONE.graphs, kb: { schema: SCHEMA } } });
    await interrupt(cluster, "kb");
    await using server = await startTestServer({ cluster: directory.path, args: [...OPEN, "--quarantine", "--reload-poll", "0.05"] });
    expect((await ask(server.url, "/graphs/kb/snapshot")).status).toBe(503);
    await rm(cluster.store.layout.recoverySidecar(ULID));
    expect(await server.logged("reloaded")).toMatchObject({ graphs: 2, set_aside: 0 });
    expect((await ask(server.url, "/graphs/kb/snapshot")).status).toBe(200);
  });

  test("with --quarantine, a graph that is served is not set aside in the moment between the ledger of an apply and its last step", async () => {
    const cluster = await writeAppliedCluster(directory.path, { graphs: { ...ONE.graphs, kb: { schema: SCHEMA } } });
    await using server = await startTestServer({ cluster: directory.path, args: [...OPEN, "--quarantine", "--reload-poll", "0.05"] });
    await interrupt(cluster, "crm");
    await writeLedger(cluster.store, { ...cluster.ledger, stateRevision: cluster.ledger.stateRevision + 1 });
    await server.logged("graph set aside");
    expect(await namesOf(server.url)).toEqual(["ann", "bo"]);
    await rm(cluster.store.layout.recoverySidecar(ULID));
    expect(await server.logged("reloaded")).toMatchObject({ revision: cluster.ledger.stateRevision + 1, graphs: 2, set_aside: 0 });
  });

  test.each<[string, (cluster: AppliedCluster) => Promise<unknown>]>([
    ["deleted by an apply", () => writeAppliedCluster(directory.path, ONE)],
    ["destroyed", ({ graphUri }) => rm(graphUri("kb"), { recursive: true })],
  ])("a graph that was %s and created again is not taken for the one that was open", async (_, remove) => {
    const both = (data: string): AppliedClusterSpec => ({ graphs: { ...ONE.graphs, kb: { ...PEOPLE_GRAPH, data } } });
    const cluster = await writeAppliedCluster(directory.path, both('{"type":"Person","data":{"name":"old"}}\n'));
    await using server = await startTestServer({ cluster: directory.path, args: OPEN });
    expect(await namesOf(server.url, "/graphs/kb")).toEqual(["old"]);
    await remove(cluster);
    await writeAppliedCluster(directory.path, both(""));
    await reload(server);
    expect(await namesOf(server.url, "/graphs/kb")).toEqual([]);
    expect((await ask(server.url, "/graphs/kb/mutate", { body: { query: ADD_PERSON, params: { name: "new" } } })).status).toBe(200);
    expect([await namesOf(server.url, "/graphs/kb"), await namesOf(server.url)]).toEqual([["new"], ["ann", "bo"]]);
    expect(server.logs.filter(({ message, graph_id }) => message === "graph routed" && graph_id === "crm")).toHaveLength(1);
  });

  test("under load no request fails, and graphs that are gone are closed", async () => {
    const both: AppliedClusterSpec = { graphs: { ...ONE.graphs, kb: { schema: SCHEMA } } };
    await writeAppliedCluster(directory.path, both);
    await using server = await startTestServer({ cluster: directory.path, args: OPEN });
    let isOver = false;
    const statuses = new Set<number>();
    const clients = Array.from({ length: 4 }, async () => {
      while (!isOver) statuses.add((await ask(server.url, "/graphs/crm/query", { body: { query: ALL_PEOPLE } })).status);
    });
    for (let round = 0; round < 6; round++) {
      await writeAppliedCluster(directory.path, round % 2 === 0 ? ONE : both);
      await reload(server);
    }
    isOver = true;
    await Promise.all(clients);
    expect([...statuses]).toEqual([200]);
    // Opened at the start and whenever it was applied again: so it was closed in between.
    expect(server.logs.filter(({ message, graph_id }) => message === "graph routed" && graph_id === "kb")).toHaveLength(4);
  });

  test("while bundles change under writes, every write is answered by one bundle or the other and none is lost", async () => {
    const withBundle = (round: number): AppliedClusterSpec => ({ ...ONE, policies: { crms: { text: `${BUNDLE}# ${round}\n`, appliesTo: ["graph.crm"] } } });
    await writeAppliedCluster(directory.path, withBundle(0));
    await using server = await startTestServer({ cluster: directory.path, env: ANN });
    let isOver = false;
    const acknowledged: string[] = [];
    const statuses = new Set<number>();
    const writers = Array.from({ length: 3 }, async (_, writer) => {
      for (let count = 0; !isOver; count++) {
        const name = `w${writer}n${count}`;
        const { status } = await ask(server.url, "/graphs/crm/mutate", { token: "ann-token", body: { query: ADD_PERSON, params: { name } } });
        statuses.add(status);
        if (status === 200) acknowledged.push(name);
      }
    });
    for (let round = 1; round <= 4; round++) {
      await writeAppliedCluster(directory.path, withBundle(round));
      await reload(server);
    }
    isOver = true;
    await Promise.all(writers);
    expect([...statuses]).toEqual([200]);
    expect(await namesOf(server.url, "/graphs/crm", "ann-token")).toEqual(["ann", "bo", ...acknowledged].sort());
    expect(server.logs.filter(({ message }) => message === "graph routed")).toHaveLength(5);
  });
});
