import type { JSONRPCNotification, JSONRPCRequest, RequestId } from "@modelcontextprotocol/sdk/types.js";
import { parseAnswerJson, stringifyJson, toRemoteError } from "@omnigraphdb/api-types";
import { type FetchLike, patientFetch } from "@omnigraphdb/client";
import type { Logger } from "@omnigraphdb/common";
import { readMessage, TOO_LONG } from "../rpc/message.js";
import { RPC_CODES } from "../rpc/rpc-error.js";
import type { ListedTool } from "../tool.js";
import { compatibleListings, servedName } from "../tools/compatibility-tools.js";
import { readLines, type StdioStreams } from "./streams.js";

export interface McpEndpointAddress {
  /** Of the endpoint itself. */
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch?: FetchLike | undefined;
  readonly signal: AbortSignal;
}

/**
 * Whether a server answers MCP at the address.
 *
 * @returns false where it has no such route
 * @throws RemoteError for every other refusal, such as a token that is not known or a graph that is not served
 */
export async function findMcpEndpoint(address: McpEndpointAddress): Promise<boolean> {
  const response = await post(address, { jsonrpc: "2.0", id: 0, method: "ping" }, {}, address.signal);
  const text = await response.text();
  if (response.ok) return true;
  const envelope = parsedOrUndefined(text);
  if ((response.status === 404 || response.status === 405) && !isEnvelope(envelope)) return false;
  throw toRemoteError(response.status, response.headers, envelope);
}

/**
 * Carries messages between a client over stdio and the endpoint of a server, until the client closes its end (server.md 12.1). The tools
 * of the released stdio package are added to the list where the server has what they stand for.
 */
export async function forwardStdio(address: McpEndpointAddress, streams: StdioStreams, logger: Pick<Logger, "warn">): Promise<void> {
  const forwarder = new Forwarder(address, streams, logger);
  for await (const line of readLines(streams.input)) await forwarder.receive(line);
  await forwarder.settled();
}

class Forwarder {
  readonly #address: McpEndpointAddress;
  readonly #streams: StdioStreams;
  readonly #logger: Pick<Logger, "warn">;
  readonly #running = new Map<RequestId, AbortController>();
  readonly #pending = new Set<Promise<void>>();
  #protocolVersion: string | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(address: McpEndpointAddress, streams: StdioStreams, logger: Pick<Logger, "warn">) {
    this.#address = address;
    this.#streams = streams;
    this.#logger = logger;
  }

  /** @throws what writing failed with, before */
  async receive(line: Uint8Array | null): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const incoming = line === null ? TOO_LONG : readMessage(line);
    if (incoming.kind === "refused") return this.#write(stringifyJson(incoming.answer));
    if (incoming.kind === "notification") this.#note(incoming.message);
    if (incoming.kind === "request") this.#start(incoming.message);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#pending);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Nothing of a session is kept at the server, so nothing of it is told there. */
  #note({ method, params }: JSONRPCNotification): void {
    if (method === "notifications/cancelled") this.#running.get(params?.["requestId"] as RequestId)?.abort();
  }

  #start(request: JSONRPCRequest): void {
    const controller = new AbortController();
    this.#running.set(request.id, controller);
    const run = this.#answer(request, controller.signal)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running.delete(request.id);
        this.#pending.delete(run);
      });
    this.#pending.add(run);
  }

  async #answer(request: JSONRPCRequest, cancelled: AbortSignal): Promise<void> {
    let text: string;
    try {
      text = await this.#ask(request, cancelled);
    } catch (error) {
      if (cancelled.aborted) return;
      if (this.#address.signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : "unknown";
      this.#logger.warn("the server did not answer", { method: request.method, reason });
      text = stringifyJson({ jsonrpc: "2.0", id: request.id, error: { code: RPC_CODES.internal, message: `the server did not answer: ${reason}` } });
    }
    await this.#write(text);
  }

  async #ask(request: JSONRPCRequest, cancelled: AbortSignal): Promise<string> {
    const headers: Record<string, string> = this.#protocolVersion === undefined ? {} : { "mcp-protocol-version": this.#protocolVersion };
    const response = await post(this.#address, asServed(request), headers, AbortSignal.any([this.#address.signal, cancelled]));
    const text = await response.text();
    if (!response.ok) {
      const { message, hint } = toRemoteError(response.status, response.headers, parsedOrUndefined(text));
      return stringifyJson({ jsonrpc: "2.0", id: request.id, error: { code: RPC_CODES.internal, message: hint === undefined ? message : `${message}. ${hint}` } });
    }
    const { method } = request;
    if (method !== "initialize" && method !== "tools/list") return text;
    const answer = parseAnswerJson(text) as { readonly result?: { readonly protocolVersion?: string; readonly tools?: readonly ListedTool[] } };
    this.#protocolVersion = answer.result?.protocolVersion ?? this.#protocolVersion;
    const tools = answer.result?.tools;
    return tools === undefined ? text : stringifyJson({ ...answer, result: { ...answer.result, tools: [...tools, ...compatibleListings(tools)] } });
  }

  #write(text: string): Promise<void> {
    // Line ends of a JSON text stand between its tokens.
    return this.#streams.write(`${text.replace(/[\r\n]+/g, " ")}\n`);
  }
}

function asServed(request: JSONRPCRequest): JSONRPCRequest {
  const name = request.params?.["name"];
  return request.method === "tools/call" && typeof name === "string" ? { ...request, params: { ...request.params, name: servedName(name) } } : request;
}

function post({ url, token, fetch = patientFetch }: McpEndpointAddress, message: object, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    body: stringifyJson(message),
    signal,
    // A token is not taken to another place.
    redirect: "manual",
  });
}

function parsedOrUndefined(text: string): unknown {
  try {
    return parseAnswerJson(text);
  } catch {
    return undefined;
  }
}

function isEnvelope(body: unknown): boolean {
  return typeof body === "object" && body !== null && "error" in body;
}
