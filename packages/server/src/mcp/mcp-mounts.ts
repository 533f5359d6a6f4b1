/**
 * MCP at the server (server.md §12): one message per POST, no session. A call of a tool is a request to this very app with the caller's
 * own token: whatever the routes check, admit and refuse, they do here.
 */
import { stringifyJson, UnsupportedMediaTypeError } from "@omnigraphdb/api-types";
import { type FetchLike, HttpGraphClient, OmniGraphServer } from "@omnigraphdb/client";
import type { Logger } from "@omnigraphdb/common";
import { answerRequest, Catalogue, DEFAULT_PROTOCOL_VERSION, type GraphAccess, PROTOCOL_VERSIONS, readMessage } from "@omnigraphdb/mcp";
import { HttpResponse } from "../http/http-response.js";
import { readBody } from "../http/read-body.js";
import { REQUEST_ID_HEADER } from "../http/request-id.js";
import { JSON_TYPE } from "../http/responses.js";
import type { GraphRequestContext, RequestContext } from "../request-context.js";
import type { Mount } from "../routes/mount.js";
import { BODY_BYTES_MAX } from "../server-limits.js";
import type { ServedGraph } from "../serving/serving-state.js";
import { boundedAnswer } from "./bounded-answer.js";
import { isOriginAllowed, type OriginRule } from "./origin.js";
import { RequestPermissions } from "./permissions.js";

export interface McpMountOptions {
  readonly allowsAdHoc: boolean;
  readonly origins: OriginRule;
  /** The app that the mounts are part of. */
  readonly fetch: (request: Request) => Promise<Response>;
}

/** In the flat mode both stand at one path, and the first one answers. */
export function mcpMounts(options: McpMountOptions): readonly Mount[] {
  const endpoint = new McpEndpoint(options);
  const common = { method: "POST", path: "/mcp", challenges: true };
  return [
    { ...common, operationId: "mcp_graph", scope: "graph", handler: (context) => endpoint.answer(context, context) },
    { ...common, operationId: "mcp_server", scope: "server", handler: (context) => endpoint.answer(context, undefined) },
  ];
}

/** Where requests inside the process are addressed to; nothing resolves it. */
const INNER_ORIGIN = "http://omnigraph.invalid";

class McpEndpoint {
  readonly #options: McpMountOptions;
  /** What was warned about, by registry of stored queries: a list of tools is asked for often. */
  readonly #warned = new WeakMap<object, Set<string>>();

  constructor(options: McpMountOptions) {
    this.#options = options;
  }

  /** @throws BodyTooLargeError, UnsupportedMediaTypeError, CancelledError */
  async answer(context: RequestContext, graph: GraphRequestContext | undefined): Promise<HttpResponse> {
    const { headers } = context.request;
    if (!isOriginAllowed(headers.get("origin"), this.#options.origins)) return new HttpResponse(null, { status: 403 });
    if (!isJson(headers.get("content-type"))) throw new UnsupportedMediaTypeError(JSON_TYPE, headers.get("content-type"));
    const bytes = await readBody(context.request, { resource: "request_body_bytes", bytesMax: BODY_BYTES_MAX });
    const incoming = readMessage(bytes);
    if (incoming.kind === "refused") return json(incoming.answer, 400);
    const protocolVersion = headers.get("mcp-protocol-version") ?? DEFAULT_PROTOCOL_VERSION;
    const isInitialize = incoming.kind === "request" && incoming.message.method === "initialize";
    // What is spoken from now on, the body of `initialize` says (server.md 12.2.3).
    if (!isInitialize && !PROTOCOL_VERSIONS.includes(protocolVersion)) return unsupportedVersion();
    if (incoming.kind !== "request") return new HttpResponse(null, { status: 202 });
    await using clients = this.#clientsOf(context, graph);
    const catalogue = this.#catalogueOf(clients, context, graph);
    return json(await answerRequest(incoming.message, { catalogue, version: context.services.version, protocolVersion, logger: context.log }, context.signal));
  }

  #catalogueOf({ server, graph: client }: Clients, context: RequestContext, graph: GraphRequestContext | undefined): Catalogue {
    const options = { allowsAdHoc: this.#options.allowsAdHoc, permissions: new RequestPermissions(context, graph), logger: this.#loggerOf(context.log, graph?.served) };
    if (client === undefined || graph === undefined) return new Catalogue({ ...options, server });
    const { served, state } = graph;
    const access: GraphAccess = {
      client,
      uri: served.uri,
      storedQueries: async () => served.queries.list().filter(({ isExposed }) => isExposed),
      canApplySchema: state.mode !== "cluster",
    };
    return new Catalogue({ ...options, server: { health: (call) => server.health(call) }, graph: access });
  }

  #clientsOf(context: RequestContext, graph: GraphRequestContext | undefined): Clients {
    const fetch = this.#innerFetch(context);
    const server = new OmniGraphServer({ baseUrl: INNER_ORIGIN, fetch });
    const path = graph === undefined || graph.state.mode === "single" ? "" : `/graphs/${encodeURIComponent(graph.served.graphId)}`;
    const client = graph === undefined ? undefined : new HttpGraphClient({ baseUrl: INNER_ORIGIN + path, fetch });
    return {
      server,
      graph: client,
      async [Symbol.asyncDispose]() {
        await client?.[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  }

  /** Requests of the same caller, under the same id. */
  #innerFetch({ request, requestId }: RequestContext): FetchLike {
    const authorization = request.headers.get("authorization");
    return async (url, init) => {
      const headers = new Headers(init.headers);
      headers.set(REQUEST_ID_HEADER, requestId);
      if (authorization !== null) headers.set("authorization", authorization);
      return boundedAnswer(await this.#options.fetch(new Request(url, { ...init, headers })));
    };
  }

  #loggerOf(log: Logger, served: ServedGraph | undefined): Pick<Logger, "warn" | "error"> {
    return {
      error: (message, fields) => log.error(message, fields),
      warn: (message, fields) => {
        if (served !== undefined && !this.#isNew(served.queries, JSON.stringify([message, fields]))) return;
        log.warn(message, { ...fields, graph_id: served?.graphId });
      },
    };
  }

  #isNew(registry: object, warning: string): boolean {
    const given = this.#warned.get(registry) ?? new Set<string>();
    this.#warned.set(registry, given);
    const isNew = !given.has(warning);
    given.add(warning);
    return isNew;
  }
}

interface Clients extends AsyncDisposable {
  readonly server: OmniGraphServer;
  readonly graph: HttpGraphClient | undefined;
}

function isJson(contentType: string | null): boolean {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() === JSON_TYPE;
}

function json(message: object, status = 200): HttpResponse {
  return new HttpResponse(stringifyJson(message), { status, headers: { "content-type": JSON_TYPE } });
}

function unsupportedVersion(): HttpResponse {
  return json({ jsonrpc: "2.0", id: null, error: { code: -32600, message: `unsupported MCP-Protocol-Version; supported: ${PROTOCOL_VERSIONS.join(", ")}` } }, 400);
}
