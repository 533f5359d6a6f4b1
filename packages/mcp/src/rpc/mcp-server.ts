import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import type { Logger } from "@omnigraphdb/common";
import type { ToolArguments } from "../arguments/check-arguments.js";
import type { Catalogue } from "../catalogue.js";
import { DEFAULT_PROTOCOL_VERSION, hasStructuredContent, negotiatedVersion } from "./protocol-version.js";
import { internalError, invalidParams, RPC_CODES, RpcError } from "./rpc-error.js";

export interface McpServerOptions {
  readonly catalogue: Catalogue;
  /** Of OmniGraph. */
  readonly version: string;
  /** Spoken until `initialize` settles another one. */
  readonly protocolVersion?: string;
  readonly logger: Pick<Logger, "error">;
}

const CAPABILITIES = { tools: { listChanged: false }, resources: { subscribe: false, listChanged: false } };

const INSTRUCTIONS =
  "OmniGraph is a typed property graph with branches and atomic commits. Call schema_get before you write a query or records. " +
  "Each tool of a stored query says what it answers; prefer one to a query of your own. " +
  "To change much, or what somebody should look at first, write to a branch, compare with diff, and merge it.";

/** Elicitation is what the SDK would validate with it, and there is none here; its default takes milliseconds to make. */
const NO_VALIDATOR = {
  getValidator: () => {
    throw new Error("no JSON schema of a client is ever validated");
  },
};

/**
 * The methods of server.md 12.3 over a catalogue, for any transport of the SDK. Messages, ids, cancellation and `ping` are the SDK's;
 * everything else comes here as it was sent, because versions and error objects are ours.
 */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- the other class takes zod schemas, and its own versions and error texts
export function createMcpServer(options: McpServerOptions): Server {
  const session = new Session(options);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  const server = new Server({ name: "omnigraph", version: options.version }, { capabilities: CAPABILITIES, jsonSchemaValidator: NO_VALIDATOR });
  server.removeRequestHandler("initialize");
  server.fallbackRequestHandler = async (request, { signal }) => {
    try {
      return { ...(await session.answer(request, signal)) };
    } catch (error) {
      if (error instanceof RpcError) throw error;
      options.logger.error("MCP request failed", { method: request.method, reason: error instanceof Error ? error.message : "unknown" });
      throw internalError();
    }
  };
  return server;
}

class Session {
  readonly #options: McpServerOptions;
  #protocolVersion: string;

  constructor(options: McpServerOptions) {
    this.#options = options;
    this.#protocolVersion = options.protocolVersion ?? DEFAULT_PROTOCOL_VERSION;
  }

  async answer({ method, params = {} }: JSONRPCRequest, signal: AbortSignal): Promise<object> {
    const { catalogue } = this.#options;
    switch (method) {
      case "initialize":
        return this.#initialize(params);
      case "tools/list":
        return { tools: await catalogue.listTools(signal) };
      case "tools/call":
        return catalogue.callTool(textOf(params, "name"), argumentsOf(params), hasStructuredContent(this.#protocolVersion), signal);
      case "resources/list":
        return { resources: catalogue.listResources() };
      case "resources/templates/list":
        return { resourceTemplates: [] };
      case "resources/read":
        return { contents: [await catalogue.readResource(textOf(params, "uri"), signal)] };
      case "prompts/list":
        return { prompts: [] };
      default:
        throw new RpcError(RPC_CODES.unknownMethod, "method not found");
    }
  }

  #initialize(params: Readonly<Record<string, unknown>>): object {
    this.#protocolVersion = negotiatedVersion(textOf(params, "protocolVersion"));
    return { protocolVersion: this.#protocolVersion, capabilities: CAPABILITIES, serverInfo: { name: "omnigraph", version: this.#options.version }, instructions: INSTRUCTIONS };
  }
}

function textOf(params: Readonly<Record<string, unknown>>, name: string): string {
  const value = params[name];
  if (typeof value !== "string") throw invalidParams(`'${name}' must be a string`);
  return value;
}

function argumentsOf(params: Readonly<Record<string, unknown>>): ToolArguments {
  const value = params["arguments"] ?? {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidParams("'arguments' must be an object");
  return value as ToolArguments;
}
