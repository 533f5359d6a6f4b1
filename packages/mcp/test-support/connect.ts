import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** The client of the SDK, over HTTP. */
export async function connectHttp(url: string, token: string | undefined, fetch?: (url: string | URL, init?: RequestInit) => Promise<Response>): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers }, ...(fetch === undefined ? {} : { fetch }) });
  await client.connect(transport);
  return client;
}

export interface StdioProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The client of the SDK, over a process that it starts; closing the client ends it. */
export async function connectStdio({ command, args, env = {}, cwd }: StdioProgram): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StdioClientTransport({ command, args: [...args], env: { ...env }, stderr: "ignore", ...(cwd === undefined ? {} : { cwd }) }));
  return client;
}
