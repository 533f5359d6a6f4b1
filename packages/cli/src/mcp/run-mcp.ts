import { HttpGraphClient, OmniGraphServer } from "@omnigraphdb/client";
import type { Logger } from "@omnigraphdb/common";
import { Catalogue, findMcpEndpoint, forwardStdio, type GraphAccess, serveStdio, type ServerAccess, type StdioStreams, TaskBranch } from "@omnigraphdb/mcp";
import { writeActor } from "../actor.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import type { ServerTarget, StoreTarget } from "../addressing/target.js";
import { connectionOptions } from "../client/connection-options.js";
import { openStore } from "../client/open-client.js";
import type { Invocation } from "../command-definition.js";
import type { Io } from "../io.js";
import { warn } from "../notice.js";
import { VERSION } from "../version.js";
import { isShaped, type McpFlags, type McpOptions, mcpOptions, withMcpEnvironment } from "./mcp-options.js";

/** Speaks MCP until stdin ends. Nothing but messages is written to stdout. */
export async function runMcp(given: Invocation<McpFlags>): Promise<void> {
  const { invocation, token } = withMcpEnvironment(given);
  const { io } = invocation;
  const options = mcpOptions(io, invocation.flags);
  const target = await resolveDataTarget(invocation);
  const actor = await writeActor(invocation, target);
  if (target.kind === "store") await serveStore(io, target, options, actor);
  else await serveServer(io, token === undefined ? target : { ...target, token }, options);
}

/** A graph in this process. */
async function serveStore(io: Io, target: StoreTarget, options: McpOptions, actor: string | undefined): Promise<void> {
  await using client = await openStore(io, target, options.isReadOnly ? "ro" : "rw");
  const { INTERNAL_SCHEMA_VERSION } = await import("@omnigraphdb/engine");
  if (!options.allowsAdHoc) await warn(io, "agents cannot run queries of their own here; --allow-adhoc offers tools that do");
  const health = { status: "ok", version: VERSION, internalSchemaVersion: INTERNAL_SCHEMA_VERSION } as const;
  await serve(io, { health: () => Promise.resolve(health) }, { client, uri: target.uri, canApplySchema: true, actor }, options);
}

/** The endpoint of a server, or where it has none, or other tools are wanted, its routes. */
async function serveServer(io: Io, target: ServerTarget, options: McpOptions): Promise<void> {
  const connection = connectionOptions(io, target);
  await using server = new OmniGraphServer({ ...connection, baseUrl: target.baseUrl });
  // Tells at once, and in words, when there is no server.
  await server.health();
  const endpoint = { url: `${target.uri}/mcp`, token: target.token, fetch: connection.fetch, signal: io.signal };
  if (!isShaped(options) && (await findMcpEndpoint(endpoint))) return await forwardStdio(endpoint, streamsOf(io), stderrLogger(io));
  await using client = new HttpGraphClient({ ...connection, baseUrl: target.uri });
  const access: ServerAccess = { health: (call) => server.health(call), graphs: (call) => server.graphs(call) };
  await serve(io, access, { client, uri: target.uri, canApplySchema: true, storedQueries: (call) => client.storedQueries(call) }, options);
}

async function serve(io: Io, server: ServerAccess, graph: GraphAccess, { isReadOnly, allowsAdHoc, branch, task }: McpOptions): Promise<void> {
  const logger = stderrLogger(io);
  const taskBranch = task === undefined ? undefined : new TaskBranch({ client: graph.client, task, base: branch ?? "main", actor: graph.actor });
  const access: GraphAccess = { ...graph, ...(branch === undefined ? {} : { defaultBranch: branch }), ...(taskBranch === undefined ? {} : { taskBranch }) };
  const catalogue = new Catalogue({ server, graph: access, allowsAdHoc, isReadOnly, listsCompatibilityTools: true, logger });
  await serveStdio({ catalogue, version: VERSION, logger }, streamsOf(io));
}

function streamsOf({ stdin, stdout }: Io): StdioStreams {
  return { input: stdin.chunks(), write: (text) => stdout.write(text) };
}

/** Stdout belongs to the protocol. */
function stderrLogger(io: Io): Pick<Logger, "warn" | "error"> {
  const line = (message: string, fields: object = {}): void => {
    // Whoever started this may have closed stderr.
    void warn(io, `${message} ${JSON.stringify(fields)}`).catch(() => undefined);
  };
  return { warn: line, error: line };
}
