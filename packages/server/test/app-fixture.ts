import { compileStoredQueries, StoredQueryRegistry } from "@omnigraphdb/cluster";
import type { Authorizer, Logger } from "@omnigraphdb/common";
import { Graph } from "@omnigraphdb/engine";
import { compilePolicy, parsePolicyBundle } from "@omnigraphdb/policy";
import { makeTempDir } from "@omnigraphdb/testkit";
import { type App, type AppOptions, createApp } from "../src/app.js";
import { TokenTable } from "../src/auth/token-table.js";
import type { RuntimeState, ServedGraph, ServingMode, ServingState, SetAsideGraph } from "../src/serving/serving-state.js";

const SCHEMA = `
node Account {
    code: String @key
    name: String?
    spend: F64?
    big: I64?
    logo: Blob?
}
edge Owns: Account -> Account { since: Date? }
`;

const DATA: string = [
  '{"type":"Account","data":{"code":"a","name":"Ann","spend":4100.5,"big":9007199254740993,"logo":"base64:aGVsbG8="}}',
  '{"type":"Account","data":{"code":"b","name":"Bob","spend":1}}',
  '{"edge":"Owns","from":"a","to":"b"}',
].join("\n");

/** Who may do what; actors and their tokens are the same word with a suffix. */
const POLICY = `
version: 1
groups:
  readers: [reader]
  mainreaders: [mainreader]
  owners: [owner]
  invokers: [invoker]
protected_branches: [main]
rules:
  - { id: read, allow: { actors: { group: readers }, actions: [read] } }
  - { id: read-main, allow: { actors: { group: mainreaders }, actions: [read], branch_scope: protected } }
  - { id: own, allow: { actors: { group: owners }, actions: [read, change, export, schema_apply, branch_create, branch_delete, branch_merge, invoke_query] } }
  - { id: invoke, allow: { actors: { group: invokers }, actions: [invoke_query] } }
`;

const SERVER_POLICY = `
version: 1
groups: { owners: [owner] }
rules:
  - { id: list, allow: { actors: { group: owners }, actions: [graph_list] } }
`;

export const ACTORS = ["owner", "reader", "mainreader", "invoker", "nobody"] as const;
export type Actor = (typeof ACTORS)[number];

export const tokenOf = (actor: Actor): string => `${actor}-token-5f2c`;

export interface FixtureOptions {
  readonly mode?: ServingMode;
  readonly runtimeState?: RuntimeState;
  /** Whether a bundle is bound to the cluster, in state `policy`; default true. */
  readonly hasServerPolicy?: boolean;
  /** `kb`, without a policy and without stored queries. */
  readonly hasSecondGraph?: boolean;
  readonly setAside?: readonly SetAsideGraph[];
  readonly app?: Partial<AppOptions>;
}

export interface Call {
  readonly actor?: Actor;
  /** Sent as JSON, unless it is text or bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface TestApp extends AsyncDisposable {
  readonly app: App;
  readonly graph: Graph;
  readonly logLines: string[];
  readonly state: ServingState;
  /** States that requests still hold. */
  leaseCount(): number;
  call(method: string, path: string, call?: Call): Promise<Response>;
  /** Status and parsed body. */
  json(method: string, path: string, call?: Call): Promise<{ readonly status: number; readonly body: Record<string, unknown>; readonly headers: Headers }>;
}

/** An app over a real graph, `crm`, and no socket. */
export async function startApp(options: FixtureOptions = {}): Promise<TestApp> {
  const { mode = "cluster", runtimeState = "policy", hasServerPolicy = true, hasSecondGraph = false, setAside = [] } = options;
  const directory = await makeTempDir();
  const policy = runtimeState === "policy" ? compilePolicy(parsePolicyBundle(POLICY, { kind: "graph", source: "data" }), { graphId: "crm" }) : undefined;
  const crm = await serveGraph(`${directory.path}/crm.omni`, "crm", policy);
  const graphs = hasSecondGraph ? [crm, await serveGraph(`${directory.path}/kb.omni`, "kb", undefined)] : [crm];
  const state: ServingState = {
    mode,
    runtimeState,
    graphs: new Map(graphs.map((served) => [served.graphId, served])),
    setAside: new Map(setAside.map((graph) => [graph.graphId, graph])),
    serverAuthorizer: runtimeState === "policy" && hasServerPolicy ? compilePolicy(parsePolicyBundle(SERVER_POLICY, { kind: "server", source: "control" })) : undefined,
    revision: 1,
  };
  const logLines: string[] = [];
  let leases = 0;
  const serving = {
    current: state,
    lease: () => {
      leases++;
      return {
        state,
        [Symbol.dispose](): void {
          leases--;
        },
      };
    },
  };
  const tokens = new TokenTable(ACTORS.map((actor) => [actor, tokenOf(actor)]));
  const app = createApp({ serving, tokens, logger: collecting(logLines), version: "9.9.9", ...options.app });
  const call = async (method: string, path: string, { actor, body, headers = {}, signal }: Call = {}): Promise<Response> => {
    const isRaw = typeof body === "string" || body instanceof Uint8Array;
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: { ...(actor === undefined ? {} : { authorization: `Bearer ${tokenOf(actor)}` }), ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    return app.fetch(request);
  };
  return {
    app,
    graph: crm.graph,
    logLines,
    state,
    leaseCount: () => leases,
    call,
    async json(method, path, request) {
      const response = await call(method, path, request);
      const text = await response.text();
      return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>, headers: response.headers };
    },
    async [Symbol.asyncDispose]() {
      for (const { graph } of graphs) await graph.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const STORED: Readonly<Record<string, string>> = {
  accounts: `query accounts() @description("All accounts") {
    match { $a: Account }
    return { $a.code }
    order { $a.code asc }
}`,
  rename: `query rename($code: String, $name: String) { update Account set { name: $name } where code = $code }`,
};

async function serveGraph(uri: string, graphId: string, authorizer: Authorizer | undefined): Promise<ServedGraph> {
  const settings = { durability: "process" } as const;
  const graph = await Graph.init(uri, SCHEMA, { settings, ...(authorizer === undefined ? {} : { components: { authorizer } }) });
  await graph.load(DATA, { mode: "append", actor: "owner" });
  const sources = Object.entries(STORED).map(([name, source]) => ({ name, source, toolName: name, isExposed: true }));
  const { registry, breakages } = compileStoredQueries(sources, graph.schema.catalog);
  if (breakages.length > 0) throw new Error(JSON.stringify(breakages));
  return { graphId, uri, graph, authorizer, queries: graphId === "crm" ? registry : StoredQueryRegistry.empty };
}

function collecting(lines: string[]): Logger {
  const line = (level: string) => (message: string, fields?: object): void => void lines.push(JSON.stringify({ level, message, ...fields }));
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
