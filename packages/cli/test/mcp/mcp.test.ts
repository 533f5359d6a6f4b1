import { type Client, connectHttp, connectStdio } from "@omnigraphdb/mcp/test-support";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { startTestServer } from "@omnigraphdb/server/test-support";
import { makeTempDir, runProcess, startProcess } from "@omnigraphdb/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Library, loadedLibrary, RECORDS, SCHEMA } from "../library.js";
import { BINARY, buildBinary } from "../process/binary.js";
import { servedLibrary, type ServedLibrary, STRANGER_TOKEN, TOKEN } from "../remote/served-library.js";

interface Session extends AsyncDisposable {
  readonly client: Client;
  names(): Promise<readonly string[]>;
  /** The JSON that a tool answers. @throws when the tool fails */
  ok(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Text of a result, failed or not. */
  text(name: string, args?: Record<string, unknown>): Promise<{ readonly isError: boolean; readonly text: string }>;
}

/** `omnigraph mcp …` as a client starts it. */
async function session(args: readonly string[], options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {}): Promise<Session> {
  const client = await connectStdio({ command: process.execPath, args: [BINARY, "mcp", ...args], env: { OMNIGRAPH_DURABILITY: "process", ...options.env }, ...(options.cwd === undefined ? {} : { cwd: options.cwd }) });
  const text: Session["text"] = async (name, given = {}) => {
    const result = await client.callTool({ name, arguments: given });
    return { isError: result.isError === true, text: (result.content as { text: string }[])[0]?.text ?? "" };
  };
  return {
    client,
    text,
    names: async () => (await client.listTools()).tools.map(({ name }) => name),
    async ok(name, given) {
      const answer = await text(name, given);
      if (answer.isError) throw new Error(answer.text);
      return JSON.parse(answer.text) as Record<string, unknown>;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

const READS = ["health", "snapshot", "schema_get", "branches_list", "commits_list", "commits_get", "commit_changes", "diff"];

beforeAll(() => buildBinary(), 120_000);

describe("omnigraph mcp --store", () => {
  let library: Library;
  beforeEach(async () => {
    library = await loadedLibrary();
  });
  afterEach(() => library[Symbol.dispose]());

  test("an agent reads, writes to a branch of its own, looks at the difference, and merges", async () => {
    await using agent = await session(["--store", "g.omni", "--allow-adhoc", "--branch-per-task", "shelf", "--as", "agent-7"], { cwd: library.directory });
    expect(await agent.names()).toEqual([...READS, "query", "mutate", "load", "task_diff", "task_merge", "task_discard", "read", "change", "ingest"]);
    expect((await agent.text("schema_get")).text).toBe(SCHEMA);
    expect(await agent.text("task_diff")).toMatchObject({ isError: true, text: expect.stringContaining("NO_TASK_BRANCH") as string });
    const add = "query add($handle: String, $name: String) { insert Author { handle: $handle, name: $name } }";
    const written = await agent.ok("mutate", { query: add, params: { handle: "dee", name: "Dee" } });
    expect(written["branch"]).toMatch(/^mcp\/shelf-[0-9A-HJKMNP-TV-Z]{26}$/);
    await agent.ok("load", { data: '{"type":"Author","data":{"handle":"eve","name":"Eve"}}' });
    const count = "query authors() { match { $a: Author } return { count($a) as n } }";
    expect(await agent.ok("query", { query: count })).toMatchObject({ target: { branch: written["branch"] }, rows: [{ n: 5 }] });
    expect(await agent.ok("query", { query: count, branch: "main" })).toMatchObject({ rows: [{ n: 3 }] });
    expect(await agent.ok("task_diff")).toMatchObject({ stats: { inserts: 2, updates: 0, deletes: 0 } });
    await library.succeed("load", "g.omni", "--data", library.write("other.jsonl", '{"type":"Author","data":{"handle":"fox","name":"Fox"}}\n'), "--mode", "append");
    expect(await agent.ok("task_diff")).toMatchObject({ stats: { inserts: 2 } });
    expect(await agent.ok("task_merge")).toMatchObject({ target: "main", outcome: "merged", actor_id: "agent-7", branch_deleted: true });
    expect(await agent.ok("branches_list")).toEqual({ branches: ["main"] });
    expect(await agent.ok("query", { query: count })).toMatchObject({ target: { branch: "main" }, rows: [{ n: 6 }] });
    const again = await agent.ok("mutate", { query: add, params: { handle: "gil", name: "Gil" } });
    expect(again["branch"]).not.toBe(written["branch"]);
    expect(await agent.ok("task_discard")).toMatchObject({ name: again["branch"] });
    expect(await agent.ok("query", { query: count })).toMatchObject({ rows: [{ n: 6 }] });
  });

  test("with a branch of its own nothing else can be written, and writes at the same time share it", async () => {
    await using agent = await session(["--store", "g.omni", "--allow-adhoc", "--branch-per-task"], { cwd: library.directory });
    const insert = (handle: string): Promise<Record<string, unknown>> => agent.ok("mutate", { query: `query q() { insert Author { handle: "${handle}", name: "n" } }` });
    const branches = (await Promise.all(["x1", "x2", "x3"].map(insert))).map(({ branch }) => branch);
    expect([new Set(branches).size, String(branches[0])]).toEqual([1, expect.stringMatching(/^mcp\/session-/)]);
    await expect(agent.client.callTool({ name: "mutate", arguments: { query: "query q() { insert Author { handle: \"y\", name: \"n\" } }", branch: "main" } })).rejects.toThrow("unknown argument 'branch'");
    for (const name of ["branches_merge", "branches_create", "schema_apply"]) await expect(agent.client.callTool({ name })).rejects.toThrow("unknown tool");
  });

  test("a merge with conflicts lists them and leaves both sides as they were", async () => {
    await using agent = await session(["--store", "g.omni", "--allow-adhoc", "--branch-per-task"], { cwd: library.directory });
    const rate = (rating: number): string => `query q() { update Author set { rating: ${rating}.0 } where handle = "ada" }`;
    await agent.ok("mutate", { query: rate(1) });
    await library.succeed("mutate", "--store", "g.omni", "-e", rate(2));
    const before = await library.state();
    expect(await agent.text("task_merge")).toMatchObject({ isError: true, text: expect.stringContaining('"merge_conflicts":[{') as string });
    expect(await library.state()).toBe(before);
    expect(await agent.ok("task_diff")).toMatchObject({ stats: { updates: 1 } });
    await agent.ok("task_discard");
  });

  test("--read-only has no tool that changes anything; without --allow-adhoc there are no query texts", async () => {
    await using reader = await session(["--store", "g.omni", "--allow-adhoc", "--read-only"], { cwd: library.directory });
    expect(await reader.names()).toEqual([...READS, "query", "read"]);
    await expect(reader.client.callTool({ name: "load", arguments: { data: "" } })).rejects.toThrow("unknown tool");
    await using plain = await session(["--store", "g.omni"], { cwd: library.directory });
    expect(await plain.names()).toEqual([...READS, "load", "branches_create", "branches_delete", "branches_merge", "schema_apply", "ingest"]);
  });

  test("resources, structured content, and the texts of the REST answers", async () => {
    await using agent = await session(["--store", "g.omni", "--allow-adhoc"], { cwd: library.directory });
    expect((await agent.client.listResources()).resources.map(({ uri }) => uri)).toEqual(["omnigraph://schema", "omnigraph://branches"]);
    expect((await agent.client.readResource({ uri: "omnigraph://schema" })).contents).toMatchObject([{ text: SCHEMA }]);
    const result = await agent.client.callTool({ name: "read", arguments: { querySource: 'query q() { match { $a: Author { handle: "ada" } } return { $a.followers, $a.rating } }' } });
    expect(result.structuredContent).toMatchObject({ row_count: 1 });
    expect((result.content as { text: string }[])[0]?.text).toContain('"rows":[{"a.followers":9223372036854775807,"a.rating":4.5}]');
    expect(await agent.text("snapshot", { branch: "ghost" })).toMatchObject({ isError: true, text: expect.stringContaining("ghost") as string });
  });

  test("only messages on stdout; requests that came before the end of stdin are answered", async () => {
    const lines = ["{", "[]", '{"jsonrpc":"2.0","method":"notifications/initialized"}', '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}', "", '{"jsonrpc":"2.0","id":"two","method":"tools/call","params":{"name":"branches_list"}}'];
    const { exitCode, stdout, stderr } = await runProcess(BINARY, { args: ["mcp", "--store", "g.omni"], cwd: library.directory, stdin: lines.join("\r\n") });
    expect(exitCode).toBe(0);
    const answers = stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as { id: unknown; error?: { code: number } });
    expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([[null, -32700], [null, -32600], [1, undefined], ["two", undefined]]);
    expect(stderr).toContain("--allow-adhoc");
  });

  test("a signal ends it without a word about what it did before", async () => {
    await using running = startProcess(BINARY, { args: ["mcp", "--store", "g.omni", "--allow-adhoc"], cwd: library.directory });
    running.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
    await running.waitForOutput("\n");
    expect(await running.kill("SIGTERM")).toMatchObject({ stdout: '{"result":{},"jsonrpc":"2.0","id":1}\n', stderr: "" });
  });

  test("what cannot be served is refused before a message", async () => {
    for (const [args, exitCode, message] of [[["--store", "nowhere.omni"], 1, "nowhere.omni"], [["--store", "g.omni", "--branch-per-task", "a/b"], 2, "a/b"], [["--store", "g.omni", "--branch-per-task", "x", "--read-only"], 2, "read-only"], [["--server", "http://127.0.0.1:9", "--graph", "x"], 1, "127.0.0.1:9"]] as const) {
      const captured = await library.run(["mcp", ...args]);
      expect([captured.exitCode, captured.stdout]).toEqual([exitCode, ""]);
      expect(captured.stderr).toContain(message);
    }
  });
});

describe("omnigraph mcp --server", () => {
  let served: ServedLibrary;
  beforeAll(async () => {
    served = await servedLibrary();
  });
  afterAll(() => served[Symbol.asyncDispose]());
  const environment = (token: string): Readonly<Record<string, string>> => ({ OMNIGRAPH_BEARER_TOKEN: token });

  test("§13.12 forwards to the endpoint of the server, whose list follows the policy", async () => {
    await using agent = await session(["--server", served.server.url, "--graph", "library"], { env: environment(TOKEN) });
    expect(await agent.names()).toEqual([...READS, "load", "branches_create", "branches_delete", "branches_merge", "add", "authors", "named", "rate", "ingest"]);
    expect(await agent.ok("named", { name: "Ada" })).toMatchObject({ rows: [{ handle: "ada" }] });
    expect(await agent.ok("branches_create", { name: "draft" })).toMatchObject({ name: "draft", from: "main" });
    expect(await agent.ok("add", { handle: "kim", name: "Kim", _branch: "draft" })).toMatchObject({ branch: "draft", actor_id: "act-librarian" });
    expect(await agent.ok("ingest", { branch: "draft", mode: "merge", data: RECORDS[0] as string })).toMatchObject({ branch: "draft" });
    expect(await agent.ok("diff", { from: "main", to: "draft" })).toMatchObject({ stats: { inserts: 1 } });
    expect(await agent.ok("branches_merge", { source: "draft", delete_branch: true })).toMatchObject({ target: "main", branch_deleted: true });
    expect(await agent.ok("authors")).toMatchObject({ row_count: 4 });
    await using stranger = await session(["--server", served.server.url, "--graph", "library"], { env: environment(STRANGER_TOKEN) });
    expect(await stranger.names()).toEqual(["health"]);
    await expect(stranger.client.callTool({ name: "authors" })).rejects.toThrow("unknown tool");
  });

  test("with options of its own it works over the routes, and the server decides", async () => {
    await using agent = await session(["--server", served.server.url, "--graph", "library", "--allow-adhoc", "--branch-per-task", "rates"], { env: environment(TOKEN) });
    expect(await agent.names()).toEqual(["health", "graphs_list", ...READS.slice(1), "query", "mutate", "load", "task_diff", "task_merge", "task_discard", "read", "change", "ingest", "add", "authors", "named", "rate"]);
    expect(await agent.ok("rate", { handle: "bo", rating: 2.5 })).toMatchObject({ branch: expect.stringMatching(/^mcp\/rates-/) as string });
    expect(await agent.ok("authors")).toMatchObject({ target: { branch: expect.stringMatching(/^mcp\/rates-/) as string } });
    expect(await agent.ok("task_diff")).toMatchObject({ stats: { updates: 1 } });
    expect(await agent.ok("task_merge")).toMatchObject({ outcome: expect.stringMatching(/merged|fast_forward/) as string });
    await using stranger = await session(["--server", served.server.url, "--graph", "library", "--allow-adhoc"], { env: environment(STRANGER_TOKEN) });
    for (const name of ["query", "authors", "schema_get"]) await expect(stranger.client.callTool({ name, arguments: name === "query" ? { query: "query q() { match { $a: Author } return { $a.name } }" } : {} })).rejects.toThrow("unknown tool");
  });

  test("12.1 the variables of the older package, and the routes where MCP is switched off", async () => {
    await using off = await startTestServer({ cluster: served.root, env: { OMNIGRAPH_MCP: "0", OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: JSON.stringify({ "act-librarian": TOKEN }) } });
    await using agent = await session([], { env: { OMNIGRAPH_BASE_URL: `${off.url}/graphs/library`, OMNIGRAPH_TOKEN: TOKEN } });
    expect(await agent.names()).toContain("graphs_list");
    expect(await agent.ok("named", { name: "Bo" })).toMatchObject({ row_count: 1 });
    await using other = await session([], { env: { OMNIGRAPH_BASE_URL: served.server.url, OMNIGRAPH_GRAPH: "library", OMNIGRAPH_TOKEN: TOKEN } });
    expect(await other.names()).not.toContain("graphs_list");
  });

  test("a server that goes away is the error of a call, not the end of the process", async () => {
    const env = { OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: JSON.stringify({ "act-librarian": TOKEN }) };
    await using leaving = await startTestServer({ cluster: served.root, env });
    await using agent = await session(["--server", leaving.url, "--graph", "library"], { env: environment(TOKEN) });
    expect(await agent.ok("branches_list")).toMatchObject({ branches: ["main"] });
    await leaving.stop();
    await expect(agent.client.callTool({ name: "branches_list" })).rejects.toThrow("the server did not answer");
    await using back = await startTestServer({ cluster: served.root, env, args: ["--bind", new URL(leaving.url).host] });
    expect(await agent.ok("branches_list")).toMatchObject({ branches: ["main"] });
    expect(back.url).toBe(leaving.url);
  });

  test("the client of the SDK over a socket", async () => {
    const client = await connectHttp(`${served.server.url}/graphs/library/mcp`, TOKEN);
    const listed = (await client.listTools()).tools.map(({ name }) => name);
    expect(listed).toContain("authors");
    expect(await client.callTool({ name: "named", arguments: { name: "Ada" } })).toMatchObject({ isError: false, structuredContent: { row_count: 1 } });
    await client.close();
    await expect(connectHttp(`${served.server.url}/graphs/library/mcp`, undefined)).rejects.toThrow();
  });

  test("a token or a graph that the server does not know is said before a message", async () => {
    for (const [graph, token, message] of [["library", "nobody", "token"], ["ghost", TOKEN, "ghost"]] as const) {
      const { exitCode, stdout, stderr } = await served.run(["mcp", "--server", served.server.url, "--graph", graph], { env: environment(token) });
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(message);
    }
  });
});

test("every kind of parameter is a typed argument (server.md 12.7)", async () => {
  await using folder = await makeTempDir();
  const schema = "node Thing {\n    key: String @key\n    count: I64?\n    small: I32?\n    ratio: F64?\n    isOn: Bool?\n    day: Date?\n    at: DateTime?\n    tags: [String]?\n    place: Vector(2)?\n    file: Blob?\n}\n";
  const query = 'query put($key: String, $count: I64, $small: I32, $ratio: F64, $on: Bool, $day: Date, $at: DateTime, $tags: [String], $place: Vector(2), $file: Blob, $note: String?) @description("Puts a thing.") @instruction("Use the key of the shelf.") { insert Thing { key: $key, count: $count, small: $small, ratio: $ratio, isOn: $on, day: $day, at: $at, tags: $tags, place: $place, file: $file } }';
  const take = "query health($_branch: String) { match { $t: Thing { key: $_branch } } return { $t.count, $t.tags, $t.place } }";
  await writeAppliedCluster(folder.path, { graphs: { things: { schema, queries: { put: query, health: take } } } });
  await using server = await startTestServer({ cluster: folder.path, args: ["--unauthenticated"] });
  await using agent = await session(["--server", server.url, "--graph", "things"]);
  const tools = (await agent.client.listTools()).tools;
  const put = tools.find(({ name }) => name === "put");
  expect(put).toMatchObject({
    description: "Puts a thing.\n\nUse the key of the shelf.",
    inputSchema: {
      required: ["key", "count", "small", "ratio", "on", "day", "at", "tags", "place", "file"],
      properties: {
        key: { type: "string" },
        count: { type: "string", pattern: "^-?\\d+$" },
        small: { type: "integer" },
        ratio: { type: "number" },
        on: { type: "boolean" },
        day: { type: "string", format: "date" },
        at: { type: "string", format: "date-time" },
        tags: { type: "array", items: { type: "string" } },
        place: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 2 },
        file: { type: "string" },
        note: { type: ["string", "null"] },
        _branch: { type: "string" },
      },
    },
  });
  const args = { key: "k", count: "9223372036854775807", small: 3, ratio: 1, on: true, day: "2026-01-02", at: "2026-01-02T03:04:05Z", tags: ["a"], place: [0.5, 1], file: "base64:aGk=", note: null };
  expect(await agent.ok("put", args)).toMatchObject({ affected_nodes: 1 });
  await expect(agent.client.callTool({ name: "put", arguments: { ...args, place: [1] } })).rejects.toThrow("argument 'place' must have 2 items");
  await expect(agent.client.callTool({ name: "put", arguments: { ...args, count: "1.5" } })).rejects.toThrow("argument 'count'");
  expect((await agent.text("query_health", { _branch: "k" })).text).toContain('"rows":[{"t.count":9223372036854775807,"t.tags":["a"],"t.place":[0.5,1.0]}]');
  expect(server.logs.filter(({ message }) => message.includes("built-in MCP tool"))).toHaveLength(1);
});
