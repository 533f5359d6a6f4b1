import { HttpGraphClient, OmniGraphServer } from "@omnigraphdb/client";
import { CONTRACT_QUERIES, CONTRACT_RECORDS, CONTRACT_SCHEMA, describeGraphClient } from "@omnigraphdb/client/test-support";
import { compileStoredQueries } from "@omnigraphdb/cluster";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { DisposalStack, silentLogger } from "@omnigraphdb/common";
import { Graph } from "@omnigraphdb/engine";
import { makeTempDir } from "@omnigraphdb/testkit";
import { createApp } from "../../src/app.js";
import { TokenTable } from "../../src/auth/token-table.js";
import type { ServingState } from "../../src/serving/serving-state.js";
import { startTestServer } from "../../test-support/index.js";

const TOKEN = "twin-token-8c1f";

const BUNDLE = `version: 1
groups: { team: [act-twin] }
rules:
  - id: everything
    allow: { actors: { group: team }, actions: [read, export, change, schema_apply, branch_create, branch_delete, branch_merge, invoke_query] }
`;

const socket = new DisposalStack();

describeGraphClient({
  name: "HTTP, a server on a socket",
  hasStoredQueries: true,
  actorId: "act-twin",
  async open() {
    const folder = await makeTempDir();
    socket.defer(async () => await folder[Symbol.asyncDispose]());
    const graphs = { contract: { schema: CONTRACT_SCHEMA, data: CONTRACT_RECORDS, queries: CONTRACT_QUERIES } };
    await writeAppliedCluster(folder.path, { graphs, policies: { team: { text: BUNDLE, appliesTo: ["graph.contract"] } } });
    const env = { OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: JSON.stringify({ "act-twin": TOKEN }) };
    const server = await startTestServer({ cluster: folder.path, env });
    socket.defer(async () => {
      await server.stop();
    });
    return new OmniGraphServer({ baseUrl: server.url, token: () => Promise.resolve(TOKEN) }).graph("contract");
  },
  close: () => socket.dispose(),
});

const inProcess = new DisposalStack();

describeGraphClient({
  name: "HTTP, in process",
  hasStoredQueries: true,
  actorId: null,
  async open() {
    const folder = await makeTempDir();
    inProcess.defer(async () => await folder[Symbol.asyncDispose]());
    const uri = `${folder.path}/g.omni`;
    const graph = await Graph.init(uri, CONTRACT_SCHEMA, { settings: { durability: "process" } });
    inProcess.defer(() => graph.close());
    await graph.load(CONTRACT_RECORDS, { mode: "append" });
    const sources = Object.entries(CONTRACT_QUERIES).map(([name, source]) => ({ name, source, toolName: name, isExposed: true }));
    const { registry } = compileStoredQueries(sources, graph.schema.catalog);
    const state: ServingState = {
      mode: "cluster",
      runtimeState: "open",
      graphs: new Map([["g", { graphId: "g", uri, graph, authorizer: undefined, queries: registry }]]),
      setAside: new Map(),
      serverAuthorizer: undefined,
      revision: 1,
    };
    const lease = () => ({ state, [Symbol.dispose]: () => undefined });
    const app = createApp({ serving: { current: state, lease }, tokens: TokenTable.empty, logger: silentLogger, version: "0.0.0" });
    return new HttpGraphClient({ baseUrl: "http://in-process/graphs/g", fetch: (url, init) => app.fetch(new Request(url, init)) });
  },
  close: () => inProcess.dispose(),
});
