import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface ScriptedServer {
  /** Of its only graph. */
  readonly baseUrl: string;
  readonly origin: string;
  /** What it was asked, in order: `METHOD path`. */
  readonly requests: readonly string[];
  /** Headers of the request of that number. */
  headersOf(index: number): IncomingMessage["headers"];
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server that answers as a test says, request by request; the last answer stands for all further ones. */
export async function startScriptedServer(...answers: readonly Answer[]): Promise<ScriptedServer> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    const answer = answers[Math.min(seen.length, answers.length) - 1];
    answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    baseUrl: `${origin}/graphs/g`,
    origin,
    get requests() {
      return seen.map(({ method = "", url = "" }) => `${method} ${url}`);
    },
    headersOf: (index) => seen[index]?.headers ?? {},
  };
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}
