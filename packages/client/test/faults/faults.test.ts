import { type AddressInfo, createServer } from "node:net";
import { isOmniError, manualClock } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { type ConnectionOptions, HttpGraphClient, OmniGraphServer } from "@omnigraphdb/client";
import { bytesOf, failureOf } from "../../test-support/contract/failure.js";
import { type Answer, json, startScriptedServer } from "./scripted-server.js";

const RESULT = { query_name: "q", target: { branch: "main", snapshot: null }, row_count: 0, columns: ["n"], rows: [] };
const RECEIPT = { branch: "main", query_name: "q", affected_nodes: 0, affected_edges: 0, actor_id: null, commit: null };
const READ = { source: "query q() { match { $p: P } return { $p.n } }" };

async function clientOf(answers: readonly Answer[], options: Partial<ConnectionOptions> = {}) {
  const server = await startScriptedServer(...answers);
  return { server, client: new HttpGraphClient({ baseUrl: server.baseUrl, ...options }) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const html: Answer = (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>It works</h1>");

describe("connections that do not come about", () => {
  test("nothing listens: a read and a write both had no effect", async () => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    const client = new HttpGraphClient({ baseUrl: origin });
    for (const call of [() => client.query(READ), () => client.mutate(READ)]) {
      const failure = await failureOf(call());
      expect(failure).toMatchObject({ code: "SERVER_CONNECTION", category: "unavailable", effects: "none", retryable: true, details: { origin, reason: "refused" } });
      expect(failure.hint).toMatch(/Start the server/);
    }
  });

  test("a port that no fetch connects to", async () => {
    expect(await failureOf(new HttpGraphClient({ baseUrl: "http://127.0.0.1:25", fetch: globalThis.fetch }).mutate(READ))).toMatchObject({ effects: "none", details: { reason: "blocked" } });
  });

  test("a host name that does not exist", async () => {
    const failure = await failureOf(new HttpGraphClient({ baseUrl: "http://graphs.invalid" }).listBranches());
    expect(failure).toMatchObject({ code: "SERVER_CONNECTION", details: { reason: "name_not_found" } });
  });

  test("TLS where none is spoken", async () => {
    const { server } = await clientOf([html]);
    const failure = await failureOf(new HttpGraphClient({ baseUrl: server.origin.replace("http:", "https:") }).listBranches());
    expect(failure).toMatchObject({ code: "SERVER_CONNECTION", details: { reason: "tls" }, effects: "none" });
  });
});

describe("connections that break", () => {
  const hangUp: Answer = (request) => request.socket.destroy();
  const cutBody: Answer = (_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write('{"query_name":', () => response.socket?.destroy());
  };

  test("before the answer: a write may have happened, a read did not", async () => {
    const { client } = await clientOf([hangUp]);
    expect(await failureOf(client.query(READ))).toMatchObject({ code: "SERVER_CONNECTION", effects: "none", details: { reason: "lost" } });
    const failure = await failureOf(client.mutate(READ));
    expect(failure).toMatchObject({ code: "SERVER_CONNECTION", effects: "possible", retryable: false });
    expect(failure.hint).toMatch(/may have happened/);
  });

  test("in the middle of an answer", async () => {
    const { client } = await clientOf([cutBody]);
    expect(await failureOf(client.query(READ))).toMatchObject({ code: "SERVER_CONNECTION", details: { reason: "lost" } });
  });

  test("in the middle of an export, a baseline, a blob (24.2.6)", async () => {
    const cutStream: Answer = (_request, response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.write('{"type":"P","data":{}}\n', () => setTimeout(() => response.socket?.destroy(), 20));
    };
    const { client } = await clientOf([cutStream]);
    expect(await failureOf(client.exportJsonl({ target: {}, typeNames: [] }))).toMatchObject({ code: "SERVER_CONNECTION", details: { reason: "lost" } });
    expect(await failureOf(client.changesBaseline({}))).toMatchObject({ code: "SERVER_CONNECTION", details: { reason: "lost" } });
  });

  test("an export that ends regularly within a line, and a baseline without its last line, are failures", async () => {
    const { client } = await clientOf([json(200, '{"type":"P","da')]);
    expect(await failureOf(client.exportJsonl({ target: {}, typeNames: [] }))).toMatchObject({ code: "SERVER_CONNECTION", details: { reason: "lost" } });
    const { client: other } = await clientOf([json(200, '{"type":"P","data":{}}\n')]);
    expect(await failureOf(other.changesBaseline({}))).toMatchObject({ code: "SERVER_CONNECTION", details: { reason: "lost" } });
  });

  test("a blob that is shorter than announced", async () => {
    const headers = { etag: '"0123"', "omnigraph-snapshot-id": "01J8", "accept-ranges": "bytes" };
    const { client } = await clientOf([
      (_request, response) => response.writeHead(200, { ...headers, "content-length": "10" }).end(),
      (_request, response) => response.writeHead(200, headers).end("012"),
    ]);
    const blob = await client.readBlob({ target: {}, selector: { entity: "node", type: "P", id: "x", property: "b" } });
    expect(blob).toMatchObject({ length: 10, etag: '"0123"', graphCommitId: "01J8" });
    if (blob === null) throw new Error("unreachable");
    expect(await failureOf(bytesOf(blob.chunks()))).toMatchObject({ code: "SERVER_CONNECTION", details: { reason: "lost" } });
  });
});

describe("answers of something else", () => {
  test.each<[string, Answer, string]>([
    ["a web page", html, "UNEXPECTED_ANSWER"],
    ["JSON of another service", json(200, { hello: "world" }), "UNEXPECTED_ANSWER"],
    ["an empty 404", (_request, response) => response.writeHead(404).end(), "UNEXPECTED_ANSWER"],
    ["a 500 as text", (_request, response) => response.writeHead(500, { "content-type": "text/plain" }).end("oops"), "UNEXPECTED_ANSWER"],
    ["a 502 of a gateway", (_request, response) => response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad gateway</h1>"), "SERVER_CONNECTION"],
    ["no content", (_request, response) => response.writeHead(204).end(), "UNEXPECTED_ANSWER"],
  ])("%s", async (_what, answer, code) => {
    const { client } = await clientOf([answer]);
    const failure = await failureOf(client.query(READ));
    expect(failure.code).toBe(code);
    expect(failure.hint).toBeDefined();
  });

  test("a redirect is not followed, so the token goes nowhere else (24.2.2, operator O6)", async () => {
    const other = await startScriptedServer(json(200, RESULT));
    const { client, server } = await clientOf([(_request, response) => response.writeHead(307, { location: `${other.origin}/query` }).end()], { token: "s3cret" });
    const failure = await failureOf(client.query(READ));
    expect(failure).toMatchObject({ code: "UNEXPECTED_ANSWER" });
    expect(JSON.stringify(failure)).not.toContain("s3cret");
    expect([server.requests.length, other.requests.length]).toEqual([1, 0]);
  });
});

describe("failures that the server tells", () => {
  test("keep code, category, effects, details and hint; unknown ones are tolerated (24.2.10)", async () => {
    const { client } = await clientOf([
      json(409, { error: "taken", code: "conflict", key_conflict: { entity_kind: "node", type_name: "P", entity_id: "x" }, error_code: "KEY_CONFLICT", category: "conflict", hint: "Choose another.", retryable: false }),
      json(418, { error: "no coffee", code: "brand_new", teapot: {} }),
    ]);
    expect(await failureOf(client.mutate(READ))).toEqual({
      code: "KEY_CONFLICT", category: "conflict", retryable: false, effects: "none", details: { entity_kind: "node", type_name: "P", entity_id: "x" }, message: "taken", hint: "Choose another.",
    });
    expect(await failureOf(client.mutate(READ))).toMatchObject({ message: "no coffee", category: "invalid" });
  });

  test("429 carries Retry-After", async () => {
    const { client } = await clientOf([json(429, { error: "too many", code: "too_many_requests" }, { "retry-after": "60" })]);
    await expect(client.mutate(READ)).rejects.toMatchObject({ retryAfterSeconds: 60 });
  });
});

describe("sending again", () => {
  const busy = json(503, { error: "busy", writer_busy: { waited_ms: 5 } }, { "retry-after": "1" });

  test("never by itself unless asked", async () => {
    const { client, server } = await clientOf([busy, json(200, RECEIPT)]);
    await failureOf(client.mutate(READ));
    expect(server.requests.length).toBe(1);
  });

  test("a write after 503 writer_busy, waiting as the server asks", async () => {
    const clock = manualClock(0);
    const { client, server } = await clientOf([busy, busy, json(200, RECEIPT)], { retry: { retries: 2 }, clock, random: () => 0 });
    expect(await client.mutate(READ)).toMatchObject({ commit: null });
    expect([server.requests.length, clock.nowMs()]).toEqual([3, 2_000]);
  });

  test("a load from a stream is sent once, from text again", async () => {
    const loaded = { branch: "main", base_branch: null, branch_created: false, mode: "merge", nodes: [], edges: [], total_entities: 0, actor_id: null, commit: { graph_commit_id: "01J8", graph_branch: null, graph_manifest_version: 2, parent_commit_id: null, merged_parent_commit_id: null, actor_id: null, created_at: 1 } };
    const { client, server } = await clientOf([busy, busy, json(200, loaded)], { retry: { retries: 2 }, clock: manualClock(0) });
    async function* stream(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield Buffer.from("{}");
    }
    expect((await failureOf(client.load({ input: stream(), mode: "merge" }))).message).toBe("busy");
    expect(await client.load({ input: "{}", mode: "merge" })).toMatchObject({ totalEntities: 0 });
    expect(server.requests.length).toBe(3);
  });

  test("a write whose connection broke is not sent again", async () => {
    const { client, server } = await clientOf([(request) => request.socket.destroy(), json(200, RECEIPT)], { retry: { retries: 5 }, clock: manualClock(0) });
    expect(await failureOf(client.mutate(READ))).toMatchObject({ effects: "possible" });
    expect(server.requests.length).toBe(1);
  });

  test("a read whose connection broke is", async () => {
    const { client, server } = await clientOf([(request) => request.socket.destroy(), json(200, RESULT)], { retry: { retries: 1 }, clock: manualClock(0) });
    expect(await client.query(READ)).toMatchObject({ rowCount: 0 });
    expect(server.requests.length).toBe(2);
  });
});

describe("time limits, aborts, disposal", () => {
  const never: Answer = (request) => void request.resume();

  test("a limit ends the call", async () => {
    const { client } = await clientOf([never], { timeoutMs: 30 });
    expect(await failureOf(client.listBranches())).toMatchObject({ code: "CALL_TIMEOUT", category: "cancelled", effects: "none" });
    expect(await failureOf(client.mutate(READ))).toMatchObject({ code: "CALL_TIMEOUT", effects: "possible" });
  });

  test("the limit of a query is told to the server, and waited for a little longer", async () => {
    const { client } = await clientOf([
      async (request, response) => {
        const body = JSON.parse((await request.toArray()).join("")) as { readonly timeout_ms?: number };
        response.writeHead(413, { "content-type": "application/json" });
        response.end(JSON.stringify({ error: "too slow", resource_limit: { resource: "query time ms", limit: body.timeout_ms, actual: body.timeout_ms } }));
      },
    ], { timeoutMs: 1 });
    expect(await failureOf(client.query({ ...READ, timeoutMs: 300 }))).toMatchObject({ category: "limit", details: { resource_limit: { limit: 300 } } });
  });

  test("an abort ends a call that waits, and a stream that flows", async () => {
    const { client } = await clientOf([never]);
    const waiting = new AbortController();
    const call = failureOf(client.query({ ...READ, signal: waiting.signal }));
    setTimeout(() => waiting.abort(), 20);
    expect(await call).toMatchObject({ code: "CANCELLED", category: "cancelled" });
    const { client: streaming } = await clientOf([(_request, response) => void response.writeHead(200, { "content-type": "application/x-ndjson" }).write('{"type":"P","data":{}}\n')]);
    const flowing = new AbortController();
    setTimeout(() => flowing.abort(), 50);
    expect(await failureOf(streaming.exportJsonl({ target: {}, typeNames: [], signal: flowing.signal }))).toMatchObject({ code: "CANCELLED" });
  });

  test("many calls that wait for one signal are no leak, and all end with it", async () => {
    const { client } = await clientOf([never]);
    const warnings: string[] = [];
    const note = (warning: Error): void => void warnings.push(warning.name);
    process.on("warning", note);
    const stop = new AbortController();
    const calls = Array.from({ length: 40 }, () => failureOf(client.listBranches({ signal: stop.signal })));
    setTimeout(() => stop.abort(), 50);
    expect(new Set((await Promise.all(calls)).map(({ code }) => code))).toEqual(new Set(["CANCELLED"]));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  test.each(["aborted", "disposed"])("a write that is %s in flight may have happened, and the failure says so", async (how) => {
    const { client } = await clientOf([never]);
    const stop = new AbortController();
    const call = failureOf(client.mutate({ ...READ, signal: stop.signal }));
    setTimeout(() => (how === "aborted" ? stop.abort() : void client[Symbol.asyncDispose]()), 20);
    expect(await call).toMatchObject({ code: "CANCELLED", effects: "possible", hint: expect.stringContaining("newest commit") as string });
  });

  test("disposing the server ends the calls of its graphs, and refuses new ones", async () => {
    const { server } = await clientOf([never]);
    const connection = new OmniGraphServer({ baseUrl: server.origin });
    const graph = connection.graph("g");
    const call = failureOf(graph.listBranches());
    setTimeout(() => void connection[Symbol.asyncDispose](), 20);
    expect((await call).category).toBe("cancelled");
    expect((await failureOf(connection.health())).code).toBe("CLIENT_DISPOSED");
    expect(await failureOf(graph.listBranches())).toMatchObject({ code: "CLIENT_DISPOSED", hint: "Create a new one." });
    await graph[Symbol.asyncDispose]();
    expect((await failureOf(graph.listBranches())).code).toBe("CLIENT_DISPOSED");
  });
});

describe("what is sent", () => {
  test("a token from a function, asked for each request; no header without one", async () => {
    let count = 0;
    const { client, server } = await clientOf([json(200, { branches: ["main"] })], { token: () => Promise.resolve(`t${++count}`) });
    await client.listBranches();
    await client.listBranches();
    expect([server.headersOf(0).authorization, server.headersOf(1).authorization]).toEqual(["Bearer t1", "Bearer t2"]);
    const { client: open, server: openServer } = await clientOf([json(200, { branches: ["main"] })]);
    await open.listBranches();
    expect(openServer.headersOf(0).authorization).toBeUndefined();
  });

  test.each(["", "a b", "a\r\nx: y", "schlüssel"])("the token %j cannot be sent, and is in no message", async (token) => {
    const failure = await failureOf(new HttpGraphClient({ baseUrl: "http://127.0.0.1:1", token }).listBranches());
    expect(failure.code).toBe("INVALID_TOKEN");
    if (token !== "") expect(JSON.stringify(failure)).not.toContain(token);
  });

  test("the condition of a write selects path and header together (24.2.4)", async () => {
    const { client, server } = await clientOf([json(200, RECEIPT)]);
    await client.mutate({ ...READ, ifCommit: "01J8" });
    await client.runStoredMutation({ name: "a/b", ifCommit: "01J9" });
    await client.mutate(READ);
    expect(server.requests).toEqual(["POST /graphs/g/mutate/if-graph-commit", "POST /graphs/g/queries/a%2Fb/if-graph-commit", "POST /graphs/g/mutate"]);
    expect([0, 1, 2].map((index) => server.headersOf(index)["omnigraph-if-graph-commit"])).toEqual(["01J8", "01J9", undefined]);
  });

  test("an actor is refused: the server takes it from the token", async () => {
    const client = new HttpGraphClient({ baseUrl: "http://127.0.0.1:1" });
    expect(await failureOf(client.mutate({ ...READ, actor: "me" }))).toMatchObject({ code: "INVALID_CLIENT_REQUEST" });
    expect(await failureOf(client.createBranch({ name: "x", from: "main", actor: "me" }))).toMatchObject({ code: "INVALID_CLIENT_REQUEST" });
  });

  test.each([[Number.NaN], [() => 1], [Symbol("x")]])("a parameter that JSON cannot express (%s) is refused before anything is sent", async (value) => {
    expect(await failureOf(new HttpGraphClient({ baseUrl: "http://127.0.0.1:1" }).query({ ...READ, params: { value } }))).toMatchObject({ code: "INVALID_CLIENT_REQUEST" });
  });

  test("a server that answers with a failure before it has read an upload is heard", async () => {
    const refuse: Answer = (_request, response) => {
      response.writeHead(413, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify({ error: "too large", code: "bad_request", error_code: "BODY_TOO_LARGE", resource_limit: { resource: "graph_batch_request_bytes", limit: 1, actual: 2 } }));
    };
    const { client } = await clientOf([refuse]);
    let isReleased = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          yield Buffer.alloc(64 * 1024, 0x20);
        }
      } finally {
        isReleased = true;
      }
    }
    const error: unknown = await client.load({ input: endless(), mode: "merge" }).catch((caught: unknown) => caught);
    expect(isOmniError(error) && error.code).toBe("BODY_TOO_LARGE");
    await expect.poll(() => isReleased, { message: "the producer may stop" }).toBe(true);
  });

  test("the input of a load that cannot be sent is let go", async () => {
    const steps: string[] = [];
    const input: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: Buffer.from("{}") }),
        return: () => {
          steps.push("let go");
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const client = new HttpGraphClient({ baseUrl: "http://127.0.0.1:1", token: "not sendable" });
    expect((await failureOf(client.load({ input, mode: "merge" }))).code).toBe("INVALID_TOKEN");
    expect(steps).toEqual(["let go"]);
  });

  test("a load tells how far it is, in lines and bytes", async () => {
    const loaded = { branch: "main", base_branch: null, branch_created: false, mode: "merge", nodes: [], edges: [], total_entities: 0, actor_id: null, commit: { graph_commit_id: "01J8", graph_branch: null, graph_manifest_version: 2, parent_commit_id: null, merged_parent_commit_id: null, actor_id: null, created_at: 1 } };
    const { client } = await clientOf([(request, response) => void request.resume().on("end", () => json(200, loaded)(request, response))]);
    const seen: unknown[] = [];
    async function* two(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield Buffer.from('{"a":1}\n{"a"');
      yield Buffer.from(":2}\n");
    }
    for (const input of [two(), '{"a":1}\n{"a":2}\n']) await client.load({ input, mode: "merge", onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([0, 1].map(() => ({ recordCount: 2, byteCount: 16, phase: "writing" })));
  });
});
