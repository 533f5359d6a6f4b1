import { connectHttp } from "@omnigraphdb/mcp/test-support";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mcpMounts } from "../../src/mcp/mcp-mounts.js";
import { type Actor, type FixtureOptions, startApp, type TestApp, tokenOf } from "../app-fixture.js";

interface McpFixture {
  readonly allowsAdHoc?: boolean;
  readonly isLoopbackBind?: boolean;
}

async function startMcp(options: FixtureOptions = {}, { allowsAdHoc = false, isLoopbackBind = true }: McpFixture = {}): Promise<TestApp> {
  const mounts = mcpMounts({ allowsAdHoc, origins: { allowed: ["https://ide.example"], isLoopbackBind }, fetch: (request) => started.app.fetch(request) });
  const started: TestApp = await startApp({ ...options, app: { mounts } });
  return started;
}

const rpc = (method: string, params?: object, id: number | string = 7): object => ({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });

interface RpcAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: { readonly result?: Record<string, unknown>; readonly error?: { readonly code: number; readonly message: string } };
}

async function send(app: TestApp, actor: Actor | undefined, message: unknown, { path = "/graphs/crm/mcp", headers = {} }: { readonly path?: string; readonly headers?: Readonly<Record<string, string>> } = {}): Promise<RpcAnswer> {
  const response = await app.call("POST", path, { body: message, headers: { "content-type": "application/json", ...headers }, ...(actor === undefined ? {} : { actor }) });
  const text = await response.text();
  return { status: response.status, text, body: (text === "" ? {} : JSON.parse(text)) as RpcAnswer["body"] };
}

async function toolNames(app: TestApp, actor: Actor | undefined, path?: string): Promise<readonly string[]> {
  const { body } = await send(app, actor, rpc("tools/list"), path === undefined ? {} : { path });
  return (body.result?.["tools"] as { name: string }[]).map(({ name }) => name);
}

const callTool = (app: TestApp, actor: Actor | undefined, name: string, args: object = {}, path?: string): Promise<RpcAnswer> => send(app, actor, rpc("tools/call", { name, arguments: args }), path === undefined ? {} : { path });

const READS = ["snapshot", "schema_get", "branches_list", "commits_list", "commits_get", "commit_changes", "diff"];
const WRITES = ["load", "branches_create", "branches_delete", "branches_merge"];

let app: TestApp;
let adHoc: TestApp;
beforeAll(async () => {
  app = await startMcp({ hasSecondGraph: true });
  adHoc = await startMcp({}, { allowsAdHoc: true });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await adHoc[Symbol.asyncDispose]();
});

describe("server §12.2 streamable HTTP", () => {
  test.each([
    ["2025-03-26", "2025-03-26"],
    ["2025-06-18", "2025-06-18"],
    ["2025-11-25", "2025-06-18"],
    ["1999-01-01", "2025-06-18"],
  ])("12.2.3 initialize with %s settles on %s", async (requested, settled) => {
    const { status, body } = await send(app, "owner", rpc("initialize", { protocolVersion: requested, capabilities: {}, clientInfo: { name: "t", version: "1" } }));
    expect([status, body.result?.["protocolVersion"]]).toEqual([200, settled]);
    expect(body.result).toMatchObject({ capabilities: { tools: { listChanged: false }, resources: { subscribe: false, listChanged: false } }, serverInfo: { name: "omnigraph", version: "9.9.9" } });
  });

  test("12.2.3 a version that is not supported is 400", async () => {
    expect((await send(app, "owner", rpc("ping"), { headers: { "mcp-protocol-version": "2024-01-01" } })).status).toBe(400);
    expect((await send(app, "owner", rpc("ping"), { headers: { "mcp-protocol-version": "2025-06-18", "mcp-session-id": "x" } })).body.result).toEqual({});
  });

  test("12.2.2 GET and DELETE are 405, 12.2.4 notifications and responses 202 without a body", async () => {
    for (const method of ["GET", "DELETE"]) {
      const response = await app.call(method, "/graphs/crm/mcp", { actor: "owner" });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    }
    for (const message of [{ jsonrpc: "2.0", method: "notifications/initialized" }, { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } }, { jsonrpc: "2.0", id: 1, result: {} }]) {
      expect(await send(app, "owner", message)).toMatchObject({ status: 202, text: "" });
    }
  });

  test("12.2.5 refusals before JSON-RPC are statuses", async () => {
    const missing = await app.call("POST", "/graphs/ghost/mcp", { body: "no json" });
    expect([missing.status, missing.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect((await app.call("POST", "/mcp", { headers: { authorization: "Bearer nobody" }, body: {} })).status).toBe(401);
    expect((await send(app, "owner", rpc("ping"), { path: "/graphs/ghost/mcp" })).status).toBe(404);
  });

  test("12.2.6 the origin of a page must be allowed", async () => {
    const statusOf = async (served: TestApp, origin: string): Promise<number> => (await send(served, "owner", rpc("ping"), { headers: { origin } })).status;
    for (const origin of ["https://ide.example", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:8080"]) expect([origin, await statusOf(app, origin)]).toEqual([origin, 200]);
    for (const origin of ["https://evil.example", "null", "https://localhost.evil.example", "https://ide.example.evil", "file://localhost"]) expect([origin, await statusOf(app, origin)]).toEqual([origin, 403]);
    await using open = await startMcp({}, { isLoopbackBind: false });
    expect([await statusOf(open, "http://localhost:3000"), await statusOf(open, "https://ide.example")]).toEqual([403, 200]);
  });

  test("12.2.1, 12.2.7 one message of at most 1 MiB", async () => {
    expect((await send(app, "owner", rpc("ping"), { headers: { "content-type": "text/plain" } })).status).toBe(415);
    expect((await send(app, "owner", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"${"y".repeat(1024 * 1024)}"}}`)).status).toBe(413);
  });

  test.each([
    ["no JSON", "{", -32700],
    ["a member twice", '{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}', -32700],
    ["a batch", [rpc("ping")], -32600],
    ["text", '"ping"', -32600],
    ["another version", { jsonrpc: "1.0", id: 1, method: "ping" }, -32600],
    ["a null id", { jsonrpc: "2.0", id: null, method: "ping" }, -32600],
    ["params that are a list", { jsonrpc: "2.0", id: 1, method: "ping", params: [] }, -32600],
  ])("12.3 %s is HTTP 400", async (_, message, code) => {
    const { status, body } = await send(app, "owner", message);
    expect([status, body.error?.code, "id" in body && (body as { id: unknown }).id]).toEqual([400, code, null]);
  });

  test("12.3 methods", async () => {
    expect((await send(app, "owner", rpc("resources/templates/list"))).body.result).toEqual({ resourceTemplates: [] });
    expect((await send(app, "owner", rpc("prompts/list"))).body.result).toEqual({ prompts: [] });
    expect(await send(app, "owner", rpc("sampling/createMessage"))).toMatchObject({ status: 200, body: { error: { code: -32601 } } });
    expect((await send(app, "owner", rpc("tools/call", { arguments: {} }))).body.error?.code).toBe(-32602);
  });
});

describe("server §12.5 tools/list", () => {
  test.each<[Actor, readonly string[]]>([
    ["owner", ["health", ...READS, ...WRITES, "accounts", "rename"]],
    ["reader", ["health", ...READS]],
    ["mainreader", ["health", ...READS]],
    ["invoker", ["health"]],
    ["nobody", ["health"]],
  ])("12.5.1 %s is offered exactly what may succeed", async (actor, expected) => {
    expect(await toolNames(app, actor)).toEqual(expected);
  });

  test("12.4 † query texts only where they are allowed", async () => {
    expect(await toolNames(adHoc, "owner")).toEqual(["health", ...READS, "query", "mutate", ...WRITES, "accounts", "rename"]);
    expect(await toolNames(adHoc, "reader")).toEqual(["health", ...READS, "query"]);
  });

  test("12.5.4 default-deny and open state", async () => {
    await using denied = await startMcp({ runtimeState: "default-deny" }, { allowsAdHoc: true });
    expect(await toolNames(denied, "reader")).toEqual(["health", ...READS, "query"]);
    await using open = await startMcp({ runtimeState: "open" });
    expect(await toolNames(open, undefined)).toEqual(["health", ...READS, ...WRITES, "accounts", "rename"]);
    expect(await toolNames(open, undefined, "/mcp")).toEqual(["health"]);
  });

  test("12.5.5 the schema is changed where no cluster holds it, and the flat mode has both sets at its root", async () => {
    await using flat = await startMcp({ mode: "single" });
    expect(await toolNames(flat, "owner", "/mcp")).toEqual(["health", ...READS, ...WRITES, "schema_apply", "accounts", "rename"]);
    expect((await callTool(flat, "owner", "accounts", {}, "/mcp")).body.result).toMatchObject({ isError: false });
  });

  test("a graph's endpoint has nothing of another graph, the server's nothing of any", async () => {
    expect(await toolNames(app, "owner", "/graphs/kb/mcp")).toEqual(["health", ...READS]);
    expect(await toolNames(app, "owner", "/mcp")).toEqual(["health", "graphs_list"]);
    expect(await toolNames(app, "reader", "/mcp")).toEqual(["health"]);
    expect((await callTool(app, "owner", "graphs_list", {}, "/mcp")).body.result).toMatchObject({ isError: false });
    for (const [actor, name, path] of [["reader", "graphs_list", "/mcp"], ["owner", "schema_get", "/mcp"], ["owner", "accounts", "/graphs/kb/mcp"], ["owner", "graphs_list", "/graphs/crm/mcp"]] as const) {
      expect((await callTool(app, actor, name, {}, path)).body.error).toEqual({ code: -32602, message: "unknown tool" });
    }
  });
});

describe("server §12.6 tools/call", () => {
  test.each<Actor>(["owner", "reader", "invoker", "nobody"])("§13.12 %s may call what the list holds, and nothing else", async (actor) => {
    const listed = await toolNames(app, actor);
    const names = ["health", "graphs_list", ...READS, "query", "mutate", ...WRITES, "schema_apply", "read", "change", "ingest", "task_diff", "accounts", "rename"];
    const answers = await Promise.all(names.map(async (name) => [name, (await callTool(app, actor, name, { branch: "\u0000" })).body.error?.message !== "unknown tool"] as const));
    expect(answers.filter(([, isCallable]) => isCallable).map(([name]) => name)).toEqual(listed);
  });

  test("§13.12 unknown, unexposed, disabled and denied are the same bytes", async () => {
    const answers = await Promise.all([
      callTool(app, "owner", "ghost"),
      callTool(app, "owner", "__proto__"),
      callTool(app, "owner", "query", { query: "query q() { match { $a: Account } return { $a } }" }),
      callTool(app, "owner", "read", { nonsense: 1 }),
      callTool(app, "owner", "schema_apply", { schema_source: "" }),
      callTool(app, "reader", "load", { data: "" }),
      callTool(app, "reader", "load", { nonsense: 1 }),
      callTool(app, "reader", "accounts"),
      callTool(app, "invoker", "accounts"),
      callTool(app, "invoker", "rename", { code: "a" }),
      callTool(app, "nobody", "commits_get"),
      callTool(app, "nobody", "schema_get"),
      callTool(app, "mainreader", "snapshot", { branch: "other" }),
    ]);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 {"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"unknown tool"}}']));
  });

  test("results are the text of the REST answer", async () => {
    const rest = await (await app.call("POST", "/graphs/crm/queries/accounts", { actor: "owner", body: {} })).text();
    const { body } = await callTool(app, "owner", "accounts");
    expect(body.result).toEqual({ content: [{ type: "text", text: rest }], isError: false });
    for (const [name, path] of [["snapshot", "snapshot"], ["branches_list", "branches"], ["commits_list", "commits"]] as const) {
      const answer = await (await app.call("GET", `/graphs/crm/${path}`, { actor: "owner" })).text();
      expect((await callTool(app, "owner", name)).body.result).toMatchObject({ content: [{ text: answer }] });
    }
    const schema = (await app.json("GET", "/graphs/crm/schema", { actor: "owner" })).body["schema_source"];
    expect((await callTool(app, "owner", "schema_get")).body.result).toEqual({ content: [{ type: "text", text: schema }], isError: false });
  });

  test("an answer that is too large for a result is a failure that says what to do", async () => {
    await using large = await startMcp({ runtimeState: "open" }, { allowsAdHoc: true });
    await large.graph.load(`{"type":"Account","data":{"code":"z","name":"${"z".repeat(9_000_000)}"}}`, { mode: "append" });
    const { body } = await callTool(large, undefined, "query", { query: "query q() { match { $a: Account } return { $a.name } }" });
    expect(body.result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("MCP_ANSWER_TOO_LARGE") as string }] });
    expect(large.leaseCount()).toBe(0);
  });

  test("2025-06-18 has the same as an object, with all digits", async () => {
    const source = "query q() { match { $a: Account } return { $a.code, $a.big, $a.spend } order { $a.code asc } limit 1 }";
    const { text } = await send(adHoc, "reader", rpc("tools/call", { name: "query", arguments: { query: source } }), { headers: { "mcp-protocol-version": "2025-06-18" } });
    expect(text).toContain('"rows":[{"a.code":"a","a.big":9007199254740993,"a.spend":4100.5}]');
    expect(text).toContain('\\"a.big\\":9007199254740993');
  });

  test("12.4 names and arguments of the older package are accepted", async () => {
    const { body } = await callTool(adHoc, "owner", "read", { querySource: "query q() { match { $a: Account } return { $a.code } }", queryName: "q" });
    expect(body.result).toMatchObject({ isError: false });
    const head = (await app.json("GET", "/graphs/crm/commits", { actor: "owner" })).body["commits"] as { graph_commit_id: string }[];
    expect((await callTool(app, "owner", "commits_get", { commitId: head[0]?.graph_commit_id })).body.result).toMatchObject({ isError: false });
  });

  test("a failure of the operation is a result with the envelope", async () => {
    const rest = await (await app.call("GET", "/graphs/crm/snapshot?branch=ghost", { actor: "owner" })).text();
    expect((await callTool(app, "owner", "snapshot", { branch: "ghost" })).body.result).toEqual({ content: [{ type: "text", text: rest }], isError: true });
  });

  test.each<[string, object, string]>([
    ["rename", {}, "argument 'code' is missing"],
    ["rename", { code: 1, name: "x" }, "argument 'code' must be a string"],
    ["rename", { code: "a", name: "x", extra: 1 }, "unknown argument 'extra'"],
    ["load", { data: "", mode: "replace" }, "argument 'mode' must be one of merge, append, overwrite"],
    ["commit_changes", { commit_id: "x", limit: 0 }, "argument 'limit' must be at least 1"],
    ["commit_changes", { commit_id: "x", kind: ["edge", "hyperedge"] }, "argument 'kind' has an item, number 2, that must be one of node, edge"],
  ])("step 2: %s with %j names the argument", async (name, args, message) => {
    expect((await callTool(app, "owner", name, args)).body.error).toEqual({ code: -32602, message });
  });

  test("step 4: a write that is not admitted is a result that says when to come back", async () => {
    await using full: TestApp = await startApp({ app: { limits: { inflightPerActorMax: 0 }, mounts: mcpMounts({ allowsAdHoc: false, origins: { allowed: [], isLoopbackBind: true }, fetch: (request) => full.app.fetch(request) }) } });
    const { body } = await callTool(full, "owner", "rename", { code: "a", name: "x" });
    const text = (body.result?.["content"] as { text: string }[])[0]?.text ?? "";
    expect([body.result?.["isError"], JSON.parse(text)]).toMatchObject([true, { code: "too_many_requests", retry_after_seconds: 60 }]);
  });
});

describe("server §12.8 resources", () => {
  const uris = async (actor: Actor, path?: string): Promise<readonly string[]> =>
    ((await send(app, actor, rpc("resources/list"), path === undefined ? {} : { path })).body.result?.["resources"] as { uri: string }[]).map(({ uri }) => uri);

  test("only permitted ones are listed; the others cannot be told from unknown ones", async () => {
    expect(await uris("reader")).toEqual(["omnigraph://schema", "omnigraph://branches"]);
    expect(await uris("nobody")).toEqual([]);
    expect(await uris("owner", "/mcp")).toEqual(["omnigraph://graphs"]);
    const read = (actor: Actor, uri: string): Promise<RpcAnswer> => send(app, actor, rpc("resources/read", { uri }));
    expect((await read("reader", "omnigraph://branches")).body.result).toEqual({ contents: [{ uri: "omnigraph://branches", mimeType: "application/json", text: '["main"]' }] });
    expect((await read("reader", "omnigraph://schema")).body.result).toMatchObject({ contents: [{ mimeType: "text/plain" }] });
    const refusals = await Promise.all([read("nobody", "omnigraph://schema"), read("owner", "omnigraph://ghost"), read("owner", "omnigraph://graphs")]);
    expect(new Set(refusals.map(({ text }) => text)).size).toBe(1);
    expect(refusals[0]?.body.error).toEqual({ code: -32602, message: "unknown resource" });
  });
});

test("the client of the SDK lists and calls over HTTP", async () => {
  const inProcess = (url: string | URL, init?: RequestInit): Promise<Response> => app.app.fetch(new Request(url, init));
  const client = await connectHttp("http://localhost/graphs/crm/mcp", tokenOf("owner"), inProcess);
  expect((await client.listTools()).tools.find(({ name }) => name === "rename")).toMatchObject({
    description: "Stored mutation 'rename'.",
    inputSchema: { required: ["code", "name"], additionalProperties: false },
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
  });
  expect(await client.callTool({ name: "accounts" })).toMatchObject({ structuredContent: { row_count: 2, columns: ["a.code"] } });
  await client.close();
});
