import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { stringifyJson } from "@omnigraphdb/api-types";
import { createMcpServer, type McpServerOptions } from "../rpc/mcp-server.js";
import { readMessage, TOO_LONG } from "../rpc/message.js";
import { readLines, type StdioStreams } from "./streams.js";

/** Answers a client over stdio until it closes its end; requests that came before are answered first. */
export async function serveStdio(options: McpServerOptions, streams: StdioStreams): Promise<void> {
  const server = createMcpServer(options);
  const transport = new LineTransport(streams);
  await server.connect(transport);
  try {
    for await (const line of readLines(streams.input)) await transport.receive(line);
    await transport.settled();
  } finally {
    await server.close();
  }
}

class LineTransport implements Transport {
  onmessage?: NonNullable<Transport["onmessage"]>;
  onclose?: () => void;
  readonly #streams: StdioStreams;
  /** Requests without an answer yet. */
  readonly #open = new Set<string | number>();
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(streams: StdioStreams) {
    this.#streams = streams;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** @throws what writing failed with, before */
  async receive(line: Uint8Array | null): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const incoming = line === null ? TOO_LONG : readMessage(line);
    if (incoming.kind === "refused") return this.#write(incoming.answer);
    if (incoming.kind === "request") this.#open.add(incoming.message.id);
    // A request that is taken back has no answer.
    if (incoming.kind === "notification" && incoming.message.method === "notifications/cancelled") this.#close(incoming.message.params?.["requestId"]);
    this.onmessage?.(incoming.message);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    try {
      await this.#write(message);
    } catch (error) {
      this.#failure ??= { error };
    }
    if ("id" in message) this.#close(message.id);
  }

  /** When every request has been answered. @throws what writing failed with */
  async settled(): Promise<void> {
    while (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  close(): Promise<void> {
    this.onclose?.();
    return Promise.resolve();
  }

  #write(message: object): Promise<void> {
    return this.#streams.write(`${stringifyJson(message)}\n`);
  }

  #close(id: unknown): void {
    this.#open.delete(id as string | number);
    this.#wake();
  }
}
