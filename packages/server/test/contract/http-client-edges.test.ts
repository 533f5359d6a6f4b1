import { HttpGraphClient, OmniGraphServer } from "@omnigraphdb/client";
import { CONTRACT_RECORDS, CONTRACT_SCHEMA } from "@omnigraphdb/client/test-support";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { DisposalStack } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer } from "../../test-support/index.js";

const TOKENS = { owner: "owner-token-5d20", reader: "reader-token-5d21" } as const;

const BUNDLE = `version: 1
groups: { owners: [owner], readers: [reader] }
protected_branches: [main]
rules:
  - id: own
    allow: { actors: { group: owners }, actions: [read, export, change, schema_apply, branch_create, branch_delete, branch_merge, invoke_query] }
  - id: read
    allow: { actors: { group: readers }, actions: [read] }
`;

const LIST = `version: 1
groups: { owners: [owner] }
rules:
  - id: list
    allow: { actors: { group: owners }, actions: [graph_list] }
`;

const stack = new DisposalStack();
let url = "";
const as = (actor: keyof typeof TOKENS): OmniGraphServer => new OmniGraphServer({ baseUrl: url, token: TOKENS[actor] });

beforeAll(async () => {
  const folder = await makeTempDir();
  stack.defer(async () => await folder[Symbol.asyncDispose]());
  const policies = { graph: { text: BUNDLE, appliesTo: ["graph.g"] }, server: { text: LIST, appliesTo: ["cluster"] } };
  await writeAppliedCluster(folder.path, { graphs: { g: { schema: CONTRACT_SCHEMA, data: CONTRACT_RECORDS } }, policies });
  const env = { OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: JSON.stringify(TOKENS), OMNIGRAPH_LOAD_BODY_BYTES_MAX: "100000", OMNIGRAPH_PER_ACTOR_INFLIGHT_MAX: "1" };
  const server = await startTestServer({ cluster: folder.path, env });
  stack.defer(async () => {
    await server.stop();
  });
  url = server.url;
}, 60_000);
afterAll(() => stack.dispose());

/** Endless but for a limit far beyond what the server reads. */
async function* flood(): AsyncGenerator<Uint8Array> {
  const line = Buffer.from(`{"type":"City","data":{"name":"${"x".repeat(1_000)}"}}\n`);
  for (let index = 0; index < 50_000; index++) {
    await Promise.resolve();
    yield line;
  }
}

describe("a server seen from the client", () => {
  test("health needs no token, the list of graphs a grant (§6, §7)", async () => {
    expect(await new OmniGraphServer({ baseUrl: url }).health()).toMatchObject({ status: "ok" });
    expect((await as("owner").graphs()).map(({ graphId }) => graphId)).toEqual(["g"]);
    await expect(as("reader").graphs()).rejects.toMatchObject({ code: "POLICY_DENIED", category: "forbidden", effects: "none" });
  });

  test("no token, a wrong one, and a graph that does not exist", async () => {
    await expect(new OmniGraphServer({ baseUrl: url }).graph("g").listBranches()).rejects.toMatchObject({ code: "UNAUTHORIZED", message: "missing bearer token" });
    await expect(new OmniGraphServer({ baseUrl: url, token: "x" }).graph("g").listBranches()).rejects.toMatchObject({ code: "UNAUTHORIZED", message: "invalid bearer token" });
    await expect(as("owner").graph("nothing").listBranches()).rejects.toMatchObject({ code: "GRAPH_NOT_SERVED", category: "not_found", message: "graph 'nothing' not found" });
  });

  test("who may only read, only reads; a denial has no effect and is not sent again", async () => {
    const client = as("reader").graph("g");
    expect((await client.query({ source: "query q() { match { $c: City } return { $c.name } }" })).rowCount).toBe(1);
    const denied = { code: "POLICY_DENIED", category: "forbidden", effects: "none", retryable: false };
    await expect(client.mutate({ source: 'query q() { insert City { name: "x" } }' })).rejects.toMatchObject(denied);
    await expect(client.load({ input: flood(), mode: "merge" }), "refused before the upload is read").rejects.toMatchObject(denied);
    await expect(client.exportJsonl({ target: {}, typeNames: [] })[Symbol.asyncIterator]().next()).rejects.toMatchObject(denied);
    await expect(client.createBranch({ name: "x", from: "main" })).rejects.toMatchObject(denied);
    await expect(client.runStoredQuery({ name: "x" })).rejects.toMatchObject({ code: "STORED_QUERY_NOT_FOUND" });
  });

  test("a load beyond the limit of the server is refused, as text and as a stream (24.2.7)", async () => {
    const client = as("owner").graph("g");
    const tooLarge = { category: "limit", effects: "none", details: { resource: "graph_batch_request_bytes", limit: 100_000 } };
    await expect(client.load({ input: flood(), mode: "merge" })).rejects.toMatchObject(tooLarge);
    await expect(client.load({ input: "x".repeat(100_001), mode: "merge" })).rejects.toMatchObject(tooLarge);
    expect((await client.listCommits({})).length).toBe(2);
  });

  test("an upload that is aborted, or whose input fails, leaves nothing behind", async () => {
    const client = as("owner").graph("g");
    const stopping = new AbortController();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"type":"City","data":{"name":"half"}}\n');
      stopping.abort();
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield Buffer.from('{"type":"City","data":{"name":"whole"}}\n');
    }
    await expect(client.load({ input: slow(), mode: "merge", signal: stopping.signal })).rejects.toMatchObject({ code: "CANCELLED" });
    expect((await client.listCommits({})).length).toBe(2);
  });

  test("a second write of one actor is refused for now, and goes through when asked to be sent again (§5)", async () => {
    const first = as("owner").graph("g");
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    async function* waiting(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"type":"City","data":{"name":"slow"}}\n');
      await held;
    }
    await first.createBranch({ name: "busy", from: "main" });
    const loading = first.load({ input: waiting(), mode: "merge", branch: "busy" });
    const write = { source: 'query q() { insert City { name: "quick" } }', branch: "busy" };
    await expect.poll(() => first.mutate(write).catch((error: unknown) => (error as { readonly code: string }).code)).toBe("TOO_MANY_REQUESTS");
    await expect(first.mutate(write)).rejects.toMatchObject({ category: "unavailable", retryable: true, retryAfterSeconds: 60 });
    const clock = {
      nowMicros: () => 0,
      nowMs: () => 0,
      async sleep() {
        release();
        await loading;
      },
    };
    const patient = new HttpGraphClient({ baseUrl: `${url}/graphs/g`, token: TOKENS.owner, retry: { retries: 1 }, clock, random: () => 0 });
    expect((await patient.mutate(write)).affectedNodes).toBe(1);
    await first.deleteBranch({ name: "busy" });
  });

  test("the schema of a graph of a cluster is changed with the cluster (13.2.1)", async () => {
    await expect(as("owner").graph("g").applySchema({ source: CONTRACT_SCHEMA, allowDataLoss: false })).rejects.toMatchObject({ code: "SCHEMA_MANAGED", category: "conflict", retryable: false });
  });

  test("an export whose reader goes away makes room for the next (15.6)", async () => {
    const client = as("owner").graph("g");
    for (let round = 0; round < 5; round++) for await (const _ of client.exportJsonl({ target: {}, typeNames: [] })) break;
    await expect.poll(async () => {
      let byteCount = 0;
      for await (const chunk of client.exportJsonl({ target: {}, typeNames: [] })) byteCount += chunk.byteLength;
      return byteCount;
    }).toBeGreaterThan(100);
  });
});
