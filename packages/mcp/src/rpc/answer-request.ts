import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { throwIfAborted } from "@omnigraphdb/common";
import { createMcpServer, type McpServerOptions } from "./mcp-server.js";

/**
 * Answers one request on its own: no session, nothing is kept (server.md 12.2.1).
 *
 * @throws CancelledError when the caller goes away first
 */
export async function answerRequest(request: JSONRPCRequest, options: McpServerOptions, signal: AbortSignal): Promise<JSONRPCMessage> {
  throwIfAborted(signal, "an MCP request");
  const server = createMcpServer(options);
  const transport = new SingleAnswer();
  const abort = (): void => void server.close();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await server.connect(transport);
    transport.onmessage?.(request);
    const answer = await transport.answer;
    throwIfAborted(signal, "an MCP request");
    return answer as JSONRPCMessage;
  } finally {
    signal.removeEventListener("abort", abort);
    await server.close();
  }
}

/** Takes the one message that answers a request; undefined when it is closed before. */
class SingleAnswer implements Transport {
  onmessage?: NonNullable<Transport["onmessage"]>;
  onclose?: () => void;
  readonly answer: Promise<JSONRPCMessage | undefined>;
  #settle: (message: JSONRPCMessage | undefined) => void = () => undefined;

  constructor() {
    this.answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    this.#settle(message);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#settle(undefined);
    this.onclose?.();
    return Promise.resolve();
  }
}
