import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { silentLogger } from "@omnigraphdb/common";
import { Graph, type GraphSettingsInput } from "@omnigraphdb/engine";
import { StoredQueryRegistry } from "@omnigraphdb/cluster";
import { makeTempDir } from "@omnigraphdb/testkit";
import { onTestFinished } from "vitest";
import { type App, createApp } from "../../src/app.js";
import { requestListener } from "../../src/net/listen.js";
import type { ServerLimits } from "../../src/server-limits.js";
import type { ServingState } from "../../src/serving/serving-state.js";

export interface OneGraph {
  readonly graph: Graph;
  readonly app: App;
  /** How many requests hold the graph open. */
  readonly leaseCount: () => number;
  /** In process. @param path below the graph */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

export interface OneGraphOptions {
  readonly schema: string;
  readonly records?: string;
  readonly limits?: Partial<ServerLimits>;
  readonly settings?: GraphSettingsInput;
}

/** An app in the open state that serves one new graph as `g`. */
export async function serveOneGraph({ schema, records, limits = {}, settings = {} }: OneGraphOptions): Promise<OneGraph> {
  const folder = await makeTempDir();
  const uri = `${folder.path}/g.omni`;
  const graph = await Graph.init(uri, schema, { settings: { durability: "process", ...settings } });
  onTestFinished(async () => {
    await graph.close();
    await folder[Symbol.asyncDispose]();
  });
  if (records !== undefined) await graph.load(records, { mode: "append" });
  const state: ServingState = {
    mode: "cluster",
    runtimeState: "open",
    graphs: new Map([["g", { graphId: "g", uri, graph, authorizer: undefined, queries: StoredQueryRegistry.empty }]]),
    setAside: new Map(),
    serverAuthorizer: undefined,
    revision: null,
  };
  let leaseCount = 0;
  const lease = () => {
    leaseCount++;
    return {
      state,
      [Symbol.dispose]: () => {
        leaseCount--;
      },
    };
  };
  const app = createApp({ serving: { current: state, lease }, tokens: { actorOf: () => undefined }, logger: silentLogger, version: "0.0.0", limits });
  return { graph, app, leaseCount: () => leaseCount, fetch: async (path, init) => app.fetch(new Request(`http://localhost/graphs/g${path}`, init)) };
}

export const json = (body: unknown): RequestInit => ({ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** Over a socket. @returns the address of the graph's routes */
export async function listen({ app }: OneGraph): Promise<string> {
  const server: Server = createServer(requestListener(app));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphs/g`;
}

/** A request whose answer is read, or not, as the test pleases. */
export function openRequest(url: string, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    httpRequest(url, { method: "POST", headers, agent: false }, resolve).once("error", reject).end(body);
  });
}
