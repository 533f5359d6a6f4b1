import { compileStoredQueries } from "@omnigraphdb/cluster";
import type { Authorizer, Logger, PolicyDecision, PolicyRequest } from "@omnigraphdb/common";
import { Graph } from "@omnigraphdb/engine";
import { type CompiledPolicy, compilePolicy, parsePolicyBundle } from "@omnigraphdb/policy";
import { makeScratchDir } from "@omnigraphdb/testkit";
import { type App, createApp } from "../../src/app.js";
import { TokenTable } from "../../src/auth/token-table.js";
import { mcpMounts } from "../../src/mcp/mcp-mounts.js";
import type { ServedGraph, ServingState } from "../../src/serving/serving-state.js";

const EVERYTHING: Authorizer = { decide: () => ({ isAllowed: true, matchedRuleId: null, message: "" }), mayEver: () => true };

/** A bundle that a test puts in place of another: the gate of the server and of the engine at once. */
export class CurrentPolicy implements Authorizer {
  readonly #kind: "graph" | "server";
  readonly #logger: Logger;
  #policy: Authorizer = EVERYTHING;
  #compiled: CompiledPolicy | undefined;

  constructor(kind: "graph" | "server", logger: Logger) {
    this.#kind = kind;
    this.#logger = logger;
  }

  set(bundle: string): void {
    this.#compiled?.[Symbol.dispose]();
    this.#compiled = compilePolicy(parsePolicyBundle(bundle, { kind: this.#kind, source: "test" }), { logger: this.#logger });
    this.#policy = this.#compiled;
  }

  /** What the test itself does, whatever the bundle says. */
  async withoutAny<T>(run: () => Promise<T>): Promise<T> {
    const policy = this.#policy;
    this.#policy = EVERYTHING;
    try {
      return await run();
    } finally {
      this.#policy = policy;
    }
  }

  decide(actor: string, request: PolicyRequest): PolicyDecision {
    return this.#policy.decide(actor, request);
  }

  mayEver(actor: string, action: PolicyRequest["action"]): boolean {
    return this.#policy.mayEver(actor, action);
  }
}

export interface Call {
  readonly method: string;
  /** Below `/graphs/{graph_id}`. */
  readonly path: string;
  /** Sent as JSON; text as records. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** All of them but the id of the request. */
  readonly headers: readonly (readonly [string, string])[];
}

export interface PolicedGraph {
  readonly id: string;
  readonly graph: Graph;
  readonly policy: CurrentPolicy;
}

export interface PolicyAppOptions {
  readonly graphIds: readonly string[];
  readonly actors: readonly string[];
  readonly schema: string;
  readonly data: string;
  /** Texts of queries by name. */
  readonly queries: Readonly<Record<string, string>>;
  /** Whether bundles are bound at all; default true. Without, tokens alone let actors in, and the bundles decide nothing. */
  readonly hasBundles?: boolean;
}

export const tokenOf = (actor: string): string => `token-of-${actor}`;

/** An app over several graphs, each with a bundle of its own that may be replaced, with MCP and no socket. */
export class PolicyApp implements AsyncDisposable {
  readonly graphs: readonly PolicedGraph[];
  readonly serverPolicy: CurrentPolicy;
  /** Everything that was logged, as text. */
  readonly logLines: readonly string[];
  readonly #app: App;
  readonly #scratch: AsyncDisposable;

  private constructor(graphs: readonly PolicedGraph[], serverPolicy: CurrentPolicy, logLines: readonly string[], app: App, scratch: AsyncDisposable) {
    this.graphs = graphs;
    this.serverPolicy = serverPolicy;
    this.logLines = logLines;
    this.#app = app;
    this.#scratch = scratch;
  }

  static async start({ graphIds, actors, schema, data, queries, hasBundles = true }: PolicyAppOptions): Promise<PolicyApp> {
    const scratch = await makeScratchDir();
    const logLines: string[] = [];
    const logger = collecting(logLines);
    const graphs: PolicedGraph[] = [];
    for (const id of graphIds) {
      const policy = new CurrentPolicy("graph", logger);
      const graph = await Graph.init(`${scratch.path}/${id}`, schema, { settings: { durability: "process", lease: { isEnabled: false } }, components: { ...(hasBundles ? { authorizer: policy } : {}), logger } });
      await graph.load(data, { mode: "append", actor: "setup" });
      graphs.push({ id, graph, policy });
    }
    const sources = Object.entries(queries).map(([name, source]) => ({ name, source, toolName: name, isExposed: true }));
    const served = graphs.map(({ id, graph, policy }): [string, ServedGraph] => {
      const { registry } = compileStoredQueries(sources, graph.schema.catalog);
      return [id, { graphId: id, uri: graph.uri, graph, authorizer: hasBundles ? policy : undefined, queries: registry }];
    });
    const serverPolicy = new CurrentPolicy("server", logger);
    const state: ServingState = { mode: "cluster", runtimeState: hasBundles ? "policy" : "default-deny", graphs: new Map(served), setAside: new Map(), serverAuthorizer: hasBundles ? serverPolicy : undefined, revision: 1 };
    const serving = { current: state, lease: () => ({ state, [Symbol.dispose]: (): void => undefined }) };
    const mounts = mcpMounts({ allowsAdHoc: true, origins: { allowed: [], isLoopbackBind: true }, fetch: (request) => app.fetch(request) });
    const app: App = createApp({ serving, tokens: new TokenTable(actors.map((actor) => [actor, tokenOf(actor)])), logger, version: "1.0.0", mounts });
    return new PolicyApp(graphs, serverPolicy, logLines, app, scratch);
  }

  /** @param address what stands before the path: a graph's, or the server's, which is empty */
  async send(actor: string, address: string, { method, path, body, headers }: Call): Promise<Answer> {
    const isText = typeof body === "string";
    const response = await this.#app.fetch(
      new Request(`http://localhost${address}${path}`, {
        method,
        headers: { authorization: `Bearer ${tokenOf(actor)}`, "x-actor-id": "actor-ann", ...(body === undefined ? {} : { "content-type": isText ? "application/x-ndjson" : "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      }),
    );
    return { status: response.status, text: await response.text(), headers: [...response.headers].filter(([name]) => name !== "x-request-id") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { graph } of this.graphs) await graph.close();
    await this.#scratch[Symbol.asyncDispose]();
  }
}

function collecting(lines: string[]): Logger {
  const line = (level: string) => (message: string, fields?: object): void => void lines.push(JSON.stringify({ level, message, ...fields }));
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
